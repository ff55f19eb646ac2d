"""Danish days: law counts in them, events in UTC.

The zone comes from the locked package tzdata, because a machine's own may be old or missing. Public holidays
come from the library `holidays` (country DK, category public): the Easter-based ones, Christmas and New Year,
and store bededag up to 2023 (abolished from 2024).
"""

from datetime import date, datetime
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from holidays import country_holidays

ZONE: Final = "Europe/Copenhagen"
SATURDAY: Final = 5


def _zone() -> ZoneInfo:
    with resources.files("tzdata.zoneinfo").joinpath(ZONE).open("rb") as file:
        return ZoneInfo.from_file(file, ZONE)


COPENHAGEN: Final = _zone()

_public = country_holidays("DK")


def danish_day(at: datetime) -> date:
    """Say which day it is in Denmark at a time."""
    return at.astimezone(COPENHAGEN).date()


def is_free(day: date) -> bool:
    """Say whether a day is of a weekend or a public holiday."""
    return day.weekday() >= SATURDAY or day in _public
