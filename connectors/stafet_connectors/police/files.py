"""Files the police leave by SFTP beside their messages: one file is one message, by its sender's id. Pure.

Its body is a line of JSON (`id`, `link`, `name`) and then the file's bytes as they are. It counts because of
where it was fetched: no HTTP request has its method and its empty path.
"""

import json
import re
import uuid
from collections.abc import Sequence
from typing import Final

from stafet_connectors.police.documents import MAX_BYTES
from stafet_sdk.contract import Drop, Envelope, Outbound, Outcome, Partner, Request, Unavailable
from stafet_sdk.draft import FileDraft
from stafet_sdk.errors import InboundRefused, MappingError
from stafet_sdk.filereceipts import TECHNICAL, TechnicalReceipt, build_technical, ids_of, refusal
from stafet_sdk.trigger import Trigger, read_trigger

FILE: Final = "FILE"
START: Final = b"{"
"""So begins the body of a file, and no XML."""

_SPACE: Final = uuid.UUID("5b0d1c7e-94f3-4f0c-8a52-1d2f7c6a9e08")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def unpack(drop: Drop, partner: Partner) -> tuple[Request, ...]:
    """Make the one message of a file.

    Raises:
        InboundRefused: `unknown_sender`, `trigger` (names the fields), `empty` or `too_large`.
    """
    trigger = read_trigger(drop.trigger)
    if trigger.sender != partner.identifiers["cvr"]:
        raise InboundRefused("unknown_sender", "not the authority's CVR", status=403, fields=("Sender",))
    said = {"SendersFileId": trigger.file_id.lower(), "TransactionId": _transaction(trigger)}
    wrong = [name for name, each in said.items() if not _UUID.fullmatch(each)]
    if wrong:
        raise InboundRefused("trigger", f"no UUID: {', '.join(wrong)}", fields=wrong)
    if not drop.body:
        raise InboundRefused("empty", "there is nothing in the file")
    if len(drop.body) > MAX_BYTES:
        raise InboundRefused("too_large", f"a document has at most {MAX_BYTES} bytes", status=413)
    told = {"id": said["SendersFileId"], "link": said["TransactionId"], "name": trigger.file_name}
    line = json.dumps(told, sort_keys=True).encode()
    return (Request(FILE, "", {}, line + b"\n" + drop.body),)


def is_file(request: Request) -> bool:
    """Say whether a request is a file that was fetched."""
    return request.method == FILE and not request.path


def accept(request: Request) -> Envelope:
    """Take a file; what makes it another one is its bytes, its name and what it belongs to.

    Raises:
        InboundRefused: `malformed`: it is no file that `unpack` has made.
    """
    try:
        told, _ = _read(request.body)
    except MappingError:
        raise InboundRefused("malformed", "this is no file of the drop") from None
    return Envelope(message_id=told["id"], content=request.body, action=FILE)


def to_file(body: bytes) -> FileDraft:
    """Read an accepted file.

    Raises:
        MappingError: it is none.
    """
    told, content = _read(body)
    return FileDraft(told["link"], told["name"], content)


def receipts(drop: Drop, outcomes: Sequence[Outcome] | InboundRefused) -> tuple[Outbound, ...]:
    """Word the technical receipt; none while nothing can be accepted, for the file comes again."""
    refused = outcomes if isinstance(outcomes, InboundRefused) else None
    for each in () if isinstance(outcomes, InboundRefused) else outcomes:
        if isinstance(each, Unavailable):
            return ()
        refused = each if isinstance(each, InboundRefused) else refused
    if refused is not None:
        return (refusal(drop.name, drop.trigger, [refused]),)
    transfer, sent = ids_of(drop.trigger)
    technical = TechnicalReceipt(transfer or str(uuid.uuid5(_SPACE, sent)), sent)
    return (Outbound({}, build_technical(technical), drop.name + TECHNICAL, "PUT"),)


def _transaction(trigger: Trigger) -> str:
    return trigger.routing.transaction.lower() if trigger.routing else ""


def _read(body: bytes) -> tuple[dict[str, str], bytes]:
    line, found, content = body.partition(b"\n")
    try:
        told: dict[str, str] = json.loads(line) if found and line.startswith(START) else {}
    except ValueError:
        told = {}
    if not told.keys() >= {"id", "link", "name"}:
        raise MappingError(("file", "malformed"))
    return told, content
