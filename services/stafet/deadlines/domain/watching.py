"""What an event means for the clocks of its matter: which it ends, which it starts, which it puts at risk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from stafet.deadlines.domain.clocks import Clock, Clocks, Start, Stop
from stafet.deadlines.domain.days import Calendar
from stafet.deadlines.domain.running import Running, deadline_id
from stafet.deadlines.domain.spans import Frame
from stafet_schemas.delivery import DeliveryDeferred, DeliveryFailed
from stafet_schemas.event import Event

NOTHING: Final[Mapping[str, str]] = {}
LANE_HELD = "lane_held"
PARTNER_SILENT = "partner_silent"


@dataclass(frozen=True, slots=True)
class Plan:
    """The clocks in force, and the calendar they are counted by."""

    clocks: Clocks
    calendar: Calendar

    @property
    def frame(self) -> Frame:
        """What spans are counted by."""
        return Frame(self.calendar, self.clocks.hours)


def happened(event: Event) -> datetime:
    """Return when it was so: as the fact itself says, else when the hub learned of it."""
    at: datetime | None = getattr(event.data, "at", None)
    return at or event.time


def started(
    plan: Plan, clock: Clock, start: Start, event: Event, remembered: dict[str, str]
) -> Running | None:
    """Set a clock by an event that starts it; None if its rule is not in force, or there is no end to it."""
    at = happened(event)
    if not (start.fits(event) and clock.holds(plan.calendar.day(at))):
        return None
    word = getattr(event.data, clock.by or "", None) or remembered.get(clock.by or "", "")
    due = clock.limits.get(str(word), clock.limit).due(at, event, plan.frame)
    if due is None:
        return None
    subject = subject_of(clock, event)
    (owner,) = _agencies(clock.owner, event)[:1]
    return Running(
        deadline=deadline_id(clock.clock, subject, event.id),
        clock=clock.clock,
        rule=plan.clocks.version,
        matter=event.partitionkey,
        subject=subject,
        owner=owner,
        notify=_notified(clock, event, owner, {}),
        cause=event.id,
        starts=at,
        due=due,
        stages=_stages(plan, clock, start, event, due),
        final=clock.final,
        tells=clock.tells,
    )


def subject_of(clock: Clock, event: Event) -> str:
    """Name what the clock runs for."""
    return str(getattr(event.data, clock.subject))


def renewed(clock: Clock, event: Event, known: Running, remembered: Mapping[str, str]) -> Running:
    """Warn from now on whom an event names; what is `remembered` of the start counts before what it says."""
    return replace(known, notify=_notified(clock, event, known.owner, remembered))


def stops(clock: Clock, stop: Stop, event: Event, known: Running) -> bool:
    """Say whether an event, which is one of `stop`, ends a running clock.

    One that is matched by the matter alone must not be older than the clock.
    """
    if known.ended or known.clock != clock.clock:
        return False
    if stop.match == "matter":
        return happened(event) >= known.starts
    return subject_of(clock, event) == known.subject


def hindrance(event: Event, known: Running) -> str | None:
    """Say what a delivery that does not arrive is for a clock that waits for its recipient; None if nothing.

    A lane that stands still always threatens it; one that tries again, if that will be in the second half.
    """
    if isinstance(event, DeliveryFailed) and event.data.recipient == known.owner:
        return LANE_HELD
    if isinstance(event, DeliveryDeferred) and event.data.recipient == known.owner:
        again = event.time + timedelta(seconds=event.data.wait_s)
        return PARTNER_SILENT if again >= known.starts + (known.due - known.starts) / 2 else None
    return None


def _notified(clock: Clock, event: Event, owner: str, remembered: Mapping[str, str]) -> tuple[str, ...]:
    found = _agencies(clock.notify, event, remembered)
    return tuple(dict.fromkeys(each for each in found if each != owner))


def _agencies(named: tuple[str, ...], event: Event, remembered: Mapping[str, str] = NOTHING) -> list[str]:
    """Look up agencies; fields that an event does not have, or has nothing in, name nobody."""
    found: list[str] = []
    for each in named:
        field = each.removeprefix("$")
        said = remembered.get(field, getattr(event.data, field, None)) if each != field else each
        found += [said] if isinstance(said, str) else said or ()
    return found


def _stages(
    plan: Plan, clock: Clock, start: Start, event: Event, due: datetime
) -> tuple[tuple[str, datetime], ...]:
    """Return the warnings with their times; none that would come with the breach or after it."""
    at, calendar = happened(event), plan.calendar
    first: date = getattr(event.data, clock.first or "", None) or calendar.day(at)
    warnings = clock.warnings if start.warnings is None else start.warnings
    timed = ((each.stage, each.time(at, due, first, calendar)) for each in warnings)
    return tuple(sorted(((stage, when) for stage, when in timed if when < due), key=lambda pair: pair[1]))
