"""How the ledger proves what left: each row under keys, chained to the one before in its lane.

A row's `digest` is keyed by the case, so that nothing that others were shown leads to anybody once the case's
key is destroyed: chain and tree stand on digests alone. A row's `stamp` is keyed by the hub and stays in it:
it finds a change even then. What a recipient need not know of its row is in the digest as a commitment.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Final

from pydantic_core import to_json

NO_CASE: Final = "no-case"
"""The lane of ledger rows that have no case: a status about a message that was never translated."""

FIRST: Final = bytes(32)
"""What the first row of a chain has before it."""

CASE: Final = "case"
HUB: Final = "hub"
"""Whose key a row's digest is made with: the case's, or the hub's where no case has a key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger row: who saw (or was refused) what, when, and by which policy. Field names, never values.

    `number` counts from 1 in its lane. `attempt` counts the rows of one delivery: every try at a partner is a
    disclosure of its own, because nobody knows how much of a failed try was read. `fields` are `group.field`,
    `bases` the consents, duties and grounds that opened some of them: `basis:id:version`.
    """

    disclosure: str
    lane: str
    number: int
    case: str | None
    referral: str | None
    record: str | None
    version: int | None
    sender: str
    recipient: str
    purpose: str
    part: str
    policy: str
    outcome: str
    reason: str | None
    groups: tuple[str, ...]
    fields: tuple[str, ...]
    bases: tuple[str, ...]
    delivery: str
    attempt: int
    at: datetime


COLUMNS: Final = tuple(Entry.__slots__)
HIDDEN: Final = ("case", "lane", "number", "record", "version")
"""What a recipient need not know of its own row: the hub's pseudonym, and how much else there is."""

SHOWN: Final = tuple(sorted(set(COLUMNS) - set(HIDDEN)))

_all = attrgetter(*COLUMNS)
_shown = itemgetter(*map(COLUMNS.index, SHOWN))
_hidden = itemgetter(*map(COLUMNS.index, HIDDEN))


@dataclass(frozen=True, slots=True)
class Marks:
    """What proves a row: the hash of the row before, its own, whose key, keyed digest, the hub's stamp."""

    previous: bytes
    hash: bytes
    keyed: str
    digest: bytes
    stamp: bytes


def mark(entry: Entry, previous: bytes, keyed: str, row_key: bytes, stamps: hmac.HMAC) -> Marks:
    """Make what proves a row; `row_key` is its own, `stamps` begun with the hub's for all."""
    shown, hidden = row_bytes(columns_of(entry))
    digest = row_digest(row_key, shown, commitment(row_key, hidden))
    hash_ = link(previous, digest, place(entry.lane, entry.number, keyed))
    return Marks(previous, hash_, keyed, digest, stamp(stamps, hash_, shown, hidden))


def columns_of(entry: Entry) -> tuple[object, ...]:
    """Return a row's columns in the order of `COLUMNS`."""
    columns: tuple[object, ...] = _all(entry)
    return columns


def row_bytes(columns: Sequence[object]) -> tuple[bytes, bytes]:
    """Write a row's shown columns as a canonical object and its hidden ones as a canonical list.

    `at` may be written already, as ISO 8601 in UTC with microseconds: a database does it beside us.

    Raises:
        TypeError: a shown column has no name of its own, or `at` is no time.
    """
    row = dict(zip(SHOWN, _shown(columns), strict=True))
    at = row["at"]
    if isinstance(at, datetime):
        row["at"] = at.isoformat(timespec="microseconds")
    elif not isinstance(at, str):
        raise TypeError("a row without a time")
    # As `canonical` writes it, in a quarter of the time: the names stand sorted already.
    return to_json(row), to_json(_hidden(columns))


def commitment(row_key: bytes, hidden: bytes) -> bytes:
    """Stand in for what a recipient need not know: a hash salted with the row's key fits nothing else."""
    return hashlib.sha256(b"\x00" + row_key + hidden).digest()


def row_digest(row_key: bytes, shown: bytes, committed: bytes) -> bytes:
    """HMAC-SHA-256 of a row under its own key."""
    return hmac.digest(row_key, b"\x01" + committed + shown, "sha256")


def stamp(stamps: hmac.HMAC, hash_: bytes, shown: bytes, hidden: bytes) -> bytes:
    """HMAC-SHA-256 of the whole row and its hash under the hub's key of stamps."""
    # A copy takes half the time of beginning with the key again.
    made = stamps.copy()
    made.update(b"\x02" + hash_ + shown + hidden)
    return made.digest()


def place(lane: str, number: int, keyed: str) -> bytes:
    """Name the place of a row without saying which: a case's pseudonym cannot be guessed."""
    return hashlib.sha256(to_json((lane, number, keyed))).digest()


def link(previous: bytes, digest: bytes, placed: bytes) -> bytes:
    """Chain a row to the one before: SHA-256 over the previous hash, the row's digest and its place."""
    return hashlib.sha256(previous + digest + placed).digest()


def canonical(value: object) -> bytes:
    """Write JSON in one way only: sorted names, no spaces, UTF-8 (RFC 8785, for all but fractions)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
