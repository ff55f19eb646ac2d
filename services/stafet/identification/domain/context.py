"""What a decision is made with: the things of the case, rules and vocabularies, and when it was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from stafet.identification.domain.decision import RefusalError
from stafet.identification.domain.rules import Rules
from stafet.identification.domain.vocabulary import Vocabularies
from stafet_runtime.danish import danish_day
from stafet_runtime.thing import Thing
from stafet_schemas.step import StepReportedData

HUB: Final = "hub"

# Clocks of two machines differ by so much, at most.
SKEW: Final = timedelta(minutes=15)

# The year of the Palermo protocol: nobody was identified before.
FIRST_YEAR: Final = 2000


class Matter(Protocol):
    """What is known of cases; it is only read here."""

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing; one that is not known has not begun."""
        ...

    def all(self, case: str, kind: str) -> Sequence[Thing]:
        """Return all things of a kind in a case, by id."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """Who said what of which case, in the words of a fact: `agency` under the receipt `message`, so `at`.

    `connected`: its connector said so, and is told if nothing follows.
    """

    case: str
    agency: str
    message: str
    at: datetime
    connected: bool = False

    @property
    def day(self) -> date:
        """The Danish day that it was so."""
        return danish_day(self.at)

    def told(self) -> dict[str, Any]:
        """Give the fields that every fact has."""
        return {"case": self.case, "agency": self.agency, "message": self.message, "at": self.at}


@dataclass(frozen=True, slots=True)
class Context:
    """`now` is the time of the event that told it."""

    matter: Matter
    rules: Rules
    vocabularies: Vocabularies
    now: datetime

    def only(self, case: str, kind: str) -> Thing:
        """Return the thing of which a case has one, e.g. its course."""
        return self.matter.get(case, kind, kind)

    def can_have_been(self, at: datetime) -> bool:
        """Say whether something can have been at a time: not before any of it was, nor after it was told."""
        return at.year >= FIRST_YEAR and at - self.now <= SKEW

    def existing(self, said: StepReportedData, kind: str) -> Thing:
        """Return the thing that a step is about.

        Raises:
            RefusalError: there is none of that id in the case.
        """
        found = self.matter.get(said.case, kind, said.subject or "")
        if not found.state:
            raise RefusalError("unknown_subject", "subject")
        return found


def said_by(step: StepReportedData) -> Said:
    """Take from a step what every fact says."""
    return Said(step.case, step.agency, step.message, step.at, step.connected)


def speaker(step: StepReportedData) -> str:
    """Name the agency whose word a step is: that on whose behalf it was entered, else who said it."""
    return step.behalf or step.agency
