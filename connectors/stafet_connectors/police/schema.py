"""Our XML schemas of the SF2900 operations, and which fields of a message break them."""

import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, cast

from lxml import etree

from stafet_sdk.xml import Element, canonical, local_name, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER: Final = Path(__file__).parent / "wsdl"
SENDER: Final = "http://serviceplatformen.dk/xml/wsdl/soap11/DistributionService/2/types"
HUB: Final = "http://serviceplatformen.dk/xml/wsdl/soap11/DistributionService/3/types"

_LOCK: Final = Lock()
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\(([^()]*)\)")
_MISSING: Final = 1871
_SUBJECT: Final = re.compile(r"\AElement '(?:\{[^}]*\})?([A-Za-z][A-Za-z0-9]{0,39})'")


def broken_fields(message: Element) -> tuple[str, ...]:
    """Names of the fields of `message` that break our schema, in order; empty when it is valid.

    A missing field is named itself. Only names are read from the validator's messages: they also hold values.
    """
    schema = _schema()
    # A document of its own: the validator's paths count from the root.
    message = parse(canonical(message))
    with _LOCK:
        if schema.validate(message):
            return ()
        entries = list(cast("Iterable[_Entry]", schema.error_log))
    names = [name for entry in entries for name in _names(entry)]
    return tuple(dict.fromkeys(names)) or (local_name(message),)


class _Entry(Protocol):
    """One line of lxml's error log: libxml2's error number and message."""

    type: int
    message: str


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(FOLDER / "types-3.xsd")))


def _names(entry: _Entry) -> list[str]:
    expected = _EXPECTED.search(entry.message) if entry.type == _MISSING else None
    if expected is not None:
        return [each.rpartition("}")[2].strip() for each in expected.group(1).split(",")]
    return _SUBJECT.findall(entry.message)
