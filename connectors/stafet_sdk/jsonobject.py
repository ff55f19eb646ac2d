"""A JSON object out of bytes of a stranger: UTF-8, no doubled keys, no deep nesting; and back, canonical."""

import json
from collections.abc import Mapping
from typing import Final, NoReturn, cast

# Messages are small; a bound on brackets bounds the nesting that a hostile sender could exhaust us with.
MOST_BRACKETS: Final = 512


class NotJsonObjectError(Exception):
    """Bytes that are no JSON object for us; the message says why and holds nothing of them."""


def read_object(body: bytes) -> dict[str, object]:
    """Read an object.

    Raises:
        NotJsonObjectError: it is none, or too deep, or says a key twice.
    """
    if body.count(b"{") + body.count(b"[") > MOST_BRACKETS:
        raise NotJsonObjectError(f"the body has more than {MOST_BRACKETS} objects and lists")
    try:
        found: object = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
        if b"\\u" in body:
            # A lone surrogate is no text: nothing after us could store or send it.
            json.dumps(found, ensure_ascii=False).encode()
    except ValueError:
        raise NotJsonObjectError("the body is not JSON in UTF-8 with unique keys") from None
    if not isinstance(found, dict):
        raise NotJsonObjectError("the body is not a JSON object")
    return cast("dict[str, object]", found)


def write_object(said: Mapping[str, object]) -> bytes:
    """Write an object as canonical JSON (sorted keys, no blanks): equal objects are equal bytes."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
