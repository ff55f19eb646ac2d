"""What the police call at the hub: is it authentic and whole, and how the hub answers in SOAP.

Two operations bring messages (FordelingsobjektAfsend, FordelingskvitteringModtag), two ask something and are
answered at once (FordelingsmodtagerList, FordelingsmodtagerValider). A file that was fetched brings one, too.
Status of a fault: SOAP 1.1 over HTTP wants 500, and a fault about the content has it. 401, 403, 405, 408,
409, 413 and 415 say more to a sender's HTTP layer, so refusals with these keep them; 503 carries Retry-After.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from stafet_connectors.police.addressing import answering
from stafet_connectors.police.documents import is_document
from stafet_connectors.police.files import accept as accept_file
from stafet_connectors.police.files import is_file
from stafet_connectors.police.messages import (
    ANSWER_REQUEST,
    LIST_ACTION,
    LIST_REQUEST,
    RECEIPT_ACTION,
    REQUEST,
    SEND_ACTION,
    SEND_REQUEST,
    VALIDATE_ACTION,
    VALIDATE_REQUEST,
    answer_response,
    read_context,
    send_response,
    transport_failure,
)
from stafet_connectors.police.questions import asking, list_receivers, validate_receivers
from stafet_connectors.police.receipts import RECEIVED, receipt_of
from stafet_connectors.police.schema import HUB, broken_fields
from stafet_sdk.clientcert import check_client
from stafet_sdk.contract import Accepted, Answered, Envelope, Outcome, Partner, Reply, Request, Unavailable
from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import CONTENT_TYPE, Credentials, body_child, fault, signed_envelope
from stafet_sdk.soapcheck import Opened, open_addressed
from stafet_sdk.xml import Element, canonical, parse

REQUESTS: Final = {
    SEND_ACTION: SEND_REQUEST,
    RECEIPT_ACTION: ANSWER_REQUEST,
    LIST_ACTION: LIST_REQUEST,
    VALIDATE_ACTION: VALIDATE_REQUEST,
}
"""What the hub offers: each SOAPAction, and the one element that its Body holds."""

_OWN_STATUS: Final = frozenset({401, 403, 405, 408, 409, 413, 415})


def accept(request: Request, partner: Partner, now: datetime) -> Envelope | Answered:
    """Check one request; the codes of what it refuses are documented in `docs/how-to/connect-police.md`.

    Raises:
        InboundRefused: `client_certificate_...`, `method`, `content_type`, `unknown_action`, `malformed`,
            `doctype`, `too_large`, `signature_missing`, `signature_invalid`, `stale_timestamp`,
            `certificate_expired`, `addressing_missing`, `addressing_invalid`, `reply_to`, `invalid` or
            `unknown_sender`.
    """
    if is_file(request):
        return accept_file(request)
    check_client(request.client_certificate, partner.keys["partner_tls_certificate"], now)
    action = _action(request)
    opened = open_addressed(parse(request.body), partner.keys["partner_certificate"], now)
    message = opened.child
    if message.tag != REQUESTS[action]:
        raise InboundRefused("unknown_action", "the Body is not of the operation in SOAPAction")
    _refuse_address(opened, request, action)
    broken = broken_fields(message)
    if broken:
        raise InboundRefused("invalid", "fields are missing, unknown or malformed", fields=broken)
    if action == SEND_ACTION:
        return _sent(opened, partner)
    if action == RECEIPT_ACTION:
        return _receipt(opened, request, partner, now)
    return _question(message, action, request, partner, now)


def reply(outcome: Outcome, request: Request, partner: Partner, now: datetime) -> Reply:
    """Word an outcome; its Body depends on nothing but the outcome and the accepted message."""
    match outcome:
        case Accepted():
            return _answer(200, _taken(outcome, request), request, partner, now, receipt=outcome.receipt)
        case Unavailable():
            detail = transport_failure(HUB, (("unavailable", "try again later with the same id"),))
            answer = _answer(503, fault("Server", "unavailable", detail), request, partner, now)
            return Reply(
                answer.status, {**answer.headers, "retry-after": str(outcome.retry_after)}, answer.body
            )
        case InboundRefused():
            return _answer(_status(outcome), _refusal(outcome), request, partner, now)


def _sent(opened: Opened, partner: Partner) -> Envelope:
    order = _order(opened.child)
    context = read_context(order)
    _refuse_authority(context.sender, partner, "AfsendendeMyndighed")
    if is_document(order) and not partner.drop:
        raise InboundRefused("invalid", "no file transfer was agreed", fields=("ObjektType",))
    return Envelope(
        message_id=context.transaction,
        content=canonical(order),
        action="FordelingsobjektAfsend",
        envelope_id=_message_id(opened),
    )


def _receipt(opened: Opened, request: Request, partner: Partner, now: datetime) -> Envelope | Answered:
    """A receipt has no id but the one of its message."""
    context = read_context(opened.child)
    _refuse_authority(context.routed, partner, "RoutingMyndighed")
    if receipt_of(opened.child).code == RECEIVED:
        return Answered(_answer(200, answer_response(), request, partner, now))
    return Envelope(
        message_id=_message_id(opened),
        content=canonical(opened.child),
        action="FordelingskvitteringModtag",
        envelope_id=_message_id(opened),
    )


def _message_id(opened: Opened) -> str:
    return opened.addressing.message_id.rpartition(":")[2].lower()


def _question(message: Element, action: str, request: Request, partner: Partner, now: datetime) -> Answered:
    _refuse_authority(asking(message), partner, "AfsendendeMyndighed")
    respond = list_receivers if action == LIST_ACTION else validate_receivers
    return Answered(_answer(200, respond(message, partner.identifiers), request, partner, now))


def _refuse_authority(authority: str, partner: Partner, field: str) -> None:
    if authority != partner.identifiers["cvr"]:
        raise InboundRefused(
            "unknown_sender", "not the authority of this certificate", status=403, fields=(field,)
        )


def _refuse_address(opened: Opened, request: Request, action: str) -> None:
    """Hold the signed headers to what was called: a message for elsewhere is not carried out here."""
    if opened.addressing.action != action:
        raise InboundRefused("addressing_invalid", "not the operation in SOAPAction", fields=("Action",))
    if urlsplit(opened.addressing.to).path != request.path:
        raise InboundRefused("addressing_invalid", "not the address that was called", fields=("To",))


def _action(request: Request) -> str:
    if request.method != "POST":
        raise InboundRefused("method", "POST only", status=405)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "text/xml":
        raise InboundRefused("content_type", "SOAP 1.1 is text/xml", status=415)
    action = request.headers.get("soapaction", "").strip().strip('"')
    if action not in REQUESTS:
        raise InboundRefused("unknown_action", "this SOAPAction is not offered here")
    return action


def _order(message: Element) -> Element:
    order = message.find(REQUEST)
    if order is None:
        raise InboundRefused("invalid", "fields are missing", fields=("anmodning",))
    return order


def _taken(outcome: Accepted, request: Request) -> Element:
    message = body_child(parse(request.body))
    if message.tag == ANSWER_REQUEST:
        return answer_response()
    context = read_context(_order(message))
    return send_response(context.distributed_as(outcome.receipt))


def _refusal(refused: InboundRefused) -> Element:
    found = [(refused.code, name) for name in refused.fields] or [(refused.code, refused.detail)]
    return fault("Client", refused.code, transport_failure(HUB, found))


def _status(refused: InboundRefused) -> int:
    return refused.status if refused.status in _OWN_STATUS else 500


def _answer(
    status: int, child: Element, request: Request, partner: Partner, now: datetime, *, receipt: str = ""
) -> Reply:
    """Sign an answer; its MessageID is the hub's receipt, by which the hub may speak of the message later."""
    credentials = Credentials(partner.keys["hub_key"], partner.keys["hub_certificate"])
    headers = {"content-type": CONTENT_TYPE}
    if status == 405:
        headers["allow"] = "POST"
    addressing = answering(child, request.body, now, receipt)
    return Reply(status, headers, signed_envelope(child, credentials, now, addressing))
