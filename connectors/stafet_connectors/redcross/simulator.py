"""Red Cross as a process of its own: takes signed webhooks, decides, answers, and writes down what it saw.

`POST /webhook` (HTTPS). After a notice it accepts or rejects; after the content it starts and completes,
each only when the hub has acknowledged the one before. Some persons withdraw their consent: before they are
accepted, or after the content came. What it decides, it decides by the seed and the facts of the notice. Its
whole state is its record, from which it goes on after being killed.
Needs below `<home>/simulators/redcross`: webhook_private, hub_webhook_public, tls_key.pem,
tls_certificate.pem, identifiers.toml (`source`).
A status (an answer of ours was of no use) is written down and changes nothing: a person would look at it.
A withdrawal or erasure is written down, too.
Record lines: listening, received, status, withdrawal, erasure, fault, refused, inversion, answering,
answer_held, answered, answered_again, withdrawing and withdrawn.
"""

import asyncio
import hashlib
import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stafet_connectors.redcross import mapping
from stafet_connectors.redcross.simulator_faults import faulty, read_faults
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE, NotCloudEventError, PartnerEvent, build, parse
from stafet_sdk.contract import Reply
from stafet_sdk.errors import DeliveryError, NeedsAction, Retriable
from stafet_sdk.replies import judge_status
from stafet_sdk.server import serve
from stafet_sdk.simulator import Record, SimulatorOptions, pauses, post, read_identifiers, trusting_client

REJECTED_SHARE: Final = 0.15
TWICE_SHARE: Final = 0.1
SLOW_S: Final = 20.0
SENDERS: Final = 8
WITHDRAWN: Final = "withdrawn"

_PARTS: Final = {kind: part for part, kind in mapping.TYPES.items()}
_KINDS: Final = {rung: kind for kind, rung in (mapping.ANSWERS | mapping.CONSENTS).items()}
_REASONS: Final = (
    "no_capacity",
    "insufficient_information",
    "outside_mandate",
    "person_declined",
    "not_reachable",
)
_HUBS: Final = frozenset({mapping.REFERRAL, mapping.PERSON})


class RedcrossSimulator:
    """What Red Cross knows and does; everything it must remember is in `record`."""

    def __init__(self, options: SimulatorOptions, client: httpx.AsyncClient, record: Record) -> None:
        self._options = options
        self._client = client
        self._record = record
        self._private = (options.own / "webhook_private").read_text(encoding="ascii")
        self._hub_public = (options.own / "hub_webhook_public").read_text(encoding="ascii")
        self._source = read_identifiers(options)["source"]
        self._faults = read_faults(options.faults)
        self._faulted: set[str] = set()
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        entries = list(record.of("received"))
        self._deliveries = {
            str(entry["delivery"])
            for entry in (*entries, *record.of("status"), *record.of("withdrawal"), *record.of("erasure"))
        }
        self._parts = {(str(entry["referral"]), str(entry["part"])) for entry in entries}
        self._facts = {
            str(entry["referral"]): entry["facts"] for entry in entries if entry["part"] == "notice"
        }
        said = *record.of("answering"), *record.of("withdrawing")
        self._offered = {(str(entry["referral"]), str(entry["rung"])) for entry in said}
        # Whatever the hub said for good, also a refusal, is not said again.
        heard = *record.of("answered"), *record.of("withdrawn")
        self._answered = {(str(entry["referral"]), str(entry["rung"])): entry["status"] for entry in heard}
        self._sequence = len(entries)
        for referral in sorted({referral for referral, _ in self._parts}):
            self._wake(referral)

    def app(self) -> Starlette:
        """Make the ASGI application that the hub talks to."""
        return Starlette(routes=[Route("/webhook", self._webhook, methods=["POST"])])

    async def work(self) -> None:
        """Send the answers that are due, for ever: in order for each referral, several referrals at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(SENDERS):
                group.create_task(self._sender())

    async def _webhook(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        try:
            delivery = webhooks.verify(self._hub_public, headers, body, datetime.now(UTC))
            event = parse(headers.get("content-type", ""), body)
        except (webhooks.WebhookRefusedError, NotCloudEventError) as error:
            self._record.add("refused", code=error.code)
            return JSONResponse(
                {"code": error.code}, 401 if isinstance(error, webhooks.WebhookRefusedError) else 400
            )
        part = _PARTS.get(event.type)
        about = _about(part, event)
        if part is None or not isinstance(about, str) or event.id != delivery:
            self._record.add("refused", code="invalid")
            return JSONResponse({"code": "invalid"}, 422)
        fault = self._fault(delivery)
        if fault is not None and fault != "slow":
            return faulty(fault, first=random.Random(delivery).random() < 0.5)
        if part in mapping.RECALLS:
            self._be_recalled(delivery, part, event)
        elif part == "status":
            self._be_told(delivery, about, event)
        else:
            self._receive(delivery, part, about, event)
        if fault == "slow":
            await asyncio.sleep(SLOW_S)
        return JSONResponse({"message": "received"})

    def _fault(self, delivery: str) -> str | None:
        """Choose the fault of a delivery's first attempt; later attempts go well."""
        if delivery in self._faulted or delivery in self._deliveries:
            return None
        self._faulted.add(delivery)
        for script, percent in self._faults.items():
            if self._chance(script, delivery) * 100 < percent:
                self._record.add("fault", script=script, delivery=delivery)
                return script
        return None

    def _receive(self, delivery: str, part: str, referral: str, event: PartnerEvent) -> None:
        repeated = delivery in self._deliveries
        if not repeated and part == "content" and (referral, "accepted") not in self._offered:
            why = "before_accept" if (referral, "notice") in self._parts else "before_notice"
            self._record.add("inversion", referral=referral, delivery=delivery, part=part, why=why)
        self._sequence += 1
        self._record.add(
            "received",
            delivery=delivery,
            part=part,
            referral=referral,
            repeated=repeated,
            groups_seen=" ".join(sorted(event.data)),
            facts=_digest(event) if part == "notice" else None,
            sequence=self._sequence,
        )
        self._deliveries.add(delivery)
        self._parts.add((referral, part))
        if part == "notice":
            self._facts[referral] = _digest(event)
        self._wake(referral)

    def _be_told(self, delivery: str, message: str, event: PartnerEvent) -> None:
        self._record.add(
            "status",
            delivery=delivery,
            message=message,
            rung=_said(event, mapping.RUNG),
            reason=_said(event, mapping.REASON),
            problems=_said(event, mapping.PROBLEMS),
            repeated=delivery in self._deliveries,
        )
        self._deliveries.add(delivery)

    def _be_recalled(self, delivery: str, part: str, event: PartnerEvent) -> None:
        self._record.add(
            part,
            delivery=delivery,
            referrals=_said(event, mapping.REFERRALS),
            groups=_said(event, mapping.GROUPS),
            repeated=delivery in self._deliveries,
        )
        self._deliveries.add(delivery)

    def _wake(self, referral: str) -> None:
        if referral in self._busy:
            self._again.add(referral)
            return
        self._busy.add(referral)
        self._due.put_nowait(referral)

    async def _sender(self) -> None:
        while True:
            referral = await self._due.get()
            while (rung := self._next(referral)) is not None:
                await self._answer(referral, rung)
            self._busy.discard(referral)
            if referral in self._again:
                self._again.discard(referral)
                self._wake(referral)

    def _next(self, referral: str) -> str | None:
        """Say which answer is due, from what has come and what is said."""
        if (referral, "notice") not in self._parts:
            return None
        for rung in self._ladder(referral):
            if (referral, rung) not in self._answered:
                return rung
            if self._answered[referral, rung] != 202:
                return None
        return None

    def _ladder(self, referral: str) -> Iterator[str]:
        """Name what is to be said by now, in order. Who withdraws is taken in, before or after that word."""
        facts = str(self._facts[referral])
        chance = self._chance("withdrawal", facts) * 100
        early, late = chance < self._options.withdrawals / 2, chance < self._options.withdrawals
        if not late and self._chance("decision", facts) < REJECTED_SHARE:
            yield "rejected"
            return
        if early:
            yield WITHDRAWN
        yield "accepted"
        if (referral, "content") in self._parts:
            if late and not early:
                yield WITHDRAWN
            yield from ("in_progress", "completed")

    async def _answer(self, referral: str, rung: str) -> None:
        reason = None
        if rung == "rejected":
            reason = _REASONS[int(self._chance("reason", referral) * len(_REASONS))]
        # Written before the first byte leaves: the hub may send the content before we have read its 202.
        about_to, done = ("withdrawing", "withdrawn") if rung == WITHDRAWN else ("answering", "answered")
        if (referral, rung) not in self._offered:
            self._record.add(about_to, referral=referral, rung=rung)
            self._offered.add((referral, rung))
        event_id, body = self._event(referral, rung, reason)
        reply = await self._post(event_id, body)
        self._record.add(done, referral=referral, rung=rung, reason=reason, status=reply.status)
        self._answered[referral, rung] = reply.status
        if reply.status == 202 and self._chance("twice", event_id) < TWICE_SHARE:
            second = await self._post(event_id, body)
            same = _receipt(second) == _receipt(reply)
            self._record.add(
                "answered_again", referral=referral, rung=rung, status=second.status, same_receipt=same
            )

    def _event(self, referral: str, rung: str, reason: str | None) -> tuple[str, bytes]:
        """Make the answer: the same id and bytes whenever this answer is sent."""
        event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._source}/{referral}/{rung}"))
        data = {mapping.REFERRAL: referral}
        if rung != WITHDRAWN:
            data[mapping.REFERENCE] = "RK-" + hashlib.sha256(referral.encode()).hexdigest()[:10]
        if reason is not None:
            data[mapping.REASON] = reason
        return event_id, build(PartnerEvent(event_id, self._source, _KINDS[rung], data, subject=referral))

    async def _post(self, event_id: str, body: bytes) -> Reply:
        """Send until the hub takes it or refuses this very event; a new timestamp for each attempt."""
        refused: set[int] = set()
        for pause in pauses():
            reply = await self._attempt(event_id, body)
            wait = pause
            if reply is not None:
                try:
                    judge_status(reply)
                except (Retriable, NeedsAction) as error:
                    wait = pause if error.retry_after is None else error.retry_after
                    if isinstance(error, NeedsAction) and reply.status not in refused:
                        refused.add(reply.status)
                        self._record.add("answer_held", event=event_id, status=reply.status)
                except DeliveryError:
                    return reply
                else:
                    return reply
            await asyncio.sleep(wait)
        raise AssertionError("pauses never end")

    async def _attempt(self, event_id: str, body: bytes) -> Reply | None:
        headers = {"content-type": CONTENT_TYPE} | webhooks.sign(
            self._private, event_id, datetime.now(UTC), body
        )
        try:
            answer = await post(self._client, self._options.inbox, body, headers)
        except httpx.TransportError:
            return None
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    def _chance(self, what: str, about: str) -> float:
        return random.Random(f"{self._options.seed}/{what}/{about}").random()


async def run(options: SimulatorOptions) -> None:
    """Run until cancelled.

    Raises:
        OSError: a key file is missing or the port is in use.
    """
    record = Record(options.record)
    certificate, key = options.own / "tls_certificate.pem", options.own / "tls_key.pem"
    try:
        async with trusting_client(options.home) as client:
            simulator = RedcrossSimulator(options, client, record)
            async with serve(simulator.app(), options.host, options.port, certificate, key) as port:
                record.add("listening", port=port)
                await simulator.work()
    finally:
        record.close()


def _about(part: str | None, event: PartnerEvent) -> object:
    """Return the message (by id or receipt) or referral that an event is about; of a recall its own id."""
    if part in mapping.RECALLS:
        return event.id
    if part == "status":
        return event.data.get(mapping.MESSAGE, event.data.get(mapping.RECEIPT))
    return event.data.get(mapping.REFERRAL)


def _digest(event: PartnerEvent) -> str:
    """Tell referrals apart by what the sender said: ids that the hub makes are new in each run."""
    facts = {name: value for name, value in event.data.items() if name not in _HUBS}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _said(event: PartnerEvent, name: str) -> str | None:
    value = event.data.get(name)
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _receipt(reply: Reply) -> str | None:
    try:
        return str(json.loads(reply.body)["receipt"])
    except (ValueError, KeyError, TypeError):
        return None
