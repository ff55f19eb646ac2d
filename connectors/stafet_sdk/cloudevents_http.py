"""CloudEvents 1.0.2 over HTTP, structured mode, JSON format: how partners with modern systems speak.

Strict at the edge: UTF-8, no doubled keys, data is a JSON object. Unknown extension attributes are kept.
Source: https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents (spec.md, formats/json-format.md)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from stafet_sdk.jsonobject import NotJsonObjectError, read_object, write_object

CONTENT_TYPE: Final = "application/cloudevents+json"
SPEC_VERSION: Final = "1.0"

_NAME: Final = re.compile(r"[a-z0-9]{1,64}")
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_TEXTS: Final = ("id", "source", "type")
_OPTIONAL_TEXTS: Final = ("subject", "dataschema", "datacontenttype")
_OWN: Final = frozenset({*_TEXTS, *_OPTIONAL_TEXTS, "specversion", "time", "data", "data_base64"})

Attribute = str | int | bool


class NotCloudEventError(Exception):
    """A request that is no CloudEvent for us.

    `code` is unsupported_media_type, malformed or invalid; `fields` names attributes, never values.
    """

    def __init__(self, code: str, detail: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.fields = fields


@dataclass(frozen=True, slots=True, repr=False)
class PartnerEvent:
    """A CloudEvent at a partner edge. `data` is a JSON object. No repr: it may hold values of a person."""

    id: str
    source: str
    type: str
    data: Mapping[str, object]
    subject: str | None = None
    time: datetime | None = None
    dataschema: str | None = None
    extensions: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


def build(event: PartnerEvent) -> bytes:
    """Write an event as canonical JSON (sorted keys, no blanks): equal events are equal bytes."""
    written: dict[str, object] = {
        **event.extensions,
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "datacontenttype": "application/json",
        "data": event.data,
        "subject": event.subject,
        "dataschema": event.dataschema,
        "time": None if event.time is None else event.time.isoformat(),
    }
    present = {name: value for name, value in written.items() if value is not None}
    return write_object(present)


def parse(content_type: str, body: bytes) -> PartnerEvent:
    """Read an event from a request's content type and body.

    Raises:
        NotCloudEventError: another content type, no JSON object, or attributes that CloudEvents 1.0 forbids.
    """
    media_type, _, parameters = content_type.lower().partition(";")
    foreign = "charset" in parameters and "utf-8" not in parameters
    if media_type.strip() != CONTENT_TYPE or foreign:
        raise NotCloudEventError("unsupported_media_type", f"send {CONTENT_TYPE} in UTF-8")
    # A null is the same as an absent attribute (JSON format, 2.2).
    found = {name: value for name, value in _object(body).items() if value is not None}
    wrong = _wrong_attributes(found)
    if wrong:
        raise NotCloudEventError(
            "invalid", "attributes are missing or not as CloudEvents 1.0 has them", wrong
        )
    texts = cast("dict[str, str]", found)
    time = texts.get("time")
    return PartnerEvent(
        id=texts["id"],
        source=texts["source"],
        type=texts["type"],
        data=cast("dict[str, object]", found["data"]),
        subject=texts.get("subject"),
        time=None if time is None else datetime.fromisoformat(time.upper()),
        dataschema=texts.get("dataschema"),
        extensions={name: cast("Attribute", value) for name, value in found.items() if name not in _OWN},
    )


def _object(body: bytes) -> dict[str, object]:
    try:
        return read_object(body)
    except NotJsonObjectError as error:
        raise NotCloudEventError("malformed", str(error)) from None


def _wrong_attributes(found: Mapping[str, object]) -> tuple[str, ...]:
    wrong = {name for name in _TEXTS if not (isinstance(found.get(name), str) and found[name])}
    wrong |= {
        name
        for name in _OPTIONAL_TEXTS
        if name in found and not (isinstance(found[name], str) and found[name])
    }
    if found.get("specversion") != SPEC_VERSION:
        wrong.add("specversion")
    if not isinstance(found.get("data"), dict):
        wrong.add("data")
    if "data_base64" in found:
        wrong.add("data_base64")
    if str(found.get("datacontenttype", "application/json")).partition(";")[0].strip() != "application/json":
        wrong.add("datacontenttype")
    if "time" in found and not _is_time(found["time"]):
        wrong.add("time")
    for name in found.keys() - _OWN:
        if not _NAME.fullmatch(name):
            # The name itself may be anything the sender typed, so it is not repeated.
            wrong.add("extension")
        elif not isinstance(found[name], str | int):
            wrong.add(name)
    return tuple(sorted(wrong))


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True
