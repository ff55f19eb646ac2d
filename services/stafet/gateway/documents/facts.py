"""What is decided about a document, without I/O: does a file fit its announcement, and how each is told."""

import hashlib
import hmac
from typing import Final

from stafet.gateway.domain import problems
from stafet_runtime.cause import Cause
from stafet_runtime.vaultport import Registration, StoredRecord
from stafet_schemas.case import DocumentReceivedData
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.groups import Group
from stafet_schemas.inbound import MessageRejectedData
from stafet_sdk.draft import DocumentDraft, Fields, FileDraft
from stafet_sdk.errors import MappingError

ANNOUNCEMENT: Final = "announcement"
FILE: Final = "file"
NOT_COME: Final = {
    ANNOUNCEMENT: ("file", "has not come in time: send both anew, under new ids"),
    FILE: ("announcement", "has not come in time: send both anew, under new ids"),
}
"""What is told of a half whose other half did not come."""
MEDIA: Final = {
    "application/pdf": "pdf",
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/tiff": "tiff",
    "text/plain": "text",
}
"""Media types that have a code; any other could hold a name, and stays in the vault."""


def misfits(document: DocumentDraft, file: FileDraft) -> list[tuple[str, str]]:
    """Say in which fields a file is not the one that was announced."""
    digest = hashlib.sha256(file.content).hexdigest()
    held = {
        "name": document.name == file.name,
        "size": document.size == len(file.content),
        "digest": hmac.compare_digest(document.digest, digest),
    }
    return [(field, "not as announced") for field, holds in held.items() if not holds]


def registration(
    document: DocumentDraft, file: FileDraft, *, agency: str, receipt: str, placer: str, cause: Cause
) -> Registration:
    """Word a whole document for the vault: the file as it came, and what its announcement said of it.

    `text` is what whoever may read the narrative sees of it, and what a subject report lists.
    """
    said: Fields = {
        "text": f"{document.name} ({document.mime}, {document.size} bytes)",
        "document": document.name,
        "mime": document.mime,
        "bytes": document.size,
        "sha256": document.digest,
    }
    values = {Group.NARRATIVE: said}
    return Registration(agency, receipt, placer, document.reference, values, file.content, cause)


def received(
    document: DocumentDraft, stored: StoredRecord, agency: str, *, first: str, announcement: str
) -> DocumentReceivedData:
    """Word that a document is kept; `first` is the receipt of the half that waited."""
    return DocumentReceivedData(
        case=stored.case,
        record=stored.record,
        agency=agency,
        message=first,
        announcement=announcement,
        size=document.size,
        media=MEDIA.get(document.mime, UNKNOWN),
    )


def rejected(agency: str, receipt: str, placer: str, *wrong: tuple[str, str]) -> MessageRejectedData:
    """Word that a half is of no use."""
    return MessageRejectedData(
        agency=agency, message=receipt, problems=problems(MappingError(*wrong)), placer=placer
    )
