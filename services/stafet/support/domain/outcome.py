"""What is known of a case, what follows from a fact, and how a fact is written from a thing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from stafet.support.domain.said import CODE, Refused, Said, Source
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas.codec import data_class
from stafet_schemas.event import Event
from stafet_schemas.step import StepRefused

IDS: Final[Mapping[str, str]] = {"return": "journey"}
"""The field that holds a thing's id in its facts, where that is not the name of its kind."""


class Book(Protocol):
    """The things of each case as a transaction knows them."""

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing; one that is not known has not begun."""
        ...

    def all(self, case: str, kind: str) -> list[Thing]:
        """Return all things of a kind in a case, by id."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """Things to keep and facts to emit, in order; none of either if nothing changed."""

    things: tuple[Thing, ...] = ()
    effects: tuple[Effect, ...] = ()

    def then(self, other: "Outcome") -> "Outcome":
        """Join what follows from this."""
        return Outcome(self.things + other.things, self.effects + other.effects)


def fact(kind: type[Event], thing: Thing, source: Source, reason: str | None = None) -> Effect:
    """Write an event from what is known of a thing: its facts have the names of the event's fields."""
    told = {
        **thing.facts,
        IDS.get(thing.kind, thing.kind): thing.id,
        "case": thing.case,
        "agency": source.agency,
        "message": source.message,
        "at": source.at,
        "reason": reason,
    }
    return Effect(kind, data_class(kind).model_validate(told))


def refusal(said: Said, why: Refused) -> Outcome:
    """Tell whoever said a step that nothing followed from it; a subject that is no id is not repeated."""
    told = said.data.refused(why.reason, why.field)
    if told.subject and not CODE.fullmatch(told.subject):
        told = told.model_copy(update={"subject": None})
    return Outcome(effects=(Effect(StepRefused, told),))
