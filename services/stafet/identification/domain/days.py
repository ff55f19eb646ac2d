"""Danish calendar days: law counts in them, events in UTC."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")


def danish_day(at: datetime) -> date:
    """Say which day it is in Denmark at a time."""
    return at.astimezone(COPENHAGEN).date()


def day_of(told: str | None) -> date | None:
    """Read a day that a thing keeps as ISO text."""
    return date.fromisoformat(told) if told else None
