"""FordelingsobjektAfsend at the hub: is it authentic and whole, and how the hub answers in SOAP.

Status of a fault: SOAP 1.1 over HTTP wants 500, and a fault about the content has it. 401, 403, 405, 408,
409, 413 and 415 say more to a sender's HTTP layer, so refusals with these keep them; 503 carries Retry-After.
"""

from datetime import datetime
from typing import Final

from stafet_connectors.police.messages import (
    REQUEST,
    SEND_ACTION,
    SEND_REQUEST,
    read_context,
    send_response,
    transport_failure,
)
from stafet_connectors.police.schema import HUB, broken_fields
from stafet_sdk.contract import Accepted, Envelope, Outcome, Partner, Reply, Request, Unavailable
from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import CONTENT_TYPE, Credentials, body_child, fault, signed_envelope
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import Element, canonical, parse

ACTION: Final = "FordelingsobjektAfsend"

_OWN_STATUS: Final = frozenset({401, 403, 405, 408, 409, 413, 415})


def accept(request: Request, partner: Partner, now: datetime) -> Envelope:
    """Check one request; the codes of what it refuses are documented in `docs/how-to/connect-police.md`.

    Raises:
        InboundRefused: `method`, `content_type`, `unknown_action`, `malformed`, `doctype`, `too_large`,
            `signature_missing`, `signature_invalid`, `stale_timestamp`, `invalid` or `unknown_sender`.
    """
    _refuse_transport(request)
    message = open_signed(parse(request.body), partner.keys["partner_certificate"], now)
    if message.tag != SEND_REQUEST:
        raise InboundRefused("unknown_action", "the Body is not of the operation in SOAPAction")
    broken = broken_fields(message)
    if broken:
        raise InboundRefused("invalid", "fields are missing, unknown or malformed", fields=broken)
    order = _order(message)
    context = read_context(order)
    if context.sender != partner.identifiers["cvr"]:
        raise InboundRefused(
            "unknown_sender",
            "not the authority of this certificate",
            status=403,
            fields=("AfsendendeMyndighed",),
        )
    return Envelope(message_id=context.transaction, content=canonical(order), action=ACTION)


def reply(outcome: Outcome, request: Request, partner: Partner, now: datetime) -> Reply:
    """Word an outcome; its Body depends on nothing but the outcome and the accepted message."""
    match outcome:
        case Accepted():
            return _answer(200, _receipt(outcome, request), partner, now)
        case Unavailable():
            detail = transport_failure(HUB, (("unavailable", "try again later with the same id"),))
            answer = _answer(503, fault("Server", "unavailable", detail), partner, now)
            return Reply(
                answer.status, {**answer.headers, "retry-after": str(outcome.retry_after)}, answer.body
            )
        case InboundRefused():
            return _answer(_status(outcome), _refusal(outcome), partner, now)


def _refuse_transport(request: Request) -> None:
    if request.method != "POST":
        raise InboundRefused("method", "POST only", status=405)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "text/xml":
        raise InboundRefused("content_type", "SOAP 1.1 is text/xml", status=415)
    if request.headers.get("soapaction", "").strip().strip('"') != SEND_ACTION:
        raise InboundRefused("unknown_action", "this SOAPAction is not offered here")


def _order(message: Element) -> Element:
    order = message.find(REQUEST)
    if order is None:
        raise InboundRefused("invalid", "fields are missing", fields=("anmodning",))
    return order


def _receipt(outcome: Accepted, request: Request) -> Element:
    context = read_context(_order(body_child(parse(request.body))))
    return send_response(context.distributed_as(outcome.receipt))


def _refusal(refused: InboundRefused) -> Element:
    found = [(refused.code, name) for name in refused.fields] or [(refused.code, refused.detail)]
    return fault("Client", refused.code, transport_failure(HUB, found))


def _status(refused: InboundRefused) -> int:
    return refused.status if refused.status in _OWN_STATUS else 500


def _answer(status: int, child: Element, partner: Partner, now: datetime) -> Reply:
    credentials = Credentials(partner.keys["hub_key"], partner.keys["hub_certificate"])
    headers = {"content-type": CONTENT_TYPE}
    if status == 405:
        headers["allow"] = "POST"
    return Reply(status, headers, signed_envelope(child, credentials, now))
