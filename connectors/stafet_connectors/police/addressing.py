"""WS-Addressing of what the hub says to the police: derived from what is said, never drawn. Pure.

Actions of operations without a SOAPAction, and of answers, are those that WS-Addressing 1.0 Metadata derives.
"""

import uuid
from datetime import datetime
from typing import Final

from stafet_connectors.police.messages import OBJECT_REQUEST, PORT
from stafet_sdk.contract import Partner
from stafet_sdk.draft import Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import ANONYMOUS, FAULT, FAULT_ACTION, WSA, Addressing, body_child
from stafet_sdk.soapcheck import MESSAGE_ID
from stafet_sdk.xml import Element, canonical, local_name, parse, text_of

OBJECT_ACTION: Final = (
    "http://serviceplatformen.dk/xml/wsdl/soap11/DistributionService/2/port/"
    "DistributionReceiverWebServicePort/FordelingsobjektModtagRequest"
)
STATUS_ACTION: Final = (
    "http://serviceplatformen.dk/xml/wsdl/soap11/DistributionService/2/port/"
    "DistributionSenderWebServicePort/FordelingskvitteringModtagRequest"
)
_SPACE: Final = uuid.UUID("2f7c8a44-6a0e-4d35-9a6c-0d0b1f1c5e21")


def answering(child: Element, body: bytes, now: datetime, receipt: str) -> Addressing:
    """Address the answer `child` to the message in `body`, which need not be readable."""
    message, related = receipt, _message_id(body)
    if not message:
        message = str(uuid.uuid5(_SPACE, f"{related}/{now.isoformat()}/{canonical(child).decode()}"))
    action = FAULT_ACTION
    if child.tag != FAULT:
        action = f"{PORT}/DistributionWebServicePort/{local_name(child)}"
    return Addressing(f"urn:uuid:{message}", ANONYMOUS, action, relates_to=related)


def asking(child: Element, release: Release, partner: Partner) -> Addressing:
    """Address a message of the hub's: every attempt of a delivery is the same message."""
    is_object = child.tag == OBJECT_REQUEST
    return Addressing(
        message_id=f"urn:uuid:{release.delivery}",
        to=partner.endpoint,
        action=OBJECT_ACTION if is_object else STATUS_ACTION,
        sender=f"urn:uuid:{partner.identifiers['hub_uuid']}",
        relates_to="" if is_object else f"urn:uuid:{release.placer}",
    )


def _message_id(body: bytes) -> str:
    try:
        root = parse(body)
        body_child(root)
    except InboundRefused:
        return ""
    said = text_of(root, "*", f"{{{WSA}}}MessageID").strip()
    return said if MESSAGE_ID.fullmatch(said) else ""
