"""Opening hours as dated data: whose turn a contact is at a time."""

import tomllib
from datetime import date, datetime, time
from typing import Final, Self
from zoneinfo import ZoneInfo

from holidays import country_holidays
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stafet_schemas.codes import AGENCIES, VENUES

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
SATURDAY: Final = 5

_public = country_holidays("DK")


class HoursError(ValueError):
    """A file of hours that is none; the text says what is wrong with it."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Strict):
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


class Line(_Strict):
    """Who takes contacts of some venues, and who when it is closed; from a day to the day before another."""

    agency: str
    venues: frozenset[str] = Field(min_length=1)
    weekdays: Span
    weekends: Span
    out_of_hours: str
    valid_from: date
    valid_to: date | None = None
    citation: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        unknown = sorted({self.agency, self.out_of_hours} - AGENCIES.codes) + sorted(
            self.venues - VENUES.codes
        )
        if unknown:
            raise ValueError(f"no such code: {', '.join(unknown)}")
        return self

    def holds(self, on: date) -> bool:
        """Say whether the line is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Turn(_Strict):
    """Whose turn it is, and whether the line was open."""

    agency: str
    open: bool


class Hours(_Strict):
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
        free = local.weekday() >= SATURDAY or local.date() in _public
        is_open = (line.weekends if free else line.weekdays).covers(local.time())
        return Turn(agency=line.agency if is_open else line.out_of_hours, open=is_open)


def parse_hours(name: str, text: str) -> Hours:
    """Read and check the text of a file of hours; `name` is for the error.

    Raises:
        HoursError: it is not TOML, or does not say what hours must say.
    """
    try:
        return Hours.model_validate(tomllib.loads(text))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise HoursError(f"{name} holds no opening hours: {wrong}") from None
    except tomllib.TOMLDecodeError as error:
        raise HoursError(f"{name} is no TOML: {error}") from None
