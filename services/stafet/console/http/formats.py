"""How times, states and references are written on a page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from stafet.console.domain import words
from stafet.console.domain.capacity import Capacity
from stafet.console.domain.details import details
from stafet.console.domain.durations import age_text, danish_text, duration_text
from stafet_runtime.clock import Clock
from stafet_schemas.steps import StepKind

TONES: Final = {
    "loop_closed": "done", "completed": "good", "accepted": "good", "in_progress": "good", "rejected": "bad",
    "refused": "bad", "message_rejected": "warn", "sender_told": "done", "noted": "done",
    "capacity": "good", "no_capacity": "bad", "waitlist": "warn", "additional_assessment_required": "warn",
}  # fmt: skip


FIELDS: Final = {
    "subject": "About (its id)", "party": "Which agency", "codes": "Codes, with commas", "law": "Legal basis",
    "vocabulary": "Vocabulary (set@version)", "until": "Up to and with", "starts": "From",
    "behalf": "On behalf of", "at": "When (empty: now)", "channel": "Channel or place",
}  # fmt: skip
"""How the fields of a step are called on the form."""


def _field_name(name: str) -> str:
    return FIELDS.get(name) or words.plain(name).capitalize()


class Times:
    """Writes times in one zone, and ages by one clock."""

    def __init__(self, timezone: str, clock: Clock) -> None:
        self._zone = ZoneInfo(timezone)
        self._clock = clock

    def day(self, time: datetime) -> str:
        """Write `24 November 2026`."""
        local = time.astimezone(self._zone)
        return f"{local.day} {local:%B %Y}"

    def short_day(self, time: datetime) -> str:
        """Write `24 Nov`."""
        local = time.astimezone(self._zone)
        return f"{local.day} {local:%b}"

    def clock(self, time: datetime) -> str:
        """Write `10:03:22`."""
        return f"{time.astimezone(self._zone):%H:%M:%S}"

    def ago(self, time: datetime) -> str:
        """Write how long ago it was."""
        return age_text(self._clock.now() - time)


def utc(time: datetime) -> str:
    """Write the time in UTC, to the millisecond."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}{millis(time)} UTC"


def millis(time: datetime) -> str:
    """Write the thousandths of a second, e.g. `.042`."""
    return f".{time.microsecond // 1000:03d}"


def tone(state: str) -> str:
    """Return the class of a state's badge."""
    return TONES.get(state, "plain")


def path(text: str) -> str:
    """Quote a reference so that it stays one segment of a path."""
    return quote(text, safe="")


def _needed(kind: StepKind) -> str:
    about = {"subject"} if not kind.begins and kind.subject != "case" else set[str]()
    return " ".join(sorted(kind.needs | about))


def _places(capacity: Capacity) -> str:
    return words.places_text(capacity.free, capacity.total)


def filters(times: Times) -> dict[str, Callable[..., Any]]:
    """Return everything the templates write with."""
    return {
        "day": times.day,
        "short_day": times.short_day,
        "clock": times.clock,
        "ago": times.ago,
        "utc": utc,
        "millis": millis,
        "tone": tone,
        "path": path,
        "agency": words.agency_name,
        "state": words.state_name,
        "plain": words.plain,
        "describe": words.describe,
        "details": details,
        "danish": danish_text,
        "duration": duration_text,
        "part": words.part_name,
        "field": _field_name,
        "needed": _needed,
        "places": _places,
    }
