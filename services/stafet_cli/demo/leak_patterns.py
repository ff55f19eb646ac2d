"""Every way in which a value may stand in bytes, and one automaton that finds them all in one pass. Pure.

A value counts as found in UTF-8 (also encoded twice), UTF-16 (both byte orders), hex, URL encoding, JSON
escapes and base64 (wherever in a longer text it begins; standard and URL alphabet). Letters match in any
mixture of cases; in hex and base64 as written, all lower or all upper.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus

from ahocorasick_rs import BytesAhoCorasick

# Below this a value turns up in random bytes by itself.
SHORTEST: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A place (`topic/partition/offset`, `schema.table`, `file:line`) and how many values stand in it."""

    place: str
    values: int


class Patterns:
    """Finds any of the values in bytes; says which by their number, and never shows one."""

    def __init__(self, values: Sequence[str]) -> None:
        """Prepare the search.

        Raises:
            ValueError: there is no value, or one is too short to be told from chance.
        """
        if not values or min(map(len, values)) < SHORTEST:
            raise ValueError(f"values to search must be {SHORTEST} characters or longer, and at least one")
        owners: dict[bytes, int] = {}
        for number, value in enumerate(values):
            for form in (form for spelt in (value, value.lower(), value.upper()) for form in forms(spelt)):
                owners.setdefault(form.lower(), number)
        self._owners = list(owners.values())
        self._automaton = BytesAhoCorasick(list(owners))

    def hits(self, blob: bytes) -> set[tuple[int, int]]:
        """Return (number of the value, position where it begins) for all that is found, overlaps included."""
        found = self._automaton.find_matches_as_indexes(blob.lower(), overlapping=True)
        return {(self._owners[form], start) for form, start, _ in found}


def forms(value: str) -> Iterator[bytes]:
    """Write a value in every encoding that is searched."""
    plain = value.encode()
    yield plain
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    yield plain.hex().encode()
    yield quote(value, safe="").encode()
    yield quote_plus(value).encode()
    yield json.dumps(value)[1:-1].encode()
    # UTF-8 taken for Latin-1 and written as UTF-8 once more: how the outbox keeps headers.
    yield plain.decode("latin-1").encode()
    for shift in range(3):
        yield from _base64(plain, shift)


def _base64(plain: bytes, shift: int) -> Iterator[bytes]:
    """Give the characters that are the same whatever stands `shift` bytes before and anything after."""
    whole = base64.b64encode(bytes(shift) + plain)
    first = (shift * 8 + 5) // 6
    last = (shift + len(plain)) * 8 // 6
    yield whole[first:last]
    yield whole[first:last].translate(bytes.maketrans(b"+/", b"-_"))
