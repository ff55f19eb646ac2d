"""JSON as it crosses the border: bounded, without doubled keys or NaN, written canonically."""

import json
import re
from collections.abc import Mapping
from typing import Final, NoReturn, cast

# Brackets bound the nesting that a hostile answer could exhaust us with; a page of full items has a third.
MOST_BRACKETS: Final = 800
MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}:[1-9][0-9]{0,5}")
"""Id and version of an item, as one name: it travels in tables, and no name or sentence fits it."""

Object = Mapping[str, object]


def read_object(body: bytes) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        ValueError: it is none; the text says nothing of what was there.
    """
    if body.count(b"{") + body.count(b"[") > MOST_BRACKETS:
        raise ValueError("too many objects and lists")
    try:
        found: object = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
        if b"\\u" in body:
            # A lone surrogate is no text: nothing after us could store or send it.
            write(found)
    except (ValueError, RecursionError):
        raise ValueError("not JSON in UTF-8 with unique keys") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - of what is read here, all is a wrong value
    return cast("dict[str, object]", found)


def write(content: object) -> bytes:
    """Write canonical JSON (sorted keys, no blanks): what is equal is equal bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def is_object(value: object) -> bool:
    """Say whether a value is a JSON object."""
    return isinstance(value, dict)


def as_object(value: object) -> Object:
    """Take a value as an object; what is none has no fields."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Take a value as a list; what is none is empty."""
    return cast("list[object]", value) if isinstance(value, list) else []


def message_id(item: Object) -> str | None:
    """Name an item by its id and version; None if it has none of a shape that may be a name."""
    found = f"{item.get('itemId')}:{item.get('version')}"
    return found if MESSAGE_ID.fullmatch(found) else None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
