"""Where there is room: what agencies reported last, and what the hub has sent them since.

A place is spoken for from the moment that a referral is sent for it: while it is unanswered, and once it is
accepted until the agency's next report, which counts it itself.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

from stafet_runtime.danish import danish_day
from stafet_schemas.codes import UNKNOWN

FREE: Final = "free_places"
UNCOUNTED: Final = "mandate"
WAITLIST: Final = "waitlist"
STANDINGS: Final = (FREE, UNCOUNTED, WAITLIST)
"""What speaks for an agency, the best first: free places, no need to report, or only a list to wait on."""

Kin = Callable[[str], Collection[str]]
"""Gives a case, and the others of the same person."""

OPEN: Final = "open"
TAKEN: Final = "taken"
RELEASED: Final = "released"
"""What a referral is to the place it was sent to: unanswered, accepted, or of no more concern to it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for and for whom, as coded facts; `at` is when. `interpreter`: the person needs one."""

    case: str
    sender: str
    service: str
    at: datetime
    age_group: str = UNKNOWN
    sex: str = UNKNOWN
    language: str = UNKNOWN
    interpreter: bool = False
    residence: str = UNKNOWN

    @property
    def on(self) -> date:
        """The day it is asked on."""
        return danish_day(self.at)

    @property
    def place(self) -> str:
        """The code of the place that the person needs: a child's, or one for the sex."""
        return "child" if self.age_group == "child" else self.sex


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit of an agency reported last, `at`; `accepts` says for whom its places are, empty: for all.

    `waiting` referrals of the hub's are there without an answer, and `taken` are the times of those that it
    took since.
    """

    agency: str
    unit: str
    status: str
    at: datetime
    free: int | None = None
    accepts: frozenset[str] = frozenset()
    waiting: int = 0
    taken: tuple[datetime, ...] = ()

    def standing(self, ask: Ask, hours: int) -> str | None:
        """Say what speaks for it, by a report that is no older than so many hours; None if nothing does."""
        if self.status == "no_capacity" or ask.at - self.at > timedelta(hours=hours):
            return None
        if self.status != "capacity":
            return WAITLIST
        return FREE if self.free is None or self.free > self.spoken_for else None

    def fits(self, ask: Ask) -> bool:
        """Say whether its places are for such a person."""
        return not self.accepts or ask.place in self.accepts

    @property
    def spoken_for(self) -> int:
        """How many of the reported places the hub has sent somebody for."""
        return self.waiting + sum(each > self.at for each in self.taken)


@dataclass(frozen=True, slots=True)
class Routing:
    """A referral as the agency sees it that it was sent to: in a unit where places are counted.

    `standing` is what it is to the place, since `at`; `operation` the joint action it belongs to.
    """

    referral: str
    agency: str
    unit: str | None
    ask: Ask
    at: datetime
    standing: str = OPEN
    operation: str | None = None

    @property
    def forgotten(self) -> Self:
        """The same without anything about the person."""
        ask = Ask(self.ask.case, self.ask.sender, self.ask.service, self.ask.at)
        return replace(self, ask=ask)


@dataclass(slots=True)
class Board:
    """What is known of agencies, as one transaction changes it; `dangers` are pairs of case and agency.

    The person of the case must not be sent to the agency, whichever of their cases it is about (`kin`).
    """

    units: dict[tuple[str, str], Unit] = field(default_factory=dict[tuple[str, str], Unit])
    queues: dict[str, int] = field(default_factory=dict[str, int])
    dangers: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    kin: Kin = field(default=lambda case: (case,))

    def report(self, unit: Unit) -> Unit | None:
        """Take a report in; return the unit as it is now, or None if a newer report is known."""
        known = self.units.get((unit.agency, unit.unit))
        if known is not None and known.at > unit.at:
            return None
        if known is not None:
            unit = replace(unit, waiting=known.waiting, taken=known.taken)
        self.units[unit.agency, unit.unit] = unit
        return unit

    def room(self, agency: str, ask: Ask, hours: int) -> tuple[str | None, str | None]:
        """Return the best standing of an agency's units for such a person, and which unit has it.

        The names decide a tie. With no standing it is the unit where they would be one too many; None if
        there is none for them.
        """
        ranks = {standing: rank for rank, standing in enumerate((*STANDINGS, None))}
        standings = {
            each.unit: each.standing(ask, hours)
            for each in self.units.values()
            if each.agency == agency and each.fits(ask)
        }
        unit = min(standings, key=lambda name: (ranks[standings[name]], name), default=None)
        return (standings[unit] if unit is not None else None), unit

    def count(self, routing: Routing, before: str) -> None:
        """Note that a referral became something else to its receiver; `before` is empty for a new one."""
        more = (routing.standing == OPEN) - (before == OPEN)
        self.queues[routing.agency] = self.queues.get(routing.agency, 0) + more
        known = self.units.get((routing.agency, routing.unit or ""))
        if known is not None:
            taken = (*known.taken, routing.at) if routing.standing == TAKEN else known.taken
            self.units[known.agency, known.unit] = replace(known, waiting=known.waiting + more, taken=taken)

    def endangered(self, case: str, agencies: Iterable[str]) -> frozenset[str]:
        """Return those of the agencies that the person of a case must not be sent to."""
        cases = self.kin(case)
        return frozenset(each for each in agencies if any((some, each) in self.dangers for some in cases))
