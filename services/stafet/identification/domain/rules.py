"""The rules as data: who is competent, who may do what from when, how long a period is, HTCDS codes."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Final, Literal, TypeVar

from pydantic import Field, StringConstraints

from stafet_runtime.dated import Dated, Strict, parse
from stafet_schemas.codes import UNKNOWN

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Days = Annotated[int, Field(gt=0)]


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


def _of(mandates: Iterable[Mandate], agency: str, on: date) -> list[Mandate]:
    return [each for each in mandates if each.agency == agency and each.holds(on)]


parse_rules: Final = partial(parse, Rules, "rules of identification")
