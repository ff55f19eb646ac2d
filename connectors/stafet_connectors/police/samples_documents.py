"""Documents of the police for certification and tests: the words that announce them, and their files."""

import hashlib
import uuid
from typing import Final

from stafet_connectors.police.files import unpack
from stafet_connectors.police.messages import Context
from stafet_connectors.police.samples_base import IDENTIFIERS, addressed, partner, post, signed
from stafet_connectors.police.simulator_documents import document_request
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Drop, Request
from stafet_sdk.draft import DocumentDraft
from stafet_sdk.trigger import Routing, Trigger, build_trigger
from stafet_sdk.xml import Element

REFERENCE: Final = "POL-1-00001"
CONTENT: Final = b"%PDF-1.7\n% Gaxipypuno Fipagorymu\n"
"""A file with a name in it."""
NAME: Final = "fund-1.pdf"


def link(number: int = 1) -> str:
    """Give the id of the police's message about the document of a number."""
    return str(uuid.UUID(int=(0xD << 96) | (4 << 76) | (2 << 62) | number))


def document(
    number: int = 1, content: bytes = CONTENT, *, name: str = NAME, mime: str = "application/pdf"
) -> DocumentDraft:
    """Describe a document as it is."""
    digest = hashlib.sha256(content).hexdigest()
    return DocumentDraft(link(number), REFERENCE, name, mime, len(content), digest)


def order_of(described: DocumentDraft, receiver: str = IDENTIFIERS["hub_uuid"]) -> Element:
    """Put the words about a document into FordelingsobjektAfsend."""
    context = Context(
        described.link, IDENTIFIERS["cvr"], IDENTIFIERS["hub_cvr"], receiver, file=described.name
    )
    return document_request(context, described, "00.00.00", IDENTIFIERS["uuid"], NOW)


def announcement(described: DocumentDraft) -> Request:
    """Announce a document, signed, in an envelope of its own."""
    envelope = uuid.uuid5(uuid.UUID(described.link), "envelope")
    addressing = addressed(message_id=f"urn:uuid:{envelope}")
    return post(signed(order_of(described), addressing=addressing))


def trigger_of(described: DocumentDraft, *, file_id: str = "", sender: str = IDENTIFIERS["cvr"]) -> Trigger:
    """Write what the trigger file of a document says."""
    return Trigger(
        file_name=described.name,
        size=described.size,
        sender=sender,
        file_id=file_id or str(uuid.uuid5(uuid.UUID(described.link), "file")),
        recipients=(IDENTIFIERS["hub_cvr"],),
        routing=Routing(transaction=described.link),
    )


def drop_of(described: DocumentDraft, content: bytes = CONTENT, *, file_id: str = "") -> Drop:
    """Give the file of a document with its trigger, as the hub fetches them."""
    return Drop(described.name, content, build_trigger(trigger_of(described, file_id=file_id)))


def fetched(described: DocumentDraft, content: bytes = CONTENT, *, file_id: str = "") -> Request:
    """Give the message that the hub makes of a file."""
    return unpack(drop_of(described, content, file_id=file_id), partner())[0]
