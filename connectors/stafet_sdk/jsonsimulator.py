"""The system of an agency with plain JSON, made of its tables and samples: a process for `stafet simulate`.

`POST /stafet` (HTTPS) takes what the hub sends. After a notice it accepts or rejects, after the content it
starts and completes; each only when the hub has the word before. An agency that is polled says so at
`GET /stafet/messages`, others post to the hub's inbox. What it decides, it decides by the seed and the facts
of the notice; its messages are those of the samples. Its whole state is its record, from which it goes on
after being killed.
Needs below `<home>/simulators/<agency>` what `jsondevelopment` writes. Needs the extra `services`.
Record lines: listening, received, status, withdrawal, erasure, refused, fault, answering, answered.
"""

import asyncio
import hashlib
import random
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
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
from stafet_sdk.jsonconnector import JSON, MESSAGES, JsonPolled
from stafet_sdk.jsondevelopment import PATH
from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object
from stafet_sdk.replies import judge_status
from stafet_sdk.server import serve
from stafet_sdk.simulator import Record, SimulatorOptions, pauses, post, trusting_client

REJECTED_SHARE: Final = 0.15
SILENT_S: Final = 20.0
SENDERS: Final = 8
PAGE: Final = 20
LADDER: Final = ("accepted", "in_progress", "completed")

SCRIPTS: Final = {"busy": 100, "down": 100, "html": 100, "redirect": 100, "gone": 100, "silent": 100}
"""Strikes of the receiving side: the first attempt of a delivery, in percent."""
SENDING: Final = {"twice": 100, "forged": 100}
"""Strikes of the side that posts to the inbox; a polled agency has none."""
SPOILT: Final[Mapping[str, Callable[[], Response]]] = {
    "busy": lambda: JSONResponse({"code": "busy"}, 429, {"retry-after": "1"}),
    "down": lambda: JSONResponse({"code": "down"}, 503),
    "html": lambda: Response("<html><body>Velkommen</body></html>", media_type="text/html"),
    "redirect": lambda: Response(status_code=302, headers={"location": "/login"}),
    "gone": lambda: JSONResponse({"code": "gone"}, 410),
}


class Agency:
    """What it knows and does; everything it must remember is in the record."""

    def __init__(
        self, samples: JsonSamples, options: SimulatorOptions, client: httpx.AsyncClient, record: Record
    ) -> None:
        self._samples = samples
        self._words, self._door = samples.json.words, samples.json.door
        self._options, self._client, self._record = options, client, record
        self._polled = isinstance(samples.connector, JsonPolled)
        self._known = (options.own / (AT_AGENCY + self._door.known)).read_bytes()
        self._own = b"" if self._polled else (options.own / self._door.own).read_bytes()
        self._faults = read_faults(options.faults, SCRIPTS if self._polled else SCRIPTS | SENDING)
        self._parts = {kind: part for part, kind in self._words.parts.items()}
        self._struck: set[str] = set()
        self._had = {(str(each["referral"]), str(each["part"])) for each in record.of("received")}
        self._facts = {
            str(each["referral"]): str(each["facts"])
            for each in record.of("received")
            if each["part"] == "notice"
        }
        self._said = [(str(each["referral"]), str(each["rung"])) for each in record.of("answering")]
        self._answers = {
            (str(each["referral"]), str(each["rung"])): each["status"] for each in record.of("answered")
        }
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._locks: dict[str, asyncio.Lock] = {}
        for referral in self._facts:
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
            self._record.add("refused", code=error.code)
            return JSONResponse({"code": error.code}, error.status)
        delivery = str(said[self._words.name("id")])
        spoilt = await self._strike(delivery)
        if spoilt is not None:
            return spoilt
        referral = said.get(self._words.name("referral"))
        kind = "received" if part in {"notice", "content"} else part
        facts = self._digest(said) if part == "notice" else None
        self._record.add(
            kind, delivery=delivery, part=part, referral=str(referral) if referral else None, facts=facts
        )
        if kind == "received":
            self._had.add((str(referral), part))
            if facts is not None:
                self._facts.setdefault(str(referral), facts)
            self._due.put_nowait(str(referral))
        return JSONResponse({"message": "received"})

    async def _proven(self, incoming: Incoming) -> tuple[dict[str, object], str]:
        """Read a message of the hub's and the part that it is.

        Raises:
            InboundRefused: it is not proven, or not one of the agency's words.
        """
        request = Request("POST", PATH, dict(incoming.headers), await incoming.body())
        proven = self._door.check(request, self._known, datetime.now(UTC))
        try:
            said = read_object(request.body)
        except NotJsonObjectError as error:
            raise InboundRefused("malformed", str(error)) from None
        part = self._parts.get(str(said.get(self._words.name("type"))))
        if part is None or proven not in {None, said.get(self._words.name("id"))}:
            raise InboundRefused("invalid", "no message of ours", status=422)
        return said, part

    async def _strike(self, delivery: str) -> Response | None:
        """Spoil the first attempt of a delivery, where a script says so."""
        script = self._faults.striking(delivery, self._options.seed)
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
                while (rung := self._next(referral)) is not None:
                    await self._answer(referral, rung)

    def _next(self, referral: str) -> str | None:
        """Name the rung to be said now; none while the hub has not taken the one before."""
        for rung in self._ladder(referral):
            if (referral, rung) not in self._answers:
                return None if self._polled and (referral, rung) in self._said else rung
            if self._answers[referral, rung] != 202:
                return None
        return None

    def _ladder(self, referral: str) -> Iterator[str]:
        if referral not in self._facts:
            return
        said = self._samples.answers
        if "rejected" in said and self._chance("decision", self._facts[referral]) < REJECTED_SHARE:
            yield "rejected"
            return
        for rung in LADDER[: 3 if (referral, "content") in self._had else 1]:
            if rung in said:
                yield rung

    async def _answer(self, referral: str, rung: str) -> None:
        # Written before the first byte leaves: the hub may send the content before we have read its 202.
        if (referral, rung) not in self._said:
            self._record.add("answering", referral=referral, rung=rung)
            self._said.append((referral, rung))
        if self._polled:
            return
        message = self._message(referral, rung)
        if self._faults.strikes("forged", referral + rung, self._options.seed):
            await self._post(message, self._door.pair()[0], until_taken=False)
        status = await self._post(message, self._own)
        if self._faults.strikes("twice", referral + rung, self._options.seed):
            await self._post(message, self._own)
        self._record.add("answered", referral=referral, rung=rung, status=status)
        self._answers[referral, rung] = status

    def _message(self, referral: str, rung: str) -> dict[str, object]:
        """Make an answer out of its sample: the same id and bytes whenever it is said."""
        name = f"{self._options.agency}/{referral}/{rung}"
        own = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)), "referral": referral}
        return {**self._samples.answers[rung], **{self._words.name(each): own[each] for each in own}}

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
        body, message_id = write_object(message), str(message[self._words.name("id")])
        headers = {"content-type": JSON, **self._door.show(message_id, body, own, datetime.now(UTC))}
        try:
            answer = await post(self._client, self._options.inbox, body, headers)
        except httpx.TransportError:
            return None
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    async def _tell(self, incoming: Incoming) -> Response:
        """Answer the hub's question: what comes after the cursor. What lies before it has been taken."""
        request = Request("GET", PATH + MESSAGES, dict(incoming.headers), b"")
        try:
            self._door.check(request, self._known, datetime.now(UTC))
        except InboundRefused as error:
            self._record.add("refused", code=error.code)
            return JSONResponse({"code": error.code}, error.status)
        asked = incoming.query_params.get("after", "")
        after = min(int(asked), len(self._said)) if asked.isascii() and asked.isdigit() else 0
        for referral, rung in self._said[:after]:
            if (referral, rung) not in self._answers:
                self._record.add("answered", referral=referral, rung=rung, status=202)
                self._answers[referral, rung] = 202
                self._due.put_nowait(referral)
        items = [self._message(*each) for each in self._said[after : after + PAGE]]
        following = after + len(items)
        return JSONResponse({"items": items, "next": str(following), "more": following < len(self._said)})

    def _digest(self, said: Mapping[str, object]) -> str:
        """Tell referrals apart by what the sender said: ids that the hub makes are new in each run."""
        made = {self._words.name(each) for each in ("id", "referral", "person")}
        facts = {name: value for name, value in said.items() if name not in made}
        return hashlib.sha256(write_object(facts)).hexdigest()[:16]

    def _chance(self, what: str, about: str) -> float:
        drawn = random.Random(f"{self._options.seed}/{what}/{about}")  # noqa: S311 - a seeded simulation, no secret
        return drawn.random()


def simulator(samples: JsonSamples) -> Callable[[SimulatorOptions], Awaitable[None]]:
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
                agency = Agency(samples, options, client, record)
                async with serve(agency.app(), options.host, options.port, certificate, key) as port:
                    record.add("listening", port=port)
                    await agency.work()
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
