"""The store of what cases are to each other, and of which are closed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kinship:
    """Two cases, the lesser pseudonym first: their state (see `domain.machines`) and how alike they are."""

    first: str
    second: str
    state: str = ""
    score: int = 0


class Kinships(Protocol):
    """The tables in one transaction."""

    async def note(self, case: str, signs: Mapping[str, bytes]) -> Sequence[tuple[str, str]]:
        """Keep a case's signs (blind index by name); return what others share, as (sign, other case).

        Of two transactions with the same sign one waits for the other, so that neither misses it.
        """
        ...

    async def between(self, case: str, other: str) -> Kinship:
        """Return, locked, what two cases are to each other; one that was never kept has no state."""
        ...

    async def keep(self, kinship: Kinship) -> None:
        """Write what two cases are to each other."""
        ...

    async def merged(self, case: str) -> Collection[str]:
        """Return the other cases of the same person, over any number of steps."""
        ...

    async def state(self, case: str) -> str | None:
        """Return, locked, whether a case is open or closed; None if there is none, or it was erased."""
        ...

    async def mark(self, case: str, state: str, message: str) -> None:
        """Write whether a case is open or closed, and by which message."""
        ...
