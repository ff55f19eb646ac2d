"""The system of an agency with plain JSON over HTTPS: a process for `stafet simulate` (see `jsonagency`).

`POST /stafet` takes what the hub sends. An agency that is polled says what it has to say at
`GET /stafet/messages`; others post to the hub's inbox.
Needs below `<home>/simulators/<agency>` what `jsondevelopment` writes. Needs the extra `services`.
Record lines, besides the agency's: listening, refused, fault.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stafet_sdk.certification.jsonsamples import JsonSamples
from stafet_sdk.contract import Reply, Request
from stafet_sdk.doors import AT_AGENCY
from stafet_sdk.errors import DeliveryError, InboundRefused, NeedsAction, Retriable
from stafet_sdk.faults import read_faults
from stafet_sdk.jsonagency import TAKEN, Agency
from stafet_sdk.jsonconnector import JSON
from stafet_sdk.jsondevelopment import PATH
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object
from stafet_sdk.jsonpolling import MESSAGES, JsonPolled
from stafet_sdk.jsonscripts import SCRIPTS, SENDING, SPOILT
from stafet_sdk.replies import judge_status
from stafet_sdk.server import serve
from stafet_sdk.simulator import Record, SimulatorOptions, pauses, post, trusting_client

SILENT_S: Final = 20.0
SENDERS: Final = 8
PAGE: Final = 20


class Desk:
    """Where the agency meets the hub."""

    @property
    def own_file(self) -> str:
        """Name the file of the agency's own secret."""
        return self._door.own

    def __init__(
        self, samples: JsonSamples, options: SimulatorOptions, client: httpx.AsyncClient, record: Record
    ) -> None:
        self._agency = Agency(samples, options, record)
        self.options, self._client, self._record = options, client, record
        self._door = samples.json.door
        self._polled = isinstance(samples.json, JsonPolled)
        self._known = (options.own / (AT_AGENCY + self._door.known)).read_bytes()
        self._own = b"" if self._polled else (options.own / self.own_file).read_bytes()
        self._faults = read_faults(options.faults, SCRIPTS if self._polled else SCRIPTS | SENDING)
        self._struck: set[str] = set()
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._locks: dict[str, asyncio.Lock] = {}
        for referral in self._agency.referrals:
            self._due.put_nowait(referral)

    def app(self) -> Starlette:
        """Make the ASGI application that the hub talks to."""
        routes = [Route(PATH, self._take, methods=["POST"])]
        if self._polled:
            routes.append(Route(PATH + MESSAGES, self._tell, methods=["GET"]))
        return Starlette(routes=routes)

    async def work(self) -> None:
        """Say what is due, for ever: in order for each referral, several referrals at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(SENDERS):
                group.create_task(self._answering())

    async def _take(self, incoming: Incoming) -> Response:
        try:
            said, part = await self._proven(incoming)
        except InboundRefused as error:
            return self._refused(error)
        spoilt = await self._strike(self._agency.delivery(said))
        if spoilt is not None:
            return spoilt
        referral = self._agency.receive(said, part)
        if referral is not None:
            self._due.put_nowait(referral)
        return self.taken()

    async def _proven(self, incoming: Incoming) -> tuple[dict[str, object], str]:
        """Read a message of the hub's and the part that it is.

        Raises:
            InboundRefused: it is not proven, or not one of the agency's words.
        """
        request = Request("POST", PATH, dict(incoming.headers), await incoming.body())
        said, proven = self.opened(request, self._known)
        part = self._agency.part(said)
        if part is None or proven not in {None, self._agency.delivery(said)}:
            raise InboundRefused("invalid", "no message of ours", status=422)
        return said, part

    def opened(self, request: Request, known: bytes) -> tuple[dict[str, object], str | None]:
        """Read a message of the hub's, with its id if that is proven.

        Raises:
            InboundRefused: it is not proven, or not whole.
        """
        proven = self._door.check(request, known, datetime.now(UTC))
        try:
            return read_object(request.body), proven
        except NotJsonObjectError as error:
            raise InboundRefused("malformed", str(error)) from None

    def closed(self, message: dict[str, object], own: bytes) -> tuple[bytes, dict[str, str]]:
        """Write a message with the headers that go with it, proven by a secret."""
        body = write_object(message)
        proof = self._door.show(self._agency.delivery(message), body, own, datetime.now(UTC))
        return body, {"content-type": JSON, **proof}

    def taken(self) -> Response:
        """Answer that a message was taken."""
        return JSONResponse({"message": "received"})

    def stranger(self) -> bytes:
        """Give the secret of somebody whom the hub does not know."""
        return self._door.pair()[0]

    async def _strike(self, delivery: str) -> Response | None:
        """Spoil the first attempt of a delivery, where a script says so."""
        script = self._faults.striking(delivery, self.options.seed)
        if script is None or script in SENDING or delivery in self._struck:
            return None
        self._struck.add(delivery)
        self._record.add("fault", script=script, delivery=delivery)
        if script == "silent":
            await asyncio.sleep(SILENT_S)
            return JSONResponse({"code": "late"}, 503)
        return SPOILT[script]()

    async def _answering(self) -> None:
        while True:
            referral = await self._due.get()
            async with self._locks.setdefault(referral, asyncio.Lock()):
                while (rung := self._agency.next(referral)) is not None:
                    message = self._agency.say(referral, rung)
                    if self._polled:
                        break
                    self._agency.hear(referral, rung, await self._send(message))

    async def _send(self, message: dict[str, object]) -> int:
        """Send an answer as the scripts have it; return the status."""
        delivery, seed = self._agency.delivery(message), self.options.seed
        if self._faults.strikes("forged", delivery, seed):
            await self._post(message, self.stranger(), until_taken=False)
        status = await self._post(message, self._own)
        if self._faults.strikes("twice", delivery, seed):
            await self._post(message, self._own)
        return status

    async def _post(self, message: dict[str, object], own: bytes, *, until_taken: bool = True) -> int:
        """Send until the hub takes it or refuses it for good, proven anew each time; return the status."""
        for pause in pauses():
            reply = await self._attempt(message, own)
            wait = pause if reply is None else _wait_s(reply, pause)
            if reply is not None and (wait is None or not until_taken):
                return reply.status
            await asyncio.sleep(wait or pause)
        raise AssertionError("pauses never end")

    async def _attempt(self, message: dict[str, object], own: bytes) -> Reply | None:
        body, headers = self.closed(message, own)
        try:
            answer = await post(self._client, self.options.inbox, body, headers)
        except httpx.TransportError:
            return None
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    async def _tell(self, incoming: Incoming) -> Response:
        """Answer the hub's question: what comes after the cursor. What lies before it has been taken."""
        request = Request("GET", PATH + MESSAGES, dict(incoming.headers), b"")
        try:
            self._door.check(request, self._known, datetime.now(UTC))
        except InboundRefused as error:
            return self._refused(error)
        said, asked = self._agency.said, incoming.query_params.get("after", "")
        after = min(int(asked), len(said)) if asked.isascii() and asked.isdigit() else 0
        for referral, rung in [each for each in said[:after] if each not in self._agency.heard]:
            self._agency.hear(referral, rung, TAKEN)
            self._due.put_nowait(referral)
        items = [self._agency.say(*each) for each in said[after : after + PAGE]]
        following = after + len(items)
        return JSONResponse({"items": items, "next": str(following), "more": following < len(said)})

    def _refused(self, error: InboundRefused) -> Response:
        self._record.add("refused", code=error.code)
        return JSONResponse({"code": error.code}, error.status)


def simulator(samples: JsonSamples, desk: type[Desk] = Desk) -> Callable[[SimulatorOptions], Awaitable[None]]:
    """Make what the entry point in the group `stafet.simulators` offers."""

    async def run(options: SimulatorOptions) -> None:
        """Run until cancelled.

        Raises:
            OSError: a key file is missing or the port is in use.
            ValueError: an unknown fault script.
        """
        record = Record(options.record)
        certificate, key = options.own / "tls_certificate.pem", options.own / "tls_key.pem"
        try:
            async with trusting_client(options.home) as client:
                front = desk(samples, options, client, record)
                async with serve(front.app(), options.host, options.port, certificate, key) as port:
                    record.add("listening", port=port)
                    await front.work()
        finally:
            record.close()

    return run


def _wait_s(reply: Reply, pause: float) -> float | None:
    """Say how long to wait before the message is sent again; None if this answer is the last word."""
    try:
        judge_status(reply)
    except (Retriable, NeedsAction) as error:
        return error.retry_after or pause
    except DeliveryError:
        return None
    return None
