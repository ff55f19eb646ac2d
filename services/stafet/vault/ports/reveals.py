"""The store of what humans at the hub were shown, and of who a recipient's pseudonym is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stafet.vault.domain.subject import Disclosed
from stafet_schemas.groups import Group


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody else said of a grant: a code of the list `verdict`."""

    verdict: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """One time somebody asked to be shown something; `blocked` is why nothing was.

    `why` is ciphertext, None without a reason or a case that has a key. `until` ends the box of time in which
    the same human may look again.
    """

    reveal: str
    case: str | None
    part: str
    role: str
    purpose: str
    groups: tuple[str, ...]
    why: bytes | None
    by: str
    second: str | None
    break_glass: bool
    at: datetime
    until: datetime | None
    blocked: str | None
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """One record of a case: who sent it when, and ciphertext by group."""

    record: str
    version: int
    agency: str
    at: datetime
    values: Mapping[Group, bytes]


class Reveals(Protocol):
    """The vault's tables in one transaction."""

    async def alone(self, by: str) -> None:
        """Let one transaction of a human at a time count what that human was shown."""
        ...

    async def others(self, by: str, since: datetime, case: str | None) -> int:
        """Count the other cases that a human was shown something of, or guessed at, since a time."""
        ...

    async def keep(self, grant: Grant) -> None:
        """Keep what was asked, and what came of it."""
        ...

    async def find(self, reveal: str) -> Grant | None:
        """Find; None if there is none."""
        ...

    async def newest(self, most: int) -> Sequence[Grant]:
        """List the newest, the newest first."""
        ...

    async def due(self, most: int) -> Sequence[Grant]:
        """List what waits for a review, the oldest first."""
        ...

    async def review(self, reveal: str, review: Review) -> bool:
        """Close a review; false if somebody else has in the meantime."""
        ...

    async def records(self, case: str, groups: Sequence[str]) -> Sequence[Sealed]:
        """Read these groups of all records of a case in their newest versions, oldest record first."""
        ...

    async def case_of(self, recipient: str, fingerprint: bytes) -> str | None:
        """Find the case of a recipient's pseudonym."""
        ...

    async def held(self, case: str) -> frozenset[str]:
        """Name the groups that a case has values of."""
        ...

    async def disclosed(self, case: str) -> Sequence[Disclosed]:
        """List all disclosures of a case, oldest first."""
        ...
