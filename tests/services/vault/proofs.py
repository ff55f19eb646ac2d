"""Proofs of a small ledger that no database ever held."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import JsonValue

from stafet.vault.domain.audit import Fault, LaneAudit, Row
from stafet.vault.domain.ledger import CASE, FIRST, Entry, columns_of, commitment, mark, place, row_bytes
from stafet.vault.domain.merkle import Frontier, Tree
from stafet.vault.domain.proof import Content, Extension, Inclusion, ProofError, check_proof, read_proof
from stafet.vault.domain.treehead import TreeHead, head_bytes

AT: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
ENTRY: Final = Entry(
    "d-1", "c-1", 1, "c-1", "referral-1", "r-1", 1, "police", "redcross", "support", "content",
    "1", "made", None, ("routing",), ("routing.service",), (), "delivery-1", 1, AT,
)  # fmt: skip
ROW_KEY: Final = b"r" * 32
STAMPS: Final = hmac.new(b"h" * 32, digestmod="sha256")
SIGNING: Final = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
SIZE: Final = 7
POSITION: Final = 4


def leaves() -> list[bytes]:
    """Return the hashes of seven rows in one lane."""
    hashes, previous = list[bytes](), FIRST
    for number in range(1, SIZE + 1):
        entry = replace(ENTRY, number=number, disclosure=f"d-{number}")
        previous = mark(entry, previous, CASE, ROW_KEY, STAMPS).hash
        hashes.append(previous)
    return hashes


def head(size: int, key: Ed25519PrivateKey = SIGNING) -> TreeHead:
    """Sign the tree of the first rows."""
    frontier = Frontier()
    for each in leaves()[:size]:
        frontier.add(each)
    signature = key.sign(head_bytes(size, frontier.root(), AT))
    return TreeHead(
        size=size, root=frontier.root(), at=AT, key=key.public_key().public_bytes_raw(), signature=signature
    )


def inclusion(key: Ed25519PrivateKey = SIGNING) -> Inclusion:
    """Prove one row."""
    entry = replace(ENTRY, number=POSITION + 1, disclosure=f"d-{POSITION + 1}")
    previous = leaves()[POSITION - 1]
    marks = mark(entry, previous, CASE, ROW_KEY, STAMPS)
    _, hidden = row_bytes(columns_of(entry))
    row: dict[str, Any] = {
        "at": "2026-11-24T12:00:00.000000+00:00", "attempt": 1, "bases": [], "delivery": "delivery-1",
        "disclosure": entry.disclosure, "fields": ["routing.service"], "groups": ["routing"],
        "outcome": "made", "part": "content", "policy": "1", "purpose": "support", "reason": None,
        "recipient": "redcross", "referral": "referral-1", "sender": "police",
    }  # fmt: skip
    return Inclusion(
        content=Content(row=row, row_key=ROW_KEY, committed=commitment(ROW_KEY, hidden)),
        digest=marks.digest,
        previous=previous,
        place=place("c-1", POSITION + 1, CASE),
        position=POSITION,
        path=tuple(Tree(leaves()).inclusion(POSITION, SIZE)),
        head=head(SIZE, key),
    )


def extension() -> Extension:
    """Prove that the tree grew."""
    return Extension(first=head(3), second=head(SIZE), path=tuple(Tree(leaves()).consistency(3, SIZE)))


class AuditKeys:
    """The hub's keys of a ledger in memory: a row's key is its name."""

    def __init__(self) -> None:
        self.stamps = STAMPS

    def row_key(self, disclosure: str) -> bytes:
        """Return the hub's key of a row."""
        return b"hub" + disclosure.encode()


def rows(keyed: str = CASE) -> list[Row]:
    """Return the rows of a chain as an audit reads them, without leaves."""
    found, previous = list[Row](), FIRST
    for number in range(1, SIZE + 1):
        entry = replace(ENTRY, number=number, disclosure=f"d-{number}")
        marks = mark(entry, previous, keyed, keyed.encode() + entry.disclosure.encode(), STAMPS)
        found.append(
            Row(
                "c-1",
                number,
                None,
                None,
                previous,
                marks.hash,
                keyed,
                marks.digest,
                marks.stamp,
                columns_of(entry),
            )
        )
        previous = marks.hash
    return found


def audited(found: Sequence[Row], *, erased: bool = False) -> list[Fault]:
    """Audit a chain; of an erased case there is no key."""
    faults: list[Fault] = []
    audit = LaneAudit("c-1", AuditKeys(), None if erased else lambda name: b"case" + name.encode(), faults)
    for each in found:
        audit.take(each)
    audit.end(len(found), found[-1].hash)
    return faults


def variants(value: JsonValue) -> Iterator[JsonValue]:
    """Change one thing at a time in a JSON document: each number, text, list and member."""
    match value:
        case dict():
            for name, each in value.items():
                yield from ({**value, name: other} for other in variants(each))
                yield {other: said for other, said in value.items() if other != name}
        case list():
            for at, each in enumerate(value):
                yield from ([*value[:at], other, *value[at + 1 :]] for other in variants(each))
                yield value[:at] + value[at + 1 :]
        case bool() | None:
            yield "x"
        case str():
            yield ("1" if value[:1] == "0" else "0") + value[1:]
            yield value[:-1]
        case int() | float():
            yield value + 1


def holds(text: str) -> bool:
    """Say whether a text is a proof that holds."""
    try:
        check_proof(read_proof(text.encode()))
    except ProofError:
        return False
    return True
