"""Consent, the duty to notify about a child, and legal grounds: what opens the cells of the matrix.

Each is a basis in versions, the newest of which counts; none is ever changed. `valid_from` and `until` say
when it is meant to hold, `recorded_at` when the vault learned of it, so both questions have an answer: what
was in force then, and what was known to be.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stafet_schemas.groups import Group

CONSENT: Final = "consent"
DUTY: Final = "duty"
GROUND: Final = "ground"
"""What a person said; a duty to notify, which stands in its place for a child; a legal ground otherwise."""

GIVEN: Final = "given"
NARROWED: Final = "narrowed"
WITHDRAWN: Final = "withdrawn"
EXPIRED: Final = "expired"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a basis opens: these groups, for these recipients and purposes, to the end of `until`."""

    recipients: frozenset[str]
    purposes: frozenset[str]
    groups: frozenset[str]
    until: datetime | None = None

    def within(self, other: "Scope") -> bool:
        """Say whether all of it is in another."""
        return (
            self.recipients <= other.recipients
            and self.purposes <= other.purposes
            and self.groups <= other.groups
            and (other.until is None or (self.until is not None and self.until <= other.until))
        )

    def meets(self, other: "Scope") -> bool:
        """Say whether one recipient may have one group for one purpose by both."""
        return bool(
            self.recipients & other.recipients
            and self.purposes & other.purposes
            and self.groups & other.groups
        )

    @property
    def bounds(self) -> dict[str, bool]:
        """Say of each part whether anything is in it."""
        return {name: bool(getattr(self, name)) for name in ("recipients", "purposes", "groups")}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a basis, from 1; `agency` says who told the vault."""

    consent: str
    number: int
    basis: str
    statement: str
    scope: Scope
    valid_from: datetime
    recorded_at: datetime
    agency: str
    language: str | None = None
    interpreter: bool = False
    how: str | None = None
    law: str | None = None
    by: str | None = None

    @property
    def name(self) -> str:
        """Name it as the ledger does: its basis, id and number."""
        return f"{self.basis}:{self.consent}:{self.number}"

    def holds(self, at: datetime) -> bool:
        """Say whether it opens anything at a time, if it is the newest version."""
        until = self.scope.until
        return self.statement in {GIVEN, NARROWED} and self.valid_from <= at and (until is None or at < until)


@dataclass(frozen=True, slots=True)
class Holding:
    """Groups that a recipient has been given for a purpose, by the ledger."""

    recipient: str
    purpose: str
    groups: frozenset[str]


def newest(history: Iterable[Version], known_at: datetime | None = None) -> tuple[Version, ...]:
    """Pick the newest version of each basis, as far as the vault knew at a time; by default all it knows.

    Their numbers decide, not their times: a clock set back brings no withdrawn consent to life.
    """
    found: dict[str, Version] = {}
    for each in history:
        known = known_at is None or each.recorded_at <= known_at
        if known and (each.consent not in found or found[each.consent].number < each.number):
            found[each.consent] = each
    return tuple(found.values())


def in_force(
    history: Iterable[Version], at: datetime, known_at: datetime | None = None
) -> tuple[Version, ...]:
    """Pick the versions in force at a time, by what the vault knew at another."""
    return tuple(each for each in newest(history, known_at) if each.holds(at))


def counted(standing: Iterable[Version], recipient: str, purpose: str, *, child: bool) -> tuple[Version, ...]:
    """Pick the bases that may open something for a recipient and a purpose.

    A child's consent does not count: the recorded duty to notify stands in its place, and is a ground, too.
    """
    kinds = {DUTY, GROUND} if child else {CONSENT, GROUND}
    return tuple(
        each
        for each in standing
        if each.basis in kinds and recipient in each.scope.recipients and purpose in each.scope.purposes
    )


def opened(
    standing: Iterable[Version], recipient: str, purpose: str, *, child: bool
) -> tuple[frozenset[Group], frozenset[Group]]:
    """Say which groups are consented to, and which a ground opens, for a recipient and a purpose."""
    counting = counted(standing, recipient, purpose, child=child)

    def groups(*bases: str) -> frozenset[Group]:
        named = frozenset[str]().union(*(each.scope.groups for each in counting if each.basis in bases))
        return frozenset(group for group in Group if group in named)

    return groups(CONSENT, DUTY), groups(GROUND, DUTY)


def lost(
    ended: Collection[Version], before: Collection[Version], holding: Holding, visible: Collection[str]
) -> frozenset[str]:
    """Say which groups a recipient holds by bases that were cut, and may not see any more.

    `ended` are the new versions, `before` those they come after.
    """
    cut = {each.consent for each in ended}
    by = [
        each.scope
        for each in before
        if each.consent in cut
        and holding.recipient in each.scope.recipients
        and holding.purpose in each.scope.purposes
    ]
    return holding.groups & frozenset[str]().union(*(scope.groups for scope in by)) - frozenset(visible)
