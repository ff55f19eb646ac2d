"""Receipts for files, in the shape of Serviceplatformen's SFTP: could it be read, and was it accepted.

A technical receipt is about the file as such, a business receipt about what it says. Both are named after
the file, so that a newer one takes an older one's place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stafet_sdk.contract import Outbound
from stafet_sdk.errors import InboundRefused
from stafet_sdk.trigger import add, child, read_trigger, root_in, root_of, text, written

TECHNICAL: Final = ".technicalreceipt.xml"
BUSINESS: Final = ".businessreceipt.xml"
ACCEPTED: Final = "accepted"
PARTLY: Final = "partly_accepted"
REJECTED: Final = "rejected"

RECEIVED: Final = "received"
LONGEST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class FileError:
    """What is wrong with a file: an HTTP status as its class, a stable code, and words without values."""

    status: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class TechnicalReceipt:
    """Whether a file arrived whole and can be read: it can if there are no errors."""

    transfer: str
    file_id: str
    errors: tuple[FileError, ...] = ()


@dataclass(frozen=True, slots=True)
class BusinessReceipt:
    """What became of a file: `acceptance` is accepted, partly_accepted or rejected; no values in `reason`."""

    transfer: str
    file_name: str
    recipient: str
    acceptance: str
    reason: str = ""


def build_technical(receipt: TechnicalReceipt) -> bytes:
    """Write a technical receipt."""
    root = root_of("TechnicalReceipt")
    add(root, "FileTransferUUID", receipt.transfer)
    add(root, "SendersFileId", receipt.file_id)
    if not receipt.errors:
        add(add(root, "Receipt"), "Message", RECEIVED)
    for error in receipt.errors:
        message = add(root, "ErrorMessage")
        add(message, "ErrorCode", str(error.status))
        add(message, "ErrorCodeDescription", error.code)
        add(message, "ErrorDescription", error.detail[:LONGEST_TEXT])
    return written(root)


def read_technical(raw: bytes) -> TechnicalReceipt:
    """Read a technical receipt.

    Raises:
        InboundRefused: it is none.
    """
    root = root_in(raw, "TechnicalReceipt")
    messages = tuple(
        FileError(
            _number(text(each, "ErrorCode")),
            text(each, "ErrorCodeDescription"),
            text(each, "ErrorDescription"),
        )
        for each in root.iterchildren("{*}ErrorMessage")
    )
    if not messages and child(root, "Receipt") is None:
        raise InboundRefused("malformed", "neither Receipt nor ErrorMessage", fields=["Receipt"])
    return TechnicalReceipt(text(root, "FileTransferUUID"), text(root, "SendersFileId"), messages)


def build_business(receipt: BusinessReceipt) -> bytes:
    """Write a business receipt."""
    root = root_of("BusinessReceipt")
    add(root, "FileTransferUUID", receipt.transfer)
    add(root, "Filename", receipt.file_name)
    add(root, "Recipient", receipt.recipient)
    add(root, "FileAcceptance", receipt.acceptance)
    if receipt.reason:
        add(root, "Reason", receipt.reason[:LONGEST_TEXT])
    return written(root)


def read_business(raw: bytes) -> BusinessReceipt:
    """Read a business receipt.

    Raises:
        InboundRefused: it is none.
    """
    root = root_in(raw, "BusinessReceipt")
    acceptance = text(root, "FileAcceptance")
    if not acceptance:
        raise InboundRefused("malformed", "there is no FileAcceptance", fields=["FileAcceptance"])
    return BusinessReceipt(
        transfer=text(root, "FileTransferUUID"),
        file_name=text(root, "Filename"),
        recipient=text(root, "Recipient"),
        acceptance=acceptance,
        reason=text(root, "Reason"),
    )


def refusal(file_name: str, trigger: bytes, refused: Sequence[InboundRefused]) -> Outbound:
    """Word that a file cannot be used; its trigger may be unreadable, too."""
    transfer, file_id = ids_of(trigger)
    errors = tuple(FileError(each.status, each.code, each.detail) for each in refused)
    body = build_technical(TechnicalReceipt(transfer, file_id, errors))
    return Outbound({}, body, path=file_name + TECHNICAL)


def ids_of(trigger: bytes) -> tuple[str, str]:
    """Read the transport's and the sender's id of a file; empty where its trigger cannot be used."""
    try:
        read = read_trigger(trigger)
    except InboundRefused:
        return "", ""
    return read.transfer, read.file_id


def _number(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) <= 9 else 0
