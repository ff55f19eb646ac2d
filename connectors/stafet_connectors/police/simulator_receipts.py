"""The receiving side of the simulated police: receipts and referrals of the hub, each recorded."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from stafet_connectors.police.addressing import answering
from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.messages import (
    OBJECT_REQUEST,
    RECEIPT_REQUEST,
    business_receipt,
    object_response,
    read_context,
    read_receipt,
    receipt_response,
    transport_failure,
    transport_warning,
)
from stafet_connectors.police.schema import SENDER
from stafet_connectors.police.simulator_decisions import CONTENT, NOTICE, Decisions
from stafet_connectors.police.wording import ALERT, PARTS, RECALLS
from stafet_sdk.clientcert import check_client
from stafet_sdk.errors import InboundRefused
from stafet_sdk.faults import Faults
from stafet_sdk.server import client_certificate
from stafet_sdk.simulator import Record, Scalar
from stafet_sdk.soap import CONTENT_TYPE, Credentials, fault, signed_envelope, unsigned_envelope
from stafet_sdk.soapcheck import open_addressed
from stafet_sdk.xml import Element, parse

SLOW_SECONDS: Final = 1.0

# Scripts that answer the first attempt of each delivery by something else; several take turns, as asked for.
_FIRST: Final[dict[str, Callable[[], Response]]] = {
    "down-first": lambda: PlainTextResponse("down", status_code=503),
    "error-first": lambda: PlainTextResponse("error", status_code=500),
    "throttle": lambda: PlainTextResponse("slow down", status_code=429, headers={"retry-after": "1"}),
    "html-first": lambda: Response("<html><body>Login</body></html>", media_type="text/html"),
    "redirect-first": lambda: RedirectResponse("/login", status_code=302),
    "fault-500": lambda: Response(
        unsigned_envelope(fault("Server", "busy")), status_code=500, headers={"content-type": CONTENT_TYPE}
    ),
}
SCRIPTS: Final = {**dict.fromkeys(_FIRST, 100), "slow": 100, "advarsel": 25}
"""Each script of the receiving side, and how many percent it strikes."""

_FORMS: Final = {danish: part for part, danish in PARTS.items()}


@dataclass(slots=True)
class Receipts:
    """Takes what is signed with `hub_certificate`, from who shows `hub_tls`; answers with `credentials`."""

    record: Record
    credentials: Credentials
    hub_certificate: bytes
    hub_tls: bytes
    faults: Faults
    decisions: Decisions
    now: Callable[[], datetime]
    seed: int = 1
    _attempts: Counter[str] = field(init=False, default_factory=Counter[str])
    _seen: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Take up which deliveries an earlier run recorded."""
        kinds = ("receipt", "object", "recall", "alert")
        self._seen = {str(entry["delivery"]) for kind in kinds for entry in self.record.of(kind)}

    def app(self) -> Starlette:
        """Serve the hub at every path, and GET /health."""
        return Starlette(
            routes=[
                Route("/health", _health, methods=["GET"]),
                Route("/{path:path}", self.take, methods=["POST"]),
            ]
        )

    async def take(self, request: Request) -> Response:
        """Answer one FordelingskvitteringModtag or FordelingsobjektModtag."""
        body = await request.body()
        try:
            check_client(client_certificate(request.scope), self.hub_tls, self.now())
            message = open_addressed(parse(body), self.hub_certificate, self.now()).child
            if message.tag not in {RECEIPT_REQUEST, OBJECT_REQUEST}:
                raise InboundRefused("unknown_action", "not offered here")  # noqa: TRY301 - same answer
        except InboundRefused as refused:
            self.record.add("refused_receipt", code=refused.code)
            detail = transport_failure(SENDER, ((refused.code, refused.detail),))
            status = refused.status if refused.status in {401, 403} else 500
            return self._answer(status, fault("Client", refused.code, detail), body)
        return await self._taken(message, body)

    async def _taken(self, message: Element, body: bytes) -> Response:
        holder = message if message.tag == RECEIPT_REQUEST else message[0]
        delivery = read_context(holder).distribution
        self._attempts[delivery] += 1
        if self.faults.strikes("slow", delivery, self.seed):
            await asyncio.sleep(SLOW_SECONDS)
        struck = (name for name in self.faults.percents if self.faults.strikes(name, delivery, self.seed))
        scripts = [_FIRST[name] for name in struck if name in _FIRST]
        if self._attempts[delivery] <= len(scripts):
            return scripts[self._attempts[delivery] - 1]()
        if message.tag == RECEIPT_REQUEST:
            self._record_receipt(message, delivery)
            return self._answer(200, receipt_response(), body)
        self._record_object(holder, delivery)
        if self.faults.strikes("advarsel", delivery, self.seed):
            warning = transport_warning((("manuel_kontrol", "a human looks at it first"),))
            return self._answer(500, fault("Server", "ADVARSEL", warning), body)
        return self._answer(200, object_response(business_receipt("MODTAGET", "Teknisk")), body)

    def _record_receipt(self, message: Element, delivery: str) -> None:
        receipt = read_receipt(message.find(f"{{{SENDER}}}Forretningskvittering"))
        self.record.add(
            "receipt",
            transaction=read_context(message).transaction,
            delivery=delivery,
            code=receipt.code,
            type=receipt.kind,
            reason=receipt.reason,
            fields=",".join(name for name, _ in receipt.errors),
            repeated=delivery in self._seen,
        )
        self._seen.add(delivery)

    def _record_object(self, order: Element, delivery: str) -> None:
        part = _FORMS.get(next((each.text or "" for each in order.iter(f"{{{NAMESPACE}}}Del")), ""), "")
        named = [each.text or "" for each in order.iter(f"{{{NAMESPACE}}}Henvisning")]
        facts: dict[str, Scalar] = {"delivery": delivery, "part": part, "repeated": delivery in self._seen}
        if part == ALERT:
            self.record.add("alert", referrals=",".join(named), **facts)
        elif part in RECALLS:
            self.record.add("recall", referrals=",".join(named), **facts)
        else:
            referral = read_context(order).transaction
            self.record.add("object", referral=referral, **facts)
            if part in {NOTICE, CONTENT}:
                self.decisions.wake(referral)
        self._seen.add(delivery)

    def _answer(self, status: int, child: Element, body: bytes) -> Response:
        now = self.now()
        envelope = signed_envelope(child, self.credentials, now, answering(child, body, now, ""))
        return Response(envelope, status_code=status, headers={"content-type": CONTENT_TYPE})


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")
