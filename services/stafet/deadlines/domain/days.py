"""Danish days as limits count them: when a day ends in Copenhagen, and which days authorities work.

Other days than public holidays on which no limit runs out are data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from stafet_runtime.danish import COPENHAGEN, danish_day, is_free
from stafet_runtime.dated import Dated

ONE_DAY: Final = timedelta(days=1)
MONTHS: Final = 12


class Closed(Dated):
    """A day of the year, as `MM-DD`, on which authorities do not work."""

    day: str

    def falls(self, day: date) -> bool:
        """Say whether it is that day, and in force."""
        return self.holds(day) and f"{day:%m-%d}" == self.day


@dataclass(frozen=True, slots=True)
class Calendar:
    """Copenhagen's days; times that come out are UTC, days that go in are Danish calendar days."""

    closed: tuple[Closed, ...] = ()

    def day(self, at: datetime) -> date:
        """Return the day it is in Copenhagen."""
        return danish_day(at)

    def begins(self, day: date, hour: time = time()) -> datetime:
        """Return when a day begins, or an hour of it."""
        return datetime.combine(day, hour, COPENHAGEN).astimezone(UTC)

    def ends(self, day: date) -> datetime:
        """Return the midnight that a day ends with, 23 or 25 hours after it began where the clocks change."""
        return self.begins(day + ONE_DAY)

    def works(self, day: date) -> bool:
        """Say whether authorities work that day."""
        return not is_free(day) and not any(each.falls(day) for each in self.closed)

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
