"""The rules as data: who is competent, who may do what from when, how long a period is, HTCDS codes."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from stafet_schemas.codes import UNKNOWN

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Days = Annotated[int, Field(gt=0)]


class RulesError(ValueError):
    """A file of rules or indicators that is none; the text says what is wrong with it."""


class Strict(BaseModel):
    """Data of a file: nothing in it may be unknown here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(Strict):
    """In force from `valid_from` to the day before `valid_to` (Danish days), by `citation`."""

    valid_from: date
    valid_to: date | None = None
    citation: Text

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to is not after valid_from")
        return self

    def holds(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Competence(Dated):
    """Persons with this right to stay are decided on by `authority`, after asking `consults`."""

    residence: Code
    authority: Code
    consults: Code | None = None
    period: Code | None = None


class Mandate(Dated):
    """What an agency may do: hold interviews, decide, grant periods of some kinds."""

    agency: Code
    may: frozenset[Literal["interview", "decide"]]
    grants: frozenset[Code] = frozenset()


class Connected(Dated):
    """An agency that speaks for itself: nobody enters its steps in its place."""

    agency: Code


class Limit(Dated):
    """A period of a kind is `days` long, and ends on the `cap_days`th day at the latest without an override.

    `ahead_days` is how far in the future it may begin.
    """

    kind: Code
    days: Days
    cap_days: Days
    ahead_days: Days


class Htcds(Strict):
    """The codes of HTCDS 2.0: statuses by outcome (`before` one), deciders by agency (`other` than those)."""

    source: Text
    before: Text
    statuses: Mapping[Code, Text]
    other: Text
    deciders: Mapping[Code, Text]


D = TypeVar("D", bound=Dated)


class Rules(Strict):
    """The rules of one version. `outcomes` are the words of connected authorities' decisions, in ours."""

    version: Text
    coordinator: Code
    outcomes: Mapping[Code, Code]
    competence: tuple[Competence, ...]
    mandates: tuple[Mandate, ...]
    connected: tuple[Connected, ...]
    limits: tuple[Limit, ...]
    htcds: Htcds

    def competent(self, residence: str, on: date) -> Competence | None:
        """Say who decides; a status without a rule is as one that is not known."""
        rows = [each for each in self.competence if each.holds(on)]
        exact = [each for each in rows if each.residence == residence]
        return next(iter(exact or [each for each in rows if each.residence == UNKNOWN]), None)

    def may(self, agency: str, what: str, on: date) -> bool:
        """Say whether an agency has the mandate for something on a day."""
        return any(what in each.may for each in _of(self.mandates, agency, on))

    def grants(self, agency: str, kind: str, on: date) -> bool:
        """Say whether an agency may decide on periods of a kind on a day."""
        return any(kind in each.grants for each in _of(self.mandates, agency, on))

    def speaks_for_itself(self, agency: str, on: date) -> bool:
        """Say whether an agency is connected on a day."""
        return any(each.agency == agency and each.holds(on) for each in self.connected)

    def limit(self, kind: str, on: date) -> Limit | None:
        """Say how long a period of a kind may be by the law of a day; None if there is no such period."""
        return next((each for each in self.limits if each.kind == kind and each.holds(on)), None)

    def status(self, outcome: str | None) -> str:
        """Give the HTCDS status of an outcome."""
        return self.htcds.statuses.get(outcome or "", self.htcds.before)

    def decider(self, authority: str) -> str:
        """Give the HTCDS code of who decides."""
        return self.htcds.deciders.get(authority, self.htcds.other)


def parse_rules(name: str, text: str) -> Rules:
    """Read and check the text of a rules file; `name` is for the error.

    Raises:
        RulesError: it is not TOML, or does not say what rules must say.
    """
    return parse(Rules, name, text)


M = TypeVar("M", bound=Strict)


def parse(kind: type[M], name: str, text: str) -> M:
    """Read a TOML text as a model.

    Raises:
        RulesError: it is none.
    """
    try:
        return kind.model_validate(tomllib.loads(text))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RulesError(f"{name}: {wrong}") from None
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{name} is no TOML: {error}") from None


def _of(mandates: Iterable[Mandate], agency: str, on: date) -> list[Mandate]:
    return [each for each in mandates if each.agency == agency and each.holds(on)]
