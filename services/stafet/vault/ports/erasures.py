"""The store of erasing, the journal that outlives it, and the hub's signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stafet.vault.domain.erasure import Counts, Hold


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody's order to erase a case; `by` names the human and stays in the vault."""

    erasure: str
    case: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, locked until the end of the transaction.

    `request` is the order that waits for a hold. `certificate` is the text of the newest one; `zones` are
    those that still have a key, and `keks` the versions that these are, or ever were, wrapped under.
    """

    holds: tuple[Hold, ...]
    request: Request | None
    certificate: str | None
    zones: tuple[str, ...]
    keks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shred:
    """A line of the journal: the pseudonym, the time and the zones, nothing else."""

    case: str
    at: datetime
    zones: tuple[str, ...]


class Erasures(Protocol):
    """The vault's tables in one transaction, as far as forgetting goes."""

    async def stand(self, case: str) -> Standing | None:
        """Lock a case against releases and new records, and say where it stands; None if it is unknown."""
        ...

    async def place(self, hold: Hold, at: datetime) -> bool:
        """Insert a hold; false if there is no such case, or nothing left of it to keep."""
        ...

    async def lift(self, hold: str, by: str, at: datetime) -> bool:
        """End a hold; false if there is none in force under this id."""
        ...

    async def keep(self, request: Request) -> None:
        """Keep an order that waits for a hold."""
        ...

    async def recipients(self, case: str) -> tuple[str, ...]:
        """List the agencies that something of the case was disclosed to."""
        ...

    async def tree_head(self) -> str | None:
        """Name the newest head of the ledger's tree, as size and root; None before the first."""
        ...

    async def destroy(self, case: str, zones: Sequence[str], at: datetime) -> Counts:
        """Destroy keys, values, raw messages, aliases and records of these zones, and count them."""
        ...

    async def finish(self, request: Request, at: datetime, certificate: str) -> None:
        """Keep what the order came to."""
        ...

    async def unshredded(self, cases: Sequence[str]) -> tuple[str, ...]:
        """Pick the cases that are there and have a key."""
        ...

    async def shredded(self, but: Sequence[str]) -> tuple[tuple[Shred, str], ...]:
        """List what was shredded, but for these cases, each with its certificate."""
        ...


class Journal(Protocol):
    """What must be remembered of an erasure outside the database, so that no restore undoes it."""

    def write(self, shred: Shred, certificate: str) -> None:
        """Keep line and certificate so that a loss of power takes neither."""
        ...

    def read(self) -> tuple[Shred, ...]:
        """Read all lines, oldest first.

        Raises:
            VaultUnavailableError: a line is not one that `write` wrote.
        """
        ...

    def certificate(self, case: str) -> str | None:
        """Read the newest certificate of a case."""
        ...


class Signer(Protocol):
    """The hub's own signature (Ed25519)."""

    @property
    def public(self) -> bytes:
        """The public key, raw."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Sign."""
        ...
