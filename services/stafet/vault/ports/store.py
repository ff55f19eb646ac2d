"""The store of registering and releasing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stafet.vault.domain.ledger import Entry, Marks
from stafet.vault.ports.keys import LockedKey
from stafet_runtime.vaultport import StoredRecord
from stafet_schemas.groups import Group


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has: the record of this message, and the case of this reference."""

    record: StoredRecord | None
    key: LockedKey | None


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case and the alias that opened it: `fingerprint` is the blind index, `reference` is ciphertext."""

    key: LockedKey
    agency: str
    fingerprint: bytes
    reference: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A translated message: ciphertext by group, and as ciphertext its sender's id and the raw message."""

    stored: StoredRecord
    agency: str
    message: str
    placer: bytes
    values: Mapping[Group, bytes]
    raw: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger chain: how many rows it has and the hash of the last."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What the store has for a release request.

    `sender_known`: the record (without one, the case) is the sender's. `released` counts the earlier rows of
    the same delivery. `erased`: the case was forgotten; nothing of it opens. `named`: the way back from the
    recipient's pseudonym of the person is kept already. `placer` is the sender's id of the record's message.
    """

    key: LockedKey | None
    sender_known: bool
    version: int | None
    values: Mapping[Group, bytes]
    released: int
    erased: bool = False
    named: bool = False
    placer: bytes | None = None


class Store(Protocol):
    """The vault's tables in one transaction."""

    async def find(self, agency: str, message: str, fingerprint: bytes) -> Known:
        """Look up a message and a reference."""
        ...

    async def open_case(self, case: NewCase) -> bool:
        """Insert a case with its alias and chain; false if the reference has got a case in the meantime."""
        ...

    async def add_record(self, record: NewRecord) -> bool:
        """Insert a record; false if the message has got one, or the case has been erased, in the meantime."""
        ...

    async def lock(self, lane: str) -> Head | None:
        """Take the lane's chain until the end of the transaction; None if there is no such lane."""
        ...

    async def load(
        self, case: str | None, record: str | None, sender: str, delivery: str, recipient: str = ""
    ) -> Held:
        """Read what a release may need, after `lock`, so that it sees all that was committed before."""
        ...

    async def name(self, recipient: str, fingerprint: bytes, case: str) -> None:
        """Keep which case a recipient's pseudonym of this blind index is of."""
        ...

    async def append(self, entry: Entry, marks: Marks) -> None:
        """Add a ledger row at the end of its locked chain."""
        ...
