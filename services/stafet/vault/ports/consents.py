"""The store of consents, duties and grounds, and of who holds what by the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stafet.vault.domain.consent import Holding, Version


@dataclass(frozen=True, slots=True)
class Routing:
    """The routing facts of a record, encrypted."""

    record: str
    version: int
    ciphertext: bytes


class Consents(Protocol):
    """The vault's tables in one transaction, after the case's chain was locked."""

    async def history(self, case: str) -> tuple[Version, ...]:
        """Read all versions of all bases of a case, as they were recorded."""
        ...

    async def told(self, case: str, digest: str) -> tuple[tuple[str, ...], tuple[Version, ...]]:
        """Name the bases that the message of this digest has changed, and read what `history` does."""
        ...

    async def add(
        self, case: str, versions: Sequence[Version], *, entries: int, digest: str | None = None
    ) -> None:
        """Add versions: the case's ledger has so many `entries`, `digest` is of the message that said so."""
        ...

    async def holdings(self, case: str) -> tuple[Holding, ...]:
        """List what left with values, by the ledger: recipient, purpose and groups."""
        ...

    async def referrals(self, case: str, recipient: str) -> tuple[str, ...]:
        """List the referrals that a recipient was shown, by the ledger."""
        ...

    async def concerned(self, case: str, recipient: str) -> tuple[str, ...]:
        """List the referrals that a recipient was shown, or whose status it was told, by the ledger."""
        ...

    async def routing(self, case: str) -> Routing | None:
        """Read the routing facts of the newest record that has any."""
        ...

    async def party(self, case: str, agency: str) -> bool:
        """Say whether an agency has to do with a case: by a reference of its own, or having been shown it."""
        ...

    async def due(self, at: datetime) -> tuple[str, ...]:
        """List cases in which something has run out by a time and nobody has said so yet."""
        ...
