"""The Red Cross's system in a race: a bare HTTPS server that fetches, and records by itself what came."""

import asyncio
import json
import secrets
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx

from stafet_connectors.redcross import mapping
from stafet_connectors.redcross.fetching import ASKED, TAG
from stafet_sdk.httpsignatures import Message, sign
from stafet_sdk.simulator import SimulatorOptions, trusting_client
from tests.fakes.partner_server import read_request
from tests.faults.race_cases import BUSY, COMING_BACK, REFUSING, Case
from tests.walk.whole_hub import WholeHub

WAITING: Final = "waiting"
CONTENT: Final = "content"
PARTS: Final = {kind: part for part, kind in mapping.TYPES.items()} | {mapping.WAITING: WAITING}
GONE: Final = 410
Ask = Callable[[str], Awaitable[tuple[int, bytes]]]
"""Asks the hub once for a delivery; gives the status (0: nobody answers) and the body."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came: its part, its delivery id, and the referrals it is about."""

    part: str
    delivery: str
    referral: str


@dataclass(frozen=True, slots=True)
class Told:
    """The word that the content of a case waits, under the id of its delivery."""

    case: Case
    delivery: str


@dataclass
class RacePartner:
    """Answers by the temper of each case; `came` is called with each content, and each one refused."""

    cases: Mapping[str, Case]
    """By referral."""
    came: Callable[[Case], None]
    sets_out: Callable[[Case], None]
    """Called when it sets out to fetch."""
    hub_is_up: asyncio.Event
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    _busy: set[str] = field(default_factory=set[str])
    _withdrawn: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    def withdrawn(self, case: Case) -> None:
        """Note that the consent of a case is withdrawn for good."""
        self._ended(case.referral).set()

    def answer(self, body: bytes) -> tuple[int, Told | None]:
        """Take a message down; return the status, and what is to be fetched now."""
        event = json.loads(body)
        part, data = PARTS[event["type"]], event["data"]
        about = data[mapping.REFERRAL] if part == WAITING else " ".join(data.get(mapping.REFERRALS, ()))
        if part != WAITING:
            # Content is never sent: it would be an arrival that nobody fetched.
            self.arrivals.append(Arrival(part, event["id"], about))
            return 200, None
        case = self.cases[about]
        status = self._status(case)
        # A content that waits anew, after a consent, has another id than the first.
        return status, Told(case, event["id"]) if status == 200 else None

    async def fetch(self, told: Told, ask: Ask) -> None:
        """Fetch a content until the hub says anything for good; some come back when consent has ended."""
        self.sets_out(told.case)
        await self._until_heard(told.delivery, ask)
        if told.case.temper == COMING_BACK:
            await self._ended(told.case.referral).wait()
            await self._until_heard(told.delivery, ask)

    async def _until_heard(self, delivery: str, ask: Ask) -> None:
        while True:
            await self.hub_is_up.wait()
            status, body = await ask(delivery)
            if status == 200:
                event = json.loads(body)
                about = event["data"][mapping.REFERRAL]
                self.arrivals.append(Arrival(PARTS[event["type"]], event["id"], about))
                self.came(self.cases[about])
            if status in {200, GONE}:
                return
            await asyncio.sleep(0.01)

    def _status(self, case: Case) -> int:
        if case.temper == BUSY and case.referral not in self._busy:
            self._busy.add(case.referral)
            return 503
        if case.temper == REFUSING and not self._ended(case.referral).is_set():
            self.came(case)
            return 422
        return 200

    def _ended(self, referral: str) -> asyncio.Event:
        return self._withdrawn.setdefault(referral, asyncio.Event())


@asynccontextmanager
async def serving(partner: RacePartner, hub: WholeHub) -> AsyncGenerator[None]:
    """Serve where the hub expects the Red Cross, with the certificate that it trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = hub.home / "simulators" / "redcross"
    context.load_cert_chain(own / "tls_certificate.pem", own / "tls_key.pem")
    running: set[asyncio.Task[None]] = set()

    async with trusting_client(hub.home) as client:
        asker = Asker(hub, client)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            running.add(task)
            try:
                while True:
                    request = await read_request(reader)
                    status, fetched = partner.answer(request.partition(b"\r\n\r\n")[2])
                    writer.write(f"HTTP/1.1 {status} .\r\ncontent-length: 0\r\n\r\n".encode())
                    await writer.drain()
                    if fetched is not None:
                        fetching = asyncio.create_task(partner.fetch(fetched, asker.ask))
                        running.add(fetching)
                        fetching.add_done_callback(running.discard)
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


class Asker:
    """Signs and sends requests for deliveries."""

    def __init__(self, hub: WholeHub, client: httpx.AsyncClient) -> None:
        self._options = SimulatorOptions("redcross", hub.home, hub.gateway, 0)
        self._private = (self._options.own / "fetch_private").read_text(encoding="ascii")
        self._client = client

    async def ask(self, delivery: str) -> tuple[int, bytes]:
        """Ask once; 0 if nobody answers."""
        url = self._options.delivery(delivery)
        nonce = secrets.token_urlsafe(18)
        headers = sign(self._private, Message({}, "GET", url), ASKED, datetime.now(UTC), nonce=nonce, tag=TAG)
        try:
            answer = await self._client.get(url, headers=headers)
        except httpx.TransportError:
            return 0, b""
        return answer.status_code, answer.content
