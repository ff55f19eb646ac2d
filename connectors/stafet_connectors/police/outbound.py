"""What the hub sends the police, and how their answer is judged.

FordelingskvitteringModtag: the receipts of their own messages. FordelingsobjektModtag: what they are asked.
"""

from datetime import datetime
from typing import Final

from stafet_connectors.police.addressing import asking
from stafet_connectors.police.mapping import from_hub
from stafet_connectors.police.messages import OBJECT_RESPONSE, RECEIPT_RESPONSE, Receipt, read_receipt
from stafet_connectors.police.receipts import warning_codes
from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.draft import Release
from stafet_sdk.errors import ContractBroken, InboundRefused, Refused, Retriable
from stafet_sdk.replies import judge_status, retry_after
from stafet_sdk.soap import CONTENT_TYPE, Credentials, Fault, body_child, read_fault, signed_envelope
from stafet_sdk.xml import Element, parse

# The published WSDLs of the sender's and the receiver's side give their operations an empty SOAPAction.
SOAP_ACTION: Final = '""'
WARNING: Final = "advarsel"

_MEDIA_TYPE: Final = "text/xml"
_TAKEN: Final = frozenset({"MODTAGET", "ACCEPTERET", "AFLEVERET"})
_NOT_TAKEN: Final = frozenset({"AFVIST", "FEJLET"})


def compose(release: Release, partner: Partner, now: datetime) -> Outbound:
    """Compose the signed message of a release.

    Raises:
        NoWord: SF2900 has no receipt for it.
    """
    credentials = Credentials(partner.keys["hub_key"], partner.keys["hub_certificate"])
    child = from_hub(release, partner.identifiers)
    body = signed_envelope(child, credentials, now, asking(child, release, partner))
    return Outbound({"content-type": CONTENT_TYPE, "soapaction": SOAP_ACTION}, body)


def judge(reply: Reply) -> str | None:
    """Return when the police took the message, with a code if they did with a warning.

    TLS vouches for the answer; its signature is not needed. A fault whose TransportKvittering is OK or
    ADVARSEL says that they took it.

    Raises:
        Refused: a fault that blames the message (`soap_fault`), or a receipt AFVIST or FEJLET (`not_taken`).
        Retriable: a fault that blames the police's own system (`soap_server_fault`), 408 or 5xx.
        ContractBroken: a redirect, HTML, or any other answer than the response.
        Throttled, NeedsAction: by status, see `judge_status`.
    """
    answer = _read(reply)
    found = None if answer is None else read_fault(answer)
    if found is not None and (reply.status == 500 or 200 <= reply.status < 300):
        return _judge_fault(found, reply)
    judge_status(reply)
    if answer is not None and answer.tag == OBJECT_RESPONSE and len(answer):
        return _judge_receipt(read_receipt(answer[0]))
    if answer is None or answer.tag != RECEIPT_RESPONSE or len(answer):
        raise ContractBroken("unexpected_answer")
    return None


def _judge_receipt(receipt: Receipt) -> str | None:
    if receipt.code not in _TAKEN:
        raise Refused("not_taken") if receipt.code in _NOT_TAKEN else ContractBroken("unexpected_answer")
    return next(iter(warning_codes(receipt)), None)


def _judge_fault(found: Fault, reply: Reply) -> str | None:
    """A TransportKvittering comes as a fault even when it is a good one."""
    receipt = read_receipt(found.detail)
    if receipt.code == "OK":
        return None
    if receipt.code == "ADVARSEL":
        return next(iter(warning_codes(receipt)), WARNING)
    if found.code == "Server":
        raise Retriable("soap_server_fault", retry_after=retry_after(reply.headers))
    raise Refused("soap_fault")


def _read(reply: Reply) -> Element | None:
    if reply.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        return None
    try:
        return body_child(parse(reply.body))
    except InboundRefused:
        return None
