"""How the ledger proves what left: rows chained per lane."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

NO_CASE: Final = "no-case"
"""The lane of ledger rows that have no case: a status about a message that was never translated."""

FIRST: Final = bytes(32)
"""What the first row of a chain has before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger row: who saw (or was refused) what, when, and by which policy. Field names, never values.

    `number` counts from 1 in its lane. `attempt` counts the rows of one delivery: every try at a partner is a
    disclosure of its own, because nobody knows how much of a failed try was read. `fields` are `group.field`.
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
    delivery: str
    attempt: int
    at: datetime


def link(previous: bytes, entry: Entry) -> bytes:
    """Chain a ledger row to the one before: SHA-256 over the previous hash and the row as canonical JSON."""
    row = {name: getattr(entry, name) for name in Entry.__slots__}
    return hashlib.sha256(
        previous + canonical(row | {"at": entry.at.isoformat(timespec="microseconds")})
    ).digest()


def canonical(value: object) -> bytes:
    """Write JSON in one way only: sorted names, no spaces, UTF-8 (RFC 8785, for all but fractions)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
