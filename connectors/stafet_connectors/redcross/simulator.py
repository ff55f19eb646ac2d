"""Red Cross as a process of its own: takes signed webhooks, fetches, answers, refers; keeps a record.

`POST /webhook` (HTTPS). After a notice it accepts or rejects; when it is told that the content waits it
fetches that, then starts and completes, each only when the hub has acknowledged the one before. Some persons
withdraw their consent: before they are accepted, or after the content came. What it decides, it decides by
the seed and the facts of the notice. If asked, it refers people of its own. Its whole state is its record,
from which it goes on after being killed.
Needs below `<home>/simulators/redcross`: webhook_private (and webhook_private_next for the script rotation),
hub_webhook_public, fetch_private, hub_fetch_public, tls_key.pem, tls_certificate.pem, identifiers.toml.
A status (what became of an answer or a referral of ours) is written down and changes nothing: a person would
look at it. A withdrawal, erasure or alert is written down, too.
Record lines: listening, received, notified, gone, fetch_held, status, withdrawal, erasure, alert, fault,
refused, inversion, answering, answer_held, answered, answered_again, withdrawing, withdrawn, referring,
referred; and of the scripts skewed, conflict and early.
"""

import asyncio
import hashlib
import json
import random
from datetime import UTC, datetime
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stafet_connectors.redcross import mapping
from stafet_connectors.redcross.simulator_answers import Answers
from stafet_connectors.redcross.simulator_faults import KNOWN, SENDING, SLOW, SLOW_S, faulty
from stafet_connectors.redcross.simulator_fetching import Fetcher
from stafet_connectors.redcross.simulator_mail import Mail
from stafet_connectors.redcross.simulator_memory import Memory
from stafet_connectors.redcross.simulator_referrals import Referrals
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import NotCloudEventError, PartnerEvent, parse
from stafet_sdk.faults import read_faults
from stafet_sdk.server import serve
from stafet_sdk.simulator import Record, SimulatorOptions, read_identifiers, trusting_client

WAITING: Final = "waiting"

# Content is fetched: sent here, it would be refused.
_PARTS: Final = {
    **{kind: part for part, kind in mapping.TYPES.items() if part != "content"},
    mapping.WAITING: WAITING,
}
_HUBS: Final = frozenset({mapping.REFERRAL, mapping.PERSON})


class RedcrossSimulator:
    """What Red Cross does; everything it must remember is in `record`."""

    def __init__(self, options: SimulatorOptions, client: httpx.AsyncClient, record: Record) -> None:
        self._options = options
        self._record = record
        self._hub_public = (options.own / "hub_webhook_public").read_text(encoding="ascii")
        self._faults = read_faults(options.faults, KNOWN)
        self._faulted: set[str] = set()
        self._memory = Memory(record)
        source = read_identifiers(options)["source"]
        mail = Mail(options, client, record, self._faults)
        self._answers = Answers(options, source, mail, record, memory=self._memory, faults=self._faults)
        self._fetcher = Fetcher(options, client, record, self._fetched)
        self._referrals = Referrals(options, source, mail, record, self._memory)
        for delivery in sorted(self._memory.waiting):
            self._fetcher.wake(delivery)

    def app(self) -> Starlette:
        """Make the ASGI application that the hub talks to."""
        return Starlette(routes=[Route("/webhook", self._webhook, methods=["POST"])])

    async def work(self) -> None:
        """Answer, fetch and refer, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answers.work())
            group.create_task(self._fetcher.work())
            if self._options.referrals:
                group.create_task(self._referrals.work())

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
        if fault is not None and fault != SLOW:
            return faulty(fault, first=random.Random(delivery).random() < 0.5)
        self._take(delivery, part, about, event)
        if fault == SLOW:
            await asyncio.sleep(SLOW_S)
        return JSONResponse({"message": "received"})

    def _take(self, delivery: str, part: str, about: str, event: PartnerEvent) -> None:
        if part == WAITING:
            self._be_notified(delivery, about, event)
        elif part in mapping.RECALLS:
            self._be_recalled(delivery, part, event)
        elif part == mapping.ALERT:
            self._be_alerted(delivery, event)
        elif part == mapping.REVOCATION:
            self._record.add(part, delivery=delivery, referral=about, rung=_said(event, mapping.RUNG))
        elif part == "status":
            self._be_told(delivery, about, event)
        else:
            self._receive(delivery, part, about, event)

    def _fault(self, delivery: str) -> str | None:
        """Choose the fault of a delivery's first attempt; later attempts go well."""
        memory = self._memory
        if delivery in self._faulted or delivery in memory.deliveries or delivery in memory.notified:
            return None
        self._faulted.add(delivery)
        for script in self._faults.percents:
            if script not in SENDING and self._faults.strikes(script, delivery, self._options.seed):
                self._record.add("fault", script=script, delivery=delivery)
                return script
        return None

    def _be_notified(self, delivery: str, referral: str, event: PartnerEvent) -> None:
        repeated = delivery in self._memory.notified
        part = _said(event, mapping.PART)
        self._record.add("notified", delivery=delivery, referral=referral, part=part, repeated=repeated)
        self._memory.notified.add(delivery)
        self._fetcher.wake(delivery)

    def _fetched(self, delivery: str, event: PartnerEvent) -> None:
        self._receive(delivery, "content", str(event.data.get(mapping.REFERRAL)), event)

    def _receive(self, delivery: str, part: str, referral: str, event: PartnerEvent) -> None:
        memory = self._memory
        repeated = delivery in memory.deliveries
        if not repeated and part == "content" and (referral, "accepted") not in memory.offered:
            why = "before_accept" if (referral, "notice") in memory.parts else "before_notice"
            self._record.add("inversion", referral=referral, delivery=delivery, part=part, why=why)
        memory.sequence += 1
        self._record.add(
            "received",
            delivery=delivery,
            part=part,
            referral=referral,
            repeated=repeated,
            groups_seen=" ".join(sorted(event.data)),
            facts=_digest(event) if part == "notice" else None,
            sequence=memory.sequence,
        )
        memory.deliveries.add(delivery)
        memory.parts.add((referral, part))
        if part == "notice":
            memory.facts[referral] = _digest(event)
        self._answers.wake(referral)

    def _be_told(self, delivery: str, message: str, event: PartnerEvent) -> None:
        self._record.add(
            "status",
            delivery=delivery,
            message=message,
            rung=_said(event, mapping.RUNG),
            reason=_said(event, mapping.REASON),
            problems=_said(event, mapping.PROBLEMS),
            repeated=delivery in self._memory.deliveries,
        )
        self._memory.deliveries.add(delivery)

    def _be_recalled(self, delivery: str, part: str, event: PartnerEvent) -> None:
        self._record.add(
            part,
            delivery=delivery,
            referrals=_said(event, mapping.REFERRALS),
            groups=_said(event, mapping.GROUPS),
            repeated=delivery in self._memory.deliveries,
        )
        self._memory.deliveries.add(delivery)

    def _be_alerted(self, delivery: str, event: PartnerEvent) -> None:
        self._record.add(
            mapping.ALERT,
            delivery=delivery,
            referrals=_said(event, mapping.REFERRALS),
            rung=_said(event, mapping.RUNG),
            reason=_said(event, mapping.REASON),
            due=_said(event, mapping.DUE),
            repeated=delivery in self._memory.deliveries,
        )
        self._memory.deliveries.add(delivery)


async def run(options: SimulatorOptions) -> None:
    """Run until cancelled.

    Raises:
        OSError: a key file is missing or the port is in use.
        ValueError: a fault script has no such name.
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
    """Return the message (by id or receipt) or referral that an event is about; of several its own id."""
    if part in {*mapping.RECALLS, mapping.ALERT}:
        return event.id
    if part == "status":
        return event.data.get(mapping.MESSAGE, event.data.get(mapping.RECEIPT))
    if part == WAITING and event.data.get(mapping.DELIVERY) != event.id:
        return None
    return event.data.get(mapping.REFERRAL)


def _digest(event: PartnerEvent) -> str:
    """Tell referrals apart by what the sender said: ids that the hub makes are new in each run."""
    facts = {name: value for name, value in event.data.items() if name not in _HUBS}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _said(event: PartnerEvent, name: str) -> str | None:
    value = event.data.get(name)
    return value if value is None or isinstance(value, str) else json.dumps(value)
