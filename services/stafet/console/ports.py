"""What the console needs: where to write steps, where to read cases, and a word when something changed."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stafet.console.domain.capacity import Capacity
from stafet.console.domain.progress import Progress
from stafet.console.domain.standing import Mark
from stafet.console.domain.steps import Step
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import ConsentOrder, ConsentRecord


class StoreUnavailableError(Exception):
    """The console's database is away: answer 503 and let the reader try again."""


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One row of the list. `opened` and `last` are the times of the first and the last step."""

    case: str
    opened: datetime
    last: datetime
    events: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Overview:
    """One page of the newest cases; `more` says whether there are older ones. Counts are over all cases."""

    cases: Sequence[CaseSummary]
    more: bool
    total: int
    stopped: int
    waiting: int
    parked: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that holds a case up."""

    case: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs somebody now: what stopped before what waits, the oldest first; `total` counts all."""

    wanted: Sequence[Wanted]
    total: int


@dataclass(frozen=True, slots=True)
class Page:
    """Which cases: opened before this (time, case), only those in trouble, at most so many."""

    limit: int
    before: tuple[datetime, str] | None = None
    trouble_only: bool = False


class ConsentDesk(Protocol):
    """As much of the vault as the console may use."""

    async def record_consent(self, order: ConsentOrder) -> ConsentRecord:
        """Record what was said about consent; see `stafet_runtime.vaultport.Vault`."""
        ...


class Receipts(Protocol):
    """The receipts of what was reported, within one transaction."""

    async def keep(self, receipt: str, digest: bytes) -> bytes | None:
        """Keep a receipt; return the digest that is kept under it already, None where this is the first.

        Of two at once, one waits for the other.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reporting:
    """The ports of one transaction that takes a report."""

    receipts: Receipts
    outbox: Outbox


OpenReporting = Callable[[], AbstractAsyncContextManager[Reporting]]
"""Opens a transaction that commits at the end of the block; raises StoreUnavailableError."""


class Trail(Protocol):
    """Where handlers put steps; they are written together at the end of the transaction."""

    def add(self, step: Step) -> None:
        """Keep a step for the commit; one that is already recorded changes nothing."""
        ...


class Traces(Protocol):
    """What was recorded. Every method raises StoreUnavailableError when the database is away."""

    async def newest(self, page: Page) -> Overview:
        """Return the cases, newest first."""
        ...

    async def case(self, case: str) -> CaseSummary | None:
        """Return where a case stands, or None."""
        ...

    async def steps(self, case: str, limit: int) -> list[Step]:
        """Return the newest `limit` steps of a case, oldest first."""
        ...

    async def capacities(self) -> list[Capacity]:
        """Return what each unit of each agency said last of its places, by agency and unit."""
        ...

    async def attention(self, limit: int) -> Attention:
        """Return what needs somebody now, over all cases."""
        ...

    async def resolve(self, reference: str) -> str | None:
        """Return the case that a case, referral, message, request or event id belongs to, or None."""
        ...


class Feed(Protocol):
    """Says when something changed."""

    def changes(self, case: str | None, heartbeat_s: float) -> AsyncIterator[bool]:
        """Yield True at once and after changes of the case (or of any), False after a silence.

        `heartbeat_s` is the length of a silence, in seconds. Ends when the hub stops.
        """
        ...
