"""A laboratory: the agency's simulator as a process of its own, and a hub in miniature on a socket.

Everything below one folder: development keys, the partner's files, the simulator's record. Needs the extra
`services`. The hub in miniature accepts by `Reception` what the simulator sends to its inbox, or what it
fetches there, and pushes: all by the SDK's own transports.
"""

import asyncio
import json
import os
import ssl
import sys
import tomllib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route

from stafet_sdk.certification.reception import Reception
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import (
    Accepted,
    Answered,
    Fetched,
    Outbound,
    Outcome,
    Partner,
    Reply,
    Request,
    Waiting,
)
from stafet_sdk.delivering import deliver
from stafet_sdk.development import Development, furnishers
from stafet_sdk.draft import Release
from stafet_sdk.errors import DeliveryError, InboundRefused, MappingError
from stafet_sdk.freeports import free_port
from stafet_sdk.polling import polling
from stafet_sdk.server import Clients, client_certificate, serve
from stafet_sdk.sftpdrop import SftpDrop
from stafet_sdk.simulator import Entry, SimulatorOptions
from stafet_sdk.source import Source
from stafet_sdk.transport import HttpPush, Push

DEADLINE_S: Final = 3.0
"""How long an exchange may take here, where a hanging partner should not cost as much as at the hub."""
PATIENCE_S: Final = 30.0
UPLOAD_S: Final = 3.0
"""How long a file may look half uploaded here."""
FETCH_S: Final = 0.1
"""How often messages are fetched here, in place of the manifest's interval."""


class LabError(Exception):
    """The laboratory cannot be set up or the simulator did not do what it must; the message says what."""


Heard = Outcome | Answered | MappingError | DeliveryError
"""What became of a message from the agency, or of an attempt to fetch some."""


@dataclass(slots=True)
class Lab:
    """One simulator with one hub in miniature; `heard` is what became of all that the agency said."""

    subject: Subject
    home: Path
    partner: Partner
    port: int
    hub_url: str
    push: Push
    reception: Reception
    cursor: str = ""
    heard: list[Heard] = field(default_factory=list["Heard"])
    shelf: dict[str, Release] = field(default_factory=dict[str, Release])

    async def deliver(self, release: Release) -> DeliveryError | None:
        """Send a release once; return what came of it, None if the agency took it."""
        connector = self.subject.connector
        try:
            await deliver(self._worded(release), self.partner, connector=connector, push=self.push)
        except DeliveryError as error:
            return error
        return None

    def _worded(self, release: Release) -> Outbound:
        """Word a release, or that it waits to be fetched."""
        connector, now = self.subject.connector, datetime.now(UTC)
        if isinstance(connector, Fetched) and connector.thin(release.part):
            self.shelf[release.delivery] = release
            waiting = Waiting(release.delivery, release.referral, release.part)
            return connector.notify(waiting, self.partner, now)
        return connector.from_hub(release, self.partner, now)

    async def hand_over(self, incoming: Incoming) -> Response:
        """Answer a request for what waits as dispatch would."""
        connector, now, reply = self.subject.connector, datetime.now(UTC), Reply(404, {}, b"")
        request = Request(incoming.method, str(incoming.url), dict(incoming.headers), await incoming.body())
        if isinstance(connector, Fetched):
            try:
                fetch = connector.read_fetch(request, self.partner, now)
                release = self.shelf[fetch.delivery]
            except InboundRefused as refused:
                reply = connector.reply(refused, request, self.partner, now)
            except KeyError:
                unknown = InboundRefused("unknown_delivery", "nothing of this id waits here", status=404)
                reply = connector.reply(unknown, request, self.partner, now)
            else:
                reply = connector.hand_over(release, fetch, request, self.partner, now)
        return Response(reply.body, reply.status, dict(reply.headers))

    def options(self, faults: Sequence[str] = (), *, referrals: int = 0) -> SimulatorOptions:
        """Say how the simulator is to run."""
        return SimulatorOptions(
            agency=self.subject.agency, home=self.home, hub_url=self.hub_url, port=self.port, seed=7,
            referrals=referrals, faults=tuple(faults),
        )  # fmt: skip

    @property
    def record(self) -> list[Entry]:
        """Read what the simulator wrote down so far."""
        file = self.options().record
        whole = file.read_bytes() if file.exists() else b""
        return [json.loads(line) for line in whole[: whole.rfind(b"\n") + 1].splitlines()]

    @asynccontextmanager
    async def simulator(self, options: SimulatorOptions) -> AsyncGenerator[asyncio.subprocess.Process]:
        """Run the simulator while the block runs; it listens when the block begins.

        Raises:
            LabError: it ended by itself, or does not listen in time.
        """
        listened = self._listenings()
        with (self.home / "simulator.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "stafet_sdk.certification.simulating", _worded(options),
                stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )  # fmt: skip
        try:
            await until(lambda: process.returncode is not None or self._listenings() > listened)
            if process.returncode is not None:
                raise LabError(f"the simulator ended with exit code {process.returncode}")
            async with self._collecting():
                yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    @asynccontextmanager
    async def _collecting(self) -> AsyncGenerator[None]:
        task = asyncio.create_task(self._collect())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _collect(self) -> None:
        """Fetch what the agency has to say, for ever, as the gateway's collector does."""
        source = source_of(self)
        while source is not None:
            try:
                batch = await source.fetch(self.cursor)
                self.heard += batch.refused
                outcomes = [self.accept(each) for each in batch.requests]
                await batch.settle(outcomes)
            except DeliveryError as error:
                self.heard.append(error)
            else:
                self.cursor = batch.cursor
            await asyncio.sleep(FETCH_S)

    def accept(self, request: Request) -> Outcome | Answered:
        """Accept a message and, the first time, find out what it means."""
        outcome = self.reception.accept(request, datetime.now(UTC))
        self.heard.append(outcome)
        if isinstance(outcome, Accepted) and not outcome.again:
            try:
                self.subject.connector.to_hub(request.body, self.partner)
            except MappingError as error:
                self.heard.append(error)
        return outcome

    def _listenings(self) -> int:
        return sum(entry["kind"] == "listening" for entry in self.record)

    async def take(self, incoming: Incoming) -> Response:
        """Answer a message to the inbox as the gateway would."""
        now, body = datetime.now(UTC), await incoming.body()
        shown = client_certificate(incoming.scope)
        request = Request(incoming.method, incoming.url.path, dict(incoming.headers), body, shown)
        outcome = self.accept(request)
        if isinstance(outcome, Answered):
            reply = outcome.reply
        else:
            reply = self.subject.connector.reply(outcome, request, self.partner, now)
        return Response(reply.body, reply.status, dict(reply.headers))


@asynccontextmanager
async def lab(subject: Subject, home: Path) -> AsyncGenerator[Lab]:
    """Set up a laboratory below an empty folder.

    Raises:
        LabError: the connector has no development files, or they are not what its manifest asks for.
    """
    port = free_port()
    development = Development(home, _endpoints(subject, port))
    development.write("pki", {"ca.pem": development.authority.cert_pem.bytes()})
    key, certificate = development.tls()
    development.write("hub", {"key.pem": key, "certificate.pem": certificate})
    furnish = furnishers().get(subject.agency)
    if furnish is None:
        raise LabError("no entry point in stafet.development makes its keys: offer `furnish`")
    furnish(development)
    partner = read_partner(subject, home)
    tls = ssl.create_default_context(cafile=str(home / "pki" / "ca.pem"))
    async with HttpPush(tls, deadline_s=DEADLINE_S) as http:
        by_files = subject.connector.manifest.transport == "sftp"
        push: Push = SftpDrop(_now, deadline_s=DEADLINE_S, patience_s=UPLOAD_S) if by_files else http
        made = Lab(subject, home, partner, port, "", push, Reception(subject.connector, partner))
        app = Starlette(
            routes=[
                Route("/agencies/{agency}/inbox", made.take, methods=["POST"]),
                Route("/agencies/{agency}/deliveries/{delivery}", made.hand_over, methods=["GET"]),
            ]
        )
        files = home / "hub" / "certificate.pem", home / "hub" / "key.pem"
        clients = Clients(home / "pki" / "ca.pem")
        async with serve(app, "127.0.0.1", 0, *files, clients=clients) as hub_port:
            made.hub_url = f"https://127.0.0.1:{hub_port}"
            yield made


def read_partner(subject: Subject, home: Path) -> Partner:
    """Read the hub's files about the agency.

    Raises:
        LabError: a file is missing.
    """
    folder = home / "partners" / subject.agency
    try:
        read: dict[str, Any] = tomllib.loads((folder / "partner.toml").read_text(encoding="utf-8"))
        keys = {name: (folder / name).read_bytes() for name in subject.connector.manifest.keys}
    except OSError as error:
        name = Path(str(error.filename)).name
        raise LabError(
            f"the development files of {subject.agency} lack {name}: its furnish must write it"
        ) from None
    return Partner(
        subject.agency,
        read["endpoint"],
        read.get("identifiers", {}),
        keys,
        egress=tuple(read.get("egress", ())),
        networks=tuple(read.get("networks", ())),
    )


def source_of(made: Lab) -> Source | None:
    """Say where messages are fetched; None if the agency sends them."""
    connector = made.subject.connector
    if isinstance(made.push, SftpDrop):
        return made.push.source(connector, made.partner)
    if connector.manifest.transport == "http-poll":
        return polling(made.push, _now)(connector, made.partner)
    return None


async def until(held: Callable[[], bool]) -> None:
    """Wait until something holds, for at most PATIENCE_S.

    Raises:
        LabError: it does not in time.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not held():  # noqa: ASYNC110 - what another process does sets no event here
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise LabError(f"the simulator did not do in {PATIENCE_S:.0f} s what it must") from None


def _now() -> datetime:
    return datetime.now(UTC)


def _endpoints(subject: Subject, port: int) -> dict[str, str]:
    scheme = "sftp" if subject.connector.manifest.transport == "sftp" else "https"
    others = dict.fromkeys(furnishers(), "https://127.0.0.1:9")
    return {**others, subject.agency: f"{scheme}://127.0.0.1:{port}"}


def _worded(options: SimulatorOptions) -> str:
    return json.dumps({**asdict(options), "home": str(options.home)})
