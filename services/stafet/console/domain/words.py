"""Plain words for steps, agencies and states."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from stafet.console.domain.durations import danish_text, duration_text
from stafet.console.domain.lexicon import EVENTS, NAMES
from stafet.console.domain.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

AGENCIES: Final = frozenset(
    {
        "agency", "agencies", "authority", "behalf", "by", "candidates", "finder", "notify", "owner",
        "partner", "party", "provider", "receiver", "recipient", "recipients", "route", "sender",
        "target", "to",
    }
)  # fmt: skip
"""Fields that hold codes of agencies."""
IDS: Final = frozenset({"other", "unit", "units", "until", "starts", "holds_from", "cap", "vocabulary"})
"""Fields that are shown as they are."""
MOMENTS: Final = frozenset({"due"})
TABLES: Final = {
    "outcome": "outcomes", "role": "roles", "reason": "reasons", "residence": "residences",
    "before": "residences",
}  # fmt: skip
"""Fields whose codes have names."""


def agency_name(code: str | None) -> str:
    """Name an agency; one that is not known here is named by its code."""
    if not code:
        return "unknown agency"
    return NAMES["agencies"].get(code) or plain(code).capitalize()


def plain(code: str | None) -> str:
    """Turn a code into words: `no_capacity` becomes `no capacity`."""
    return (code or "unknown").replace("_", " ")


def part_name(step_part: str | None, rung: str | None) -> str:
    """Name a part of a referral; a status or alert with what it tells, e.g. `Status (accepted)`."""
    name = plain(step_part).capitalize() if step_part else "Something"
    return f"{name} ({plain(rung)})" if step_part in {"status", "alert"} and rung else name


def state_name(state: str) -> str:
    """Name the state of a case or a referral."""
    return NAMES["states"].get(state) or plain(state).capitalize()


def describe(step: Step) -> str:
    """Say in one line what happened. An event type that is not known here is named by its own words."""
    words = EVENTS.get(step.type)
    if words is None:
        return plain(step.type.replace(".", " ")).capitalize()
    said = words.says.format_map(_Words(step))
    return said[:1].upper() + said[1:]


def value_text(name: str, value: Any) -> str:  # noqa: ANN401 - a value out of stored JSON
    """Write the value of an event's field."""
    if isinstance(value, list | tuple):
        return ", ".join(value_text(name, each) for each in cast("Iterable[Any]", value)) or "none"
    if value is None or value == "":
        return "unknown"
    if name in AGENCIES:
        return agency_name(str(value))
    if name in MOMENTS:
        return danish_text(datetime.fromisoformat(str(value)))
    return str(value) if name in IDS else _coded(name, _as_code(value))


def places_text(free: int | None, total: int | None) -> str:
    """Say how many places are free: `3 of 12 free`, `3 free`, `12 places`."""
    if free is None:
        return "number of places not said" if total is None else f"{total} place{'s' if total != 1 else ''}"
    return f"{free} free" if total is None else f"{free} of {total} free"


class _Words(dict[str, str]):
    """Words for the fields of a sentence, made when they are asked for."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self._step = step

    def __missing__(self, name: str) -> str:
        special = SPECIAL.get(name)
        return special(self._step) if special else value_text(name, self._step.data.get(name))


def _part_of(step: Step) -> str:
    return part_name(step.part, step.rung)


def _part_lower(step: Step) -> str:
    part = _part_of(step)
    return part[:1].lower() + part[1:]


SPECIAL: Final[Mapping[str, Callable[[Step], str]]] = {
    "agency": lambda step: agency_name(step.agency),
    "part": _part_of,
    "part_lower": _part_lower,
    "kind_lower": lambda step: plain(step.data.get("kind")),
    "reason": lambda step: _coded("reason", step.reason or ""),
    "rung": lambda step: plain(step.rung),
    "attempt": lambda step: str(step.data.get("attempt", 1)),
    "basis": lambda step: NAMES["bases"].get(step.data.get("basis", ""), "Consent"),
    "shown": lambda step: NAMES["shown"].get(step.part or "", "Something"),
    "unit": lambda step: str(step.data.get("unit", "a unit")),
    "wait": lambda step: duration_text(timedelta(seconds=step.data.get("wait_s") or 0)),
}
"""Words that are more than the value of their field."""


def _as_code(value: object) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def _coded(name: str, code: str) -> str:
    return NAMES.get(TABLES.get(name, ""), {}).get(code) or plain(code)
