"""How long a clock runs and when it warns: one word each (`hours = 24`, `days_left = 5`), and its time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from stafet.deadlines.domain.days import ONE_DAY, Calendar
from stafet_runtime.dated import Strict
from stafet_schemas.event import Event

Count = Annotated[int, Field(ge=1)] | None
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

INSTANT: Final = timedelta(microseconds=1)


class Hours(Strict):
    """When the line opens, on working days and on others, from a day on."""

    valid_from: date
    working: time
    other: time
    citation: Annotated[str, Field(min_length=5)]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a span is counted by; `hours` are the line's, the newest last."""

    calendar: Calendar
    hours: tuple[Hours, ...]

    def opening(self, at: datetime) -> datetime:
        """Return when the line opens next.

        Raises:
            IndexError: no hours are in force that day.
        """
        day = self.calendar.day(at)
        while (opens := self._opens(day)) <= at:
            day += ONE_DAY
        return opens

    def _opens(self, day: date) -> datetime:
        hours = [each for each in self.hours if each.valid_from <= day][-1]
        return self.calendar.begins(day, hours.working if self.calendar.works(day) else hours.other)


class Limit(Strict):
    """One of: real `minutes` or `hours`; `days`, `working_days` or `months`, up to the last one's midnight.

    `until` names a field of the event: a time, or a day that is the last; `opening` are the minutes after the
    line opens next.
    """

    minutes: Count = None
    hours: Count = None
    days: Count = None
    working_days: Count = None
    months: Count = None
    until: Name | None = None
    opening: Count = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError(f"say exactly one of: {', '.join(type(self).model_fields)}")
        return self

    def due(self, at: datetime, event: Event, frame: Frame) -> datetime | None:
        """Return when a limit that runs from `at` is over; None where the event's field says no end."""
        calendar = frame.calendar
        if self.until:
            end: date | datetime | None = getattr(event.data, self.until)
            return end if end is None or isinstance(end, datetime) else calendar.ends(end)
        if self.opening:
            return frame.opening(at) + timedelta(minutes=self.opening)
        if self.minutes or self.hours:
            return at + timedelta(minutes=self.minutes or 0, hours=self.hours or 0)
        return calendar.ends(self._last_day(calendar.day(at), calendar))

    def _last_day(self, day: date, calendar: Calendar) -> date:
        if self.working_days:
            return calendar.working_day(day, self.working_days)
        if self.months:
            return calendar.months_after(day, self.months)
        return day + timedelta(days=self.days or 0)


class Warn(Strict):
    """A warning named `stage`, at one of: a `part` of the time; real `hours`, or `months`, after the start.

    `day` is the begin of the day of that number, the first being 1; `days_left` and `hours_left` count from
    the end; `at_once` needs no number.
    """

    stage: Name
    at_once: bool | None = None
    part: Annotated[float, Field(gt=0, lt=1)] | None = None
    hours: Count = None
    day: Count = None
    months: Count = None
    days_left: Count = None
    hours_left: Count = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 2:
            raise ValueError(f"say exactly one of: {', '.join(list(type(self).model_fields)[1:])}")
        return self

    def time(self, at: datetime, due: datetime, first: date, calendar: Calendar) -> datetime:
        """Return when to warn, of a clock from `at` to `due` whose first day is `first`."""
        if self.day:
            return calendar.begins(first + timedelta(days=self.day - 1))
        if self.months:
            return calendar.begins(calendar.months_after(first, self.months))
        if self.days_left:
            return calendar.begins(calendar.day(due - INSTANT) - timedelta(days=self.days_left))
        if self.hours_left:
            return due - timedelta(hours=self.hours_left)
        return at + timedelta(hours=self.hours or 0) + (due - at) * (self.part or 0)
