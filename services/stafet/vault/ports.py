"""What the vault's handlers need from outside: the store of one transaction, and keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stafet.vault.domain import Entry
from stafet_runtime.vaultport import StoredRecord
from stafet_schemas.groups import Group


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A case's data key as it is stored: wrapped by the key-encryption key."""

    case: str
    wrapped: bytes


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
    """A translated message: ciphertext by group, and the raw message as ciphertext."""

    stored: StoredRecord
    agency: str
    message: str
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
    the same delivery.
    """

    key: LockedKey | None
    sender_known: bool
    version: int | None
    values: Mapping[Group, bytes]
    released: int


class Store(Protocol):
    """The vault's tables in one transaction."""

    async def find(self, agency: str, message: str, fingerprint: bytes) -> Known:
        """Look up a message and a reference."""
        ...

    async def open_case(self, case: NewCase) -> bool:
        """Insert a case with its alias and chain; false if the reference has got a case in the meantime."""
        ...

    async def add_record(self, record: NewRecord) -> bool:
        """Insert a record; false if the message has got one in the meantime."""
        ...

    async def lock(self, lane: str) -> Head | None:
        """Take the lane's chain until the end of the transaction; None if there is no such lane."""
        ...

    async def load(self, case: str | None, record: str | None, sender: str, delivery: str) -> Held:
        """Read what a release may need, after `lock`, so that it sees all that was committed before."""
        ...

    async def append(self, entry: Entry, previous: bytes, link: bytes) -> None:
        """Add a ledger row at the end of its locked chain."""
        ...


class CaseKey(Protocol):
    """A case's open data key. A ciphertext is bound to the `place` it was made for and opens nowhere else."""

    @property
    def locked(self) -> LockedKey:
        """The same key, wrapped."""
        ...

    def encrypt(self, plaintext: bytes, place: Sequence[str]) -> bytes:
        """Encrypt for a place."""
        ...

    def decrypt(self, ciphertext: bytes, place: Sequence[str]) -> bytes:
        """Decrypt.

        Raises:
            VaultUnavailableError: changed, moved here from another place, or under another key.
        """
        ...

    def digest(self, content: bytes) -> str:
        """Return a keyed digest (HMAC-SHA-256, hex): without the case's key no guess can be tested on it."""
        ...


class Keys(Protocol):
    """What the vault's own keys are used for."""

    def new_case(self) -> CaseKey:
        """Make a random pseudonym and a random data key."""
        ...

    def open_case(self, key: LockedKey) -> CaseKey:
        """Unwrap a case's data key.

        Raises:
            VaultUnavailableError: it was wrapped under another key-encryption key.
        """
        ...

    def fingerprint(self, agency: str, reference: str) -> bytes:
        """Return the blind index of an agency's reference: equal for equal ones, and telling nothing else."""
        ...

    def person(self, recipient: str, case: str) -> str:
        """Return the recipient's own pseudonym of the person of a case."""
        ...

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Open what was sealed to the vault.

        Raises:
            ValueError: it does not open.
        """
        ...
