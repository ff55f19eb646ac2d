"""CloudEvents on Kafka, binary mode: attributes in `ce_*` headers, the data as the JSON value.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from pydantic import ValidationError

from stafet_schemas.event import Event, EventData
from stafet_schemas.registry import EVENTS

Headers = list[tuple[str, bytes]]

CONTENT_TYPE: Final = "content-type"
MAX_DATA_BYTES: Final = 64 * 1024

TYPE_HEADER: Final = "ce_type"
ATTRIBUTES: Final = tuple(name for name in Event.model_fields if name not in {"data", "datacontenttype"})
_HEADERS: Final = {name: f"ce_{name}" for name in ATTRIBUTES}
_NAMES: Final = {f"ce_{name}": name for name in Event.model_fields if name != "data"}


class UndecodableError(Exception):
    """A record that is not one of our events; `reason` names what is wrong and holds no value of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(event: Event) -> tuple[bytes, Headers, bytes]:
    """Turn an event into a record's key, headers and value."""
    attributes: dict[str, str | None] = {}
    for name in ATTRIBUTES:
        value = getattr(event, name)
        attributes[name] = value if value is None or isinstance(value, str) else value.isoformat()
    return event.partitionkey.encode(), attribute_headers(attributes), event.data.model_dump_json().encode()


def attribute_headers(attributes: Mapping[str, str | None]) -> Headers:
    """Word attributes (times as ISO 8601) as a record's headers; an absent one has none."""
    headers: Headers = [(CONTENT_TYPE, b"application/json")]
    headers += [(_HEADERS[name], text.encode()) for name, text in attributes.items() if text is not None]
    return headers


@cache
def data_class(kind: type[Event]) -> type[EventData]:
    """Return the class of an event's data."""
    annotation = kind.model_fields["data"].annotation
    assert isinstance(annotation, type)  # noqa: S101 - every event class annotates its data
    assert issubclass(annotation, EventData)  # noqa: S101 - with a class of data
    return annotation


def kind_of(headers: Iterable[tuple[str, bytes | None]]) -> type[Event] | None:
    """Tell a record's event class by its headers alone; None if it names no type that there is."""
    found = next((value for name, value in headers if name == TYPE_HEADER), None)
    return EVENTS.get(found.decode(errors="replace")) if found else None


def decode(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> Event:
    """Turn a record's headers and value into its event.

    Raises:
        UndecodableError: no type, an unknown one, no data, too much data, or data that does not fit the type.
    """
    if not value:
        raise UndecodableError("no data")
    if len(value) > MAX_DATA_BYTES:
        raise UndecodableError("data above 64 KiB")
    attributes: dict[str, object] = {**_attributes(headers)}
    kind = EVENTS.get(str(attributes.get("type", "")))
    if kind is None:
        raise UndecodableError("unknown event type" if "type" in attributes else "no event type")
    try:
        attributes["data"] = data_class(kind).model_validate_json(value)
        return kind.model_validate(attributes)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) or "data" for each in error.errors()})
        raise UndecodableError(f"does not fit {kind.type_name()}: {', '.join(where)}") from None


def _attributes(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header, raw in headers:
        name = _NAMES.get(header)
        if name is None or raw is None:
            continue
        try:
            found[name] = raw.decode()
        except UnicodeDecodeError:
            # A proxy's stray header must not cost us the message; a required one is missed below.
            continue
    return found
