"""Danish days: when a day ends in Copenhagen, and which days authorities work.

Public holidays come from the library `holidays` (country DK, category public): the Easter-based ones,
Christmas and New Year, and store bededag up to 2023 (abolished from 2024). Other days on which no limit runs
out are data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from holidays import country_holidays

ONE_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
MONTHS: Final = 12

_public = country_holidays("DK")


@dataclass(frozen=True, slots=True)
class Closed:
    """A day of the year, as `MM-DD`, on which authorities do not work, while it is in force."""

    day: str
    citation: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Say whether it is that day, and in force."""
        in_force = self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
        return in_force and f"{day:%m-%d}" == self.day


@dataclass(frozen=True, slots=True)
class Calendar:
    """Copenhagen's days; times that come out are UTC, days that go in are Danish calendar days."""

    zone: ZoneInfo
    closed: tuple[Closed, ...] = ()

    def day(self, at: datetime) -> date:
        """Return the day it is in Copenhagen."""
        return at.astimezone(self.zone).date()

    def begins(self, day: date, hour: time = time()) -> datetime:
        """Return when a day begins, or an hour of it."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def ends(self, day: date) -> datetime:
        """Return the midnight that a day ends with, 23 or 25 hours after it began where the clocks change."""
        return self.begins(day + ONE_DAY)

    def works(self, day: date) -> bool:
        """Say whether authorities work that day."""
        return day.weekday() < SATURDAY and day not in _public and not any(c.holds(day) for c in self.closed)

    def working_day(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a day."""
        working = (each for each in _days_after(day) if self.works(each))
        for _ in range(count - 1):
            next(working)
        return next(working)

    def months_after(self, day: date, months: int) -> date:
        """Return the same day some months later, or the last of that month."""
        month = day.month - 1 + months
        first = date(day.year + month // MONTHS, month % MONTHS + 1, 1)
        last = (first + timedelta(days=31)).replace(day=1) - ONE_DAY
        return first.replace(day=min(day.day, last.day))


def _days_after(day: date) -> Iterator[date]:
    while True:
        day += ONE_DAY
        yield day
