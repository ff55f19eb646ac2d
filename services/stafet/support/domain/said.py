"""A step as it was said, and what makes it unfit to be decided on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from stafet_runtime.danish import danish_day
from stafet_schemas.step import StepReportedData
from stafet_schemas.steps import lacking

AHEAD: Final = timedelta(hours=1)
"""How far another's clock may be ahead of ours."""
# A code on no list is kept as it came, words are not: an address or a name has no place in a fact.
CODE: Final = re.compile(r"\w[\w.:@/-]{0,63}")
CODES: Final = ("subject", "behalf", "party", "service", "kind", "reason", "channel", "law", "codes")


@dataclass(frozen=True, slots=True)
class Source:
    """Who said something at the hub, under which receipt, and when it was so."""

    agency: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A code of the list `refusal`, and the field it is about."""

    reason: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A step; `time` is when the hub had it."""

    data: StepReportedData
    time: datetime

    @property
    def speaker(self) -> str:
        """The agency whose word it is."""
        return self.data.behalf or self.data.agency

    @property
    def source(self) -> Source:
        """Who entered it, and when it was so."""
        return Source(self.data.agency, self.data.message, self.data.at)

    @property
    def day(self) -> date:
        """The day in Copenhagen on which it was so."""
        return danish_day(self.data.at)


def unfit(said: Said) -> Refused | None:
    """Say what is missing or impossible in a step, before anything is known of its case."""
    return next(_wrong(said), None)


def _wrong(said: Said) -> Iterator[Refused]:
    filled = {name: value for name, value in said.data.model_dump().items() if value not in {None, ()}}
    for field, problem in lacking(filled):
        yield Refused("missing" if problem == "missing" else "impossible", field)
    for field in CODES:
        value = filled.get(field, ())
        if not all(CODE.fullmatch(each) for each in ((value,) if isinstance(value, str) else value)):
            yield Refused("impossible", field)
    if said.data.at > said.time + AHEAD:
        yield Refused("impossible", "at")
    for field in ("starts", "until"):
        if field in filled and filled[field] < said.day:
            yield Refused("impossible", field)
