"""Opening hours as dated data: whose turn a contact is at a time."""

from datetime import datetime, time
from functools import partial
from typing import Final, Self

from pydantic import Field, model_validator

from stafet_runtime.danish import COPENHAGEN, is_free
from stafet_runtime.dated import Dated, Strict, parse
from stafet_schemas.codes import AGENCIES, VENUES


class Span(Strict):
    """From a time of day, Danish, to another; `24:00` is the end of the day."""

    opens: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field(alias="to", pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")

    @model_validator(mode="after")
    def _goes_forward(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("it closes before it opens")
        return self

    def covers(self, at: time) -> bool:
        """Say whether a time of day is in it."""
        return self.opens <= f"{at:%H:%M}" < self.closes


class Line(Dated):
    """Who takes contacts of some venues, and who when it is closed; from a day to the day before another."""

    agency: str
    venues: frozenset[str] = Field(min_length=1)
    weekdays: Span
    weekends: Span
    out_of_hours: str

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        unknown = sorted({self.agency, self.out_of_hours} - AGENCIES.codes) + sorted(
            self.venues - VENUES.codes
        )
        if unknown:
            raise ValueError(f"no such code: {', '.join(unknown)}")
        return self


class Turn(Strict):
    """Whose turn it is, and whether the line was open."""

    agency: str
    open: bool


class Hours(Strict):
    """The lines of one version."""

    version: str = Field(min_length=1)
    lines: tuple[Line, ...] = Field(min_length=1)

    def turn(self, venue: str, at: datetime) -> Turn:
        """Say whose turn a contact is; a venue that no line names goes the way of the first line.

        Public holidays have the hours of a weekend.
        """
        local = at.astimezone(COPENHAGEN)
        held = [each for each in self.lines if each.holds(local.date())] or list(self.lines)
        line = next((each for each in held if venue in each.venues), held[0])
        is_open = (line.weekends if is_free(local.date()) else line.weekdays).covers(local.time())
        return Turn(agency=line.agency if is_open else line.out_of_hours, open=is_open)


parse_hours: Final = partial(parse, Hours, "opening hours")
