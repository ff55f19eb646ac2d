"""The receiving side of the simulated police: FordelingskvitteringModtag, each receipt recorded."""

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

from stafet_connectors.police.messages import (
    RECEIPT_REQUEST,
    read_context,
    receipt_response,
    transport_failure,
)
from stafet_connectors.police.schema import SENDER
from stafet_sdk.errors import InboundRefused
from stafet_sdk.simulator import Record
from stafet_sdk.soap import CONTENT_TYPE, Credentials, fault, signed_envelope
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import Element, parse, text_of

SLOW_SECONDS: Final = 1.0

# Scripts that answer the first attempt of each delivery by something else; several take turns.
_FIRST: Final[dict[str, Callable[[], Response]]] = {
    "down-first": lambda: PlainTextResponse("down", status_code=503),
    "error-first": lambda: PlainTextResponse("error", status_code=500),
    "throttle": lambda: PlainTextResponse("slow down", status_code=429, headers={"retry-after": "1"}),
    "html-first": lambda: Response("<html><body>Login</body></html>", media_type="text/html"),
    "redirect-first": lambda: RedirectResponse("/login", status_code=302),
}
SCRIPTS: Final = frozenset({*_FIRST, "slow"})


@dataclass(slots=True)
class Receipts:
    """Takes receipts signed with `hub_certificate` and answers signed with `credentials`."""

    record: Record
    credentials: Credentials
    hub_certificate: bytes
    faults: tuple[str, ...]
    now: Callable[[], datetime]
    _attempts: Counter[str] = field(init=False, default_factory=Counter[str])
    _seen: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Take up which deliveries an earlier run recorded.

        Raises:
            ValueError: a fault script has no such name.
        """
        unknown = set(self.faults) - SCRIPTS
        if unknown:
            raise ValueError(f"no fault script {sorted(unknown)}; there are {sorted(SCRIPTS)}")
        self._seen = {str(entry["delivery"]) for entry in self.record.of("receipt")}

    def app(self) -> Starlette:
        """Serve receipts at every path, and GET /health."""
        return Starlette(
            routes=[
                Route("/health", _health, methods=["GET"]),
                Route("/{path:path}", self.take, methods=["POST"]),
            ]
        )

    async def take(self, request: Request) -> Response:
        """Answer one FordelingskvitteringModtag."""
        try:
            receipt = open_signed(parse(await request.body()), self.hub_certificate, self.now())
            if receipt.tag != RECEIPT_REQUEST:
                raise InboundRefused("unknown_action", "only receipts are taken here")  # noqa: TRY301 - same answer
        except InboundRefused as refused:
            self.record.add("refused_receipt", code=refused.code)
            detail = transport_failure(SENDER, ((refused.code, refused.detail),))
            return self._answer(500, fault("Client", refused.code, detail))
        delivery = read_context(receipt).distribution
        self._attempts[delivery] += 1
        if "slow" in self.faults:
            await asyncio.sleep(SLOW_SECONDS)
        scripts = [_FIRST[name] for name in self.faults if name in _FIRST]
        if self._attempts[delivery] <= len(scripts):
            return scripts[self._attempts[delivery] - 1]()
        self._record(receipt, delivery)
        return self._answer(200, receipt_response())

    def _record(self, receipt: Element, delivery: str) -> None:
        def text(*names: str) -> str:
            path = (f"{{{SENDER}}}{name}" for name in ("Forretningskvittering", *names))
            return text_of(receipt, *path)

        self.record.add(
            "receipt",
            transaction=read_context(receipt).transaction,
            delivery=delivery,
            code=text("ForretningsValideringsKode"),
            type=text("Kvitteringstype"),
            reason=text("Begrundelse"),
            fields=",".join(each.text or "" for each in receipt.iter(f"{{{SENDER}}}FejlKode")),
            repeated=delivery in self._seen,
        )
        self._seen.add(delivery)

    def _answer(self, status: int, child: Element) -> Response:
        body = signed_envelope(child, self.credentials, self.now())
        return Response(body, status_code=status, headers={"content-type": CONTENT_TYPE})


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")
