"""The Red Cross's system in a race: a bare HTTPS server that keeps its own record of what came."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from stafet_connectors.redcross import mapping
from tests.fakes.partner_server import read_request
from tests.faults.race_cases import BUSY, HOLDING, REFUSING, Case
from tests.walk.whole_hub import WholeHub

PARTS: Final = {kind: part for part, kind in mapping.TYPES.items()}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came: its part, its delivery id, and the referrals it is about."""

    part: str
    delivery: str
    referral: str


@dataclass
class RacePartner:
    """Answers by the temper of each case; `came` is called with each content, before its answer."""

    cases: Mapping[str, Case]
    """By referral."""
    came: Callable[[Case], None]
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    _busy: set[str] = field(default_factory=set[str])
    _withdrawn: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    def withdrawn(self, case: Case) -> None:
        """Note that the consent of a case is withdrawn for good."""
        self._holds(case.referral).set()

    async def answer(self, body: bytes) -> int:
        """Take a message down and answer it: content by the temper of its case, all else by 200."""
        event = json.loads(body)
        part, data = PARTS[event["type"]], event["data"]
        about = data[mapping.REFERRAL] if part == "content" else " ".join(data.get(mapping.REFERRALS, ()))
        self.arrivals.append(Arrival(part, event["id"], about))
        if part != "content":
            return 200
        case = self.cases[about]
        self.came(case)
        if case.temper == HOLDING:
            await self._holds(about).wait()
        return self._status(case)

    def _status(self, case: Case) -> int:
        if case.temper == BUSY and case.referral not in self._busy:
            self._busy.add(case.referral)
            return 503
        return 422 if case.temper == REFUSING else 200

    def _holds(self, referral: str) -> asyncio.Event:
        return self._withdrawn.setdefault(referral, asyncio.Event())


@asynccontextmanager
async def serving(partner: RacePartner, hub: WholeHub) -> AsyncGenerator[None]:
    """Serve where the hub expects the Red Cross, with the certificate that it trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = hub.home / "simulators" / "redcross"
    context.load_cert_chain(own / "tls_certificate.pem", own / "tls_key.pem")
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            while True:
                request = await read_request(reader)
                status = await partner.answer(request.partition(b"\r\n\r\n")[2])
                writer.write(f"HTTP/1.1 {status} .\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            running.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", hub.agency_ports["redcross"], ssl=context)
    try:
        yield
    finally:
        server.close()
        for each in tuple(running):
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
