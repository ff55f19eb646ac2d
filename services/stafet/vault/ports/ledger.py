"""The ledger as a whole: lanes, leaves, tree heads, and where heads are kept outside the database."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from stafet.vault.domain.audit import Row
from stafet.vault.domain.merkle import Frontier
from stafet.vault.domain.treehead import TreeHead
from stafet.vault.ports.keys import LockedKey


@dataclass(frozen=True, slots=True)
class Lane:
    """A chain: how many rows it should have, the hash of the last, and its case's key unless destroyed."""

    lane: str
    entries: int
    head: bytes
    key: LockedKey | None


@dataclass(frozen=True, slots=True)
class Planted:
    """A row with its place in the tree (None as long as it has none) and its case's key unless destroyed."""

    row: Row
    position: int | None
    key: LockedKey | None


class Ledger(Protocol):
    """The ledger in one transaction."""

    async def alone(self) -> None:
        """Let no other transaction plant until the end of this one."""
        ...

    async def freeze(self) -> None:
        """See the ledger as it stands now until the end of the transaction."""
        ...

    async def newest(self) -> tuple[TreeHead, Frontier] | None:
        """Return the newest tree head, and its tree ready to grow on."""
        ...

    async def plant(self, position: int) -> Sequence[bytes]:
        """Give each committed row without a leaf one, from a position on; return their hashes in order."""
        ...

    async def keep(self, head: TreeHead, frontier: Frontier) -> None:
        """Keep a new tree head."""
        ...

    def lanes(self) -> AsyncIterator[Sequence[Lane]]:
        """Go through all lanes, some at a time, in an order of their own."""
        ...

    def rows(self, lanes: Sequence[str]) -> AsyncIterator[Sequence[Row]]:
        """Go through the rows of some lanes, by lane and number."""
        ...

    def leaves(self) -> AsyncIterator[Sequence[tuple[int, bytes]]]:
        """Go through all leaves by position."""
        ...

    async def strays(self) -> Sequence[tuple[int, str, str]]:
        """Name number, lane and disclosure of all leaves whose lane is not there any more."""
        ...

    async def heads(self) -> Sequence[TreeHead]:
        """Return all tree heads."""
        ...

    async def find(self, disclosure: str) -> Planted | None:
        """Find a row."""
        ...


class Heads(Protocol):
    """Signed tree heads outside the database."""

    def export(self, head: TreeHead) -> None:
        """Keep a head, if it is not kept already."""
        ...

    def largest(self) -> int:
        """Return the size of the largest tree whose head is kept; 0 without one."""
        ...

    def exported(self) -> Sequence[TreeHead]:
        """Return all heads that are kept.

        Raises:
            VaultUnavailableError: a file among them is no tree head.
        """
        ...
