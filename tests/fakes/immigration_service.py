"""The immigration service's simulator on a thread of its own, for tests that block."""

import asyncio
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from stafet_connectors.immigration import simulator
from stafet_sdk.simulator import SimulatorOptions
from tests.fakes.immigration_hub import SEED, ImmigrationHub, furnished

PATIENCE_S = 20.0


@dataclass(frozen=True)
class Service:
    """A running service; the paths are PEM files. `token` opens everything."""

    hub: ImmigrationHub
    url: str
    authority: Path
    certificate: tuple[Path, Path]
    token: str

    @property
    def authorised(self) -> dict[str, str]:
        """Give the header that lets a request in."""
        return {"authorization": f"Bearer {self.token}"}


def client(hub: ImmigrationHub, files: tuple[Path, Path] | None) -> httpx.Client:
    """Make a client that shows a certificate (certificate, key), or none."""
    trust = hub.trust()
    if files is not None:
        trust.load_cert_chain(*files)
    return httpx.Client(verify=trust, base_url=f"https://127.0.0.1:{hub.port}", trust_env=False)


def token_of(hub: ImmigrationHub, files: tuple[Path, Path], client_id: str | None = None) -> str:
    """Fetch a token with a certificate."""
    named = client_id or hub.partner.identifiers["client_id"]
    with client(hub, files) as asking:
        answer = asking.post("/oauth/token", data={"grant_type": "client_credentials", "client_id": named})
    answer.raise_for_status()
    return str(answer.json()["access_token"])


@contextmanager
def running(home: Path, *, referrals: int = 0) -> Generator[Service]:
    """Run a service below an empty folder while the block runs."""
    hub = furnished(home)
    folder = home / "partners" / "immigration"
    files = folder / "tls_certificate", folder / "tls_key"
    options = SimulatorOptions(
        "immigration", home, "https://127.0.0.1:9", port=hub.port, seed=SEED, referrals=referrals
    )
    loop = asyncio.new_event_loop()
    task = loop.create_task(simulator.run(options))
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    try:
        token = _first_token(hub, files)
        yield Service(hub, f"https://127.0.0.1:{hub.port}", home / "pki" / "ca.pem", files, token)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE_S)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    loop.run_until_complete(asyncio.wait([task]))


def _first_token(hub: ImmigrationHub, files: tuple[Path, Path]) -> str:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return token_of(hub, files)
        except (httpx.TransportError, ssl.SSLError):
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
