"""What every agency simulator shares: options, its record on disk, a TLS server, a client that waits.

A simulator is a process of its own that speaks over sockets. Needs the extra `services` (uvicorn): connectors
do not import it.

Files, all below `home`: `pki/ca.pem` (development CA), `simulators/<agency>/` (what the agency itself holds:
its keys, the hub's public certificate, `identifiers.toml`), `<agency>/record.jsonl` (what it did and saw).
"""

import asyncio
import json
import ssl
import tomllib
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

Scalar = str | int | float | bool | None
Entry = Mapping[str, Scalar]

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0
LAST_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """How to run one simulator.

    `hub_url` is the hub's public base (`https://host:port`); `host` and `port` are where the agency listens
    (0 takes a free port); `faults` names scripts of the receiving side; `rate` is in messages per second,
    None is as fast as the hub answers; `withdrawals` is how many of a hundred persons withdraw consent;
    `receivers` are further agencies that it refers to; `fetch_url` is the hub's base for what the agency
    fetches, empty for the same. `drop_port` is where an agency that sends messages leaves files beside them,
    if it does; `documents` is how many of a hundred referrals it sends a file about.
    """

    agency: str
    home: Path
    hub_url: str
    port: int
    seed: int = 1
    referrals: int = 0
    faults: tuple[str, ...] = ()
    rate: float | None = None
    host: str = "127.0.0.1"
    withdrawals: int = 0
    receivers: tuple[str, ...] = ()
    fetch_url: str = ""
    drop_port: int | None = None
    documents: int = 0

    @property
    def inbox(self) -> str:
        """URL at the hub that this agency posts to."""
        return f"{self.hub_url.rstrip('/')}/agencies/{self.agency}/inbox"

    def delivery(self, delivery: str) -> str:
        """URL at the hub that this agency fetches a delivery from."""
        base = (self.fetch_url or self.hub_url).rstrip("/")
        return f"{base}/agencies/{self.agency}/deliveries/{delivery}"

    @property
    def own(self) -> Path:
        """Folder of what the agency itself holds."""
        return self.home / "simulators" / self.agency

    @property
    def record(self) -> Path:
        """File of what the agency did and saw."""
        return self.home / self.agency / "record.jsonl"


class Record:
    """Append-only JSON lines, flushed per line; holds ids and codes, never a value of a person.

    Opening reads what is there, so that a killed simulator goes on where it was; a torn last line is dropped.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.read_bytes() if path.exists() else b""
        kept = whole[: whole.rfind(b"\n") + 1]
        if kept != whole:
            path.write_bytes(kept)
        self._entries: list[Entry] = [json.loads(line) for line in kept.splitlines()]
        self._file = path.open("a", encoding="utf-8")

    @property
    def entries(self) -> Sequence[Entry]:
        """Everything recorded so far, oldest first."""
        return self._entries

    def add(self, kind: str, **facts: Scalar) -> None:
        """Append one line `{"kind": kind, ...facts, "at": ISO 8601 UTC}`."""
        entry: Entry = {"kind": kind, **facts, "at": datetime.now(UTC).isoformat()}
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._file.flush()
        self._entries.append(entry)

    def of(self, kind: str) -> Iterator[Entry]:
        """Entries of one kind, oldest first."""
        return (entry for entry in self._entries if entry["kind"] == kind)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def trusting_client(
    home: Path, *, timeout: float = 30.0, identity: tuple[Path, Path] | None = None
) -> httpx.AsyncClient:
    """Make a client that trusts the development CA only and follows no redirect; `timeout` in seconds.

    `identity` is the TLS certificate (chain) that it shows, and its key.
    """
    trust = ssl.create_default_context(cafile=str(home / "pki" / "ca.pem"))
    if identity is not None:
        trust.load_cert_chain(*identity)
    return httpx.AsyncClient(verify=trust, timeout=timeout, follow_redirects=False)


async def post(
    client: httpx.AsyncClient, url: str, content: bytes, headers: Mapping[str, str]
) -> httpx.Response:
    """POST; a simulator that is stopped in the middle lets the exchange end first, for at most LAST_S.

    A handshake that is cut off would leave its socket to the garbage collector.
    """
    return await _whole(client.post(url, content=content, headers=headers))


async def get(client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> httpx.Response:
    """GET, and end as `post` does."""
    return await _whole(client.get(url, headers=headers))


async def _whole(sending: Coroutine[None, None, httpx.Response]) -> httpx.Response:
    exchange = asyncio.create_task(sending)
    try:
        return await asyncio.shield(exchange)
    except asyncio.CancelledError:
        await asyncio.wait([exchange], timeout=LAST_S)
        exchange.cancel()
        await asyncio.gather(exchange, return_exceptions=True)
        raise


def pauses() -> Iterator[float]:
    """Endless back-off in seconds: doubling from FIRST_PAUSE to LONGEST_PAUSE."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


async def until_hub_answers(client: httpx.AsyncClient, options: SimulatorOptions) -> None:
    """Return as soon as anything answers HTTP at the hub's address; tries for ever, with back-off."""
    for pause in pauses():
        try:
            await client.get(options.hub_url)
        except httpx.TransportError:
            await asyncio.sleep(pause)
        else:
            return


def read_identifiers(options: SimulatorOptions) -> dict[str, str]:
    """Read `identifiers.toml` of the agency: flat strings such as `cvr`, `hub_cvr`, `agency_redcross`."""
    text = (options.own / "identifiers.toml").read_text(encoding="utf-8")
    return {name: str(value) for name, value in tomllib.loads(text).items()}
