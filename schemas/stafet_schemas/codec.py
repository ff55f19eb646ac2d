"""CloudEvents on Kafka, binary mode: attributes in `ce_*` headers, the data as the JSON value.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS

Headers = list[tuple[str, bytes]]

CONTENT_TYPE: Final = "content-type"
MAX_DATA_BYTES: Final = 64 * 1024


class UndecodableError(Exception):
    """A record that is not one of our events; `reason` names what is wrong and holds no value of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(event: Event) -> tuple[bytes, Headers, bytes]:
    """Turn an event into a record's key, headers and value."""
    headers: Headers = [(CONTENT_TYPE, event.datacontenttype.encode())]
    for name in type(event).model_fields:
        value = getattr(event, name)
        if name in {"data", "datacontenttype"} or value is None:
            continue
        text = value if isinstance(value, str) else value.isoformat()
        headers.append((f"ce_{name}", text.encode()))
    return event.partitionkey.encode(), headers, event.data.model_dump_json().encode()


def decode(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> Event:
    """Turn a record's headers and value into its event.

    Raises:
        UndecodableError: no type, an unknown type, no data, too much data, or data that does not fit the type.
    """
    if not value:
        raise UndecodableError("no data")
    if len(value) > MAX_DATA_BYTES:
        raise UndecodableError("data above 64 KiB")
    attributes = _attributes(headers)
    kind = EVENTS.get(attributes.get("type", ""))
    if kind is None:
        raise UndecodableError("unknown event type" if "type" in attributes else "no event type")
    data_class = kind.model_fields["data"].annotation
    assert data_class is not None  # noqa: S101 - every event class annotates its data
    try:
        return kind.model_validate({**attributes, "data": data_class.model_validate_json(value)})
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in each["loc"]) or "data" for each in error.errors()})
        raise UndecodableError(f"does not fit {kind.type_name()}: {', '.join(where)}") from None


def _attributes(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, raw in headers:
        if raw is None or not name.startswith("ce_"):
            continue
        try:
            found[name[3:]] = raw.decode()
        except UnicodeDecodeError:
            # A partner's or a proxy's stray header must not cost us the message; a required one is missed below.
            continue
    return found
