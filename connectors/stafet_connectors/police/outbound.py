"""FordelingskvitteringModtag at the police: the receipts the hub sends, and how the answer is judged."""

from datetime import datetime
from typing import Final

from stafet_connectors.police.mapping import from_status
from stafet_connectors.police.messages import RECEIPT_RESPONSE
from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.draft import Release
from stafet_sdk.errors import ContractBroken, InboundRefused, Refused, Retriable
from stafet_sdk.replies import judge_status, retry_after
from stafet_sdk.soap import CONTENT_TYPE, Credentials, Fault, body_child, read_fault, signed_envelope
from stafet_sdk.xml import Element, parse

# The published WSDL of the sender's side gives the operation an empty SOAPAction.
RECEIPT_ACTION: Final = '""'

_MEDIA_TYPE: Final = "text/xml"


def compose(release: Release, partner: Partner, now: datetime) -> Outbound:
    """Compose the signed receipt of a status.

    Raises:
        NoWord: SF2900 has no receipt for it.
    """
    credentials = Credentials(partner.keys["hub_key"], partner.keys["hub_certificate"])
    body = signed_envelope(from_status(release, partner.identifiers), credentials, now)
    return Outbound({"content-type": CONTENT_TYPE, "soapaction": RECEIPT_ACTION}, body)


def judge(reply: Reply) -> None:
    """Return when the police took the receipt. TLS vouches for the answer; its signature is not needed.

    Raises:
        Refused: a fault that blames the message (`soap_fault`).
        Retriable: a fault that blames the police's own system (`soap_server_fault`), 408 or 5xx.
        ContractBroken: a redirect, HTML, or any other answer than the empty response.
        Throttled, NeedsAction: by status, see `judge_status`.
    """
    answer = _read(reply)
    found = None if answer is None else read_fault(answer)
    if found is not None and (reply.status == 500 or 200 <= reply.status < 300):
        _raise_fault(found, reply)
    judge_status(reply)
    if answer is None or answer.tag != RECEIPT_RESPONSE or len(answer):
        raise ContractBroken("unexpected_answer")


def _raise_fault(found: Fault, reply: Reply) -> None:
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
