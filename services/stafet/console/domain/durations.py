"""Durations, ages and moments in plain words."""

from datetime import datetime, timedelta
from typing import Final

from stafet_runtime.danish import COPENHAGEN

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
UNITS: Final = ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s"))


def duration_text(length: timedelta) -> str:
    """Write a duration in at most two units: `12 ms`, `3.4 s`, `2 min 5 s`; a negative one with a minus."""
    seconds = length.total_seconds()
    sign, seconds = ("\N{MINUS SIGN}" if seconds < 0 else ""), abs(seconds)
    if seconds < 1:
        return f"{sign}{round(seconds * 1000)} ms"
    if seconds < MINUTE:
        return f"{sign}{seconds:.1f} s"
    unit, name, below, below_name = next(each for each in UNITS if seconds >= each[0])
    rest = int(seconds % unit // below)
    return f"{sign}{int(seconds // unit)} {name}" + (f" {rest} {below_name}" if rest else "")


def age_text(length: timedelta) -> str:
    """Write an age in its largest unit, e.g. `5 min ago`; `just now` for a clock ahead of ours, too."""
    seconds = length.total_seconds()
    if seconds < 1:
        return "just now"
    size, unit = next(((size, name) for size, name, *_ in UNITS if seconds >= size), (1, "s"))
    return f"{int(seconds // size)} {unit} ago"


def danish_text(time: datetime) -> str:
    """Write `3 December 2026, 14:05`, Danish time."""
    # Deadlines are Danish law's: their day ends in Denmark, wherever the reader is.
    local = time.astimezone(COPENHAGEN)
    return f"{local.day} {local:%B %Y, %H:%M}"
