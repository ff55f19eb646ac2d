"""Documents the police announce (ObjektType DOKUMENT): what the signed message says of a file. Pure.

The file itself comes by SFTP. Its digest and size stand here, under the signature: nobody who can write to
the server can put another file in its place. The digest is a name of the content by RFC 6920
(`ni:///sha-256;...`), in OIO's reference to the content (`Indhold`).
"""

import base64
import re
from collections.abc import Mapping
from typing import Final

from stafet_connectors.police.form import REFERENCE_SHAPE
from stafet_connectors.police.messages import read_context
from stafet_connectors.police.schema import SENDER
from stafet_sdk.draft import DocumentDraft
from stafet_sdk.errors import MappingError
from stafet_sdk.trigger import is_file_name
from stafet_sdk.xml import Element, text_of

DOCUMENT: Final = "DOKUMENT"
MAX_BYTES: Final = 3 * 1024 * 1024
"""Of a file; with its frame it stays below what the vault takes of one message."""
PRIMARY: Final = "PrimaerPart"

PROBLEMS: Final = {
    "RoutingModtagerAktoer": "a document is for the hub itself",
    "DokumentFilNavn": "missing or not a file name",
    "Indhold": "not one name by SHA-256 (ni:///sha-256;...)",
    "Filstoerrelse": f"not a size up to {MAX_BYTES} bytes",
    "MimeType": "not a media type",
    "ReferenceID": "not one case reference as Tekst",
}
"""What is wrong with a field that cannot be used."""

_NAMED: Final = re.compile(r"ni:///sha-256;([A-Za-z0-9_-]{43})")
_MIME: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_SIZE: Final = re.compile(r"[1-9][0-9]{0,8}")
_OF_FILE: Final = ("Indhold", "Filstoerrelse", "MimeType")
_REGISTERED: Final = ("DistributionObject", "ObjektIndhold", "DistributionDokument", "Registrering")


def is_document(order: Element) -> bool:
    """Say whether an anmodning is about a document."""
    return text_of(order, _tag("DistributionObject"), _tag("ObjektType")).strip() == DOCUMENT


def to_document(order: Element, identifiers: Mapping[str, str]) -> DocumentDraft:
    """Read an announcement; `identifiers` has the hub's own `hub_uuid`, whom documents are for.

    Raises:
        MappingError: with every field that cannot be used.
    """
    context = read_context(order)
    registered = order.find("/".join(map(_tag, _REGISTERED)))
    said = {} if registered is None else _said(registered)
    named, size = _NAMED.fullmatch(said.get("Indhold", "")), said.get("Filstoerrelse", "")
    held = {
        "RoutingModtagerAktoer": context.receiver == identifiers["hub_uuid"].lower(),
        "DokumentFilNavn": is_file_name(context.file),
        "Indhold": named is not None,
        "Filstoerrelse": _SIZE.fullmatch(size) is not None and int(size) <= MAX_BYTES,
        "MimeType": _MIME.fullmatch(said.get("MimeType", "")) is not None,
        "ReferenceID": REFERENCE_SHAPE.fullmatch(said.get("Tekst", "")) is not None,
    }
    wrong = [(field, PROBLEMS[field]) for field, holds in held.items() if not holds]
    if wrong or named is None:
        raise MappingError(*wrong)
    digest = base64.urlsafe_b64decode(f"{named[1]}=").hex()
    return DocumentDraft(
        context.transaction, said["Tekst"], context.file, said["MimeType"], int(size), digest
    )


def _said(registered: Element) -> dict[str, str]:
    """Read what is said of the one file and of the one person; of several nothing is taken."""
    found: dict[str, str] = {}
    files = registered.findall(f".//{_tag('DelAttributter')}")
    if len(files) == 1:
        found = {each: text_of(files[0], _tag(each)).strip() for each in _OF_FILE}
    parts = registered.findall(f".//{_tag('DokumentPart')}")
    persons = [each for each in parts if text_of(each, _tag("Rolle")).strip() == PRIMARY]
    if len(persons) == 1:
        found["Tekst"] = text_of(persons[0], *map(_tag, ("Part", "ReferenceID", "Tekst"))).strip()
    return found


def _tag(name: str) -> str:
    return f"{{{SENDER}}}{name}"
