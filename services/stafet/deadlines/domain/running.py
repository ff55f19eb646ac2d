"""One running clock: what it tells, when, and that it tells nothing twice.

    set -> warned ... -> breached -> met (late)     threatened: any time before the breach, once for a cause
             `-> met        `-> (final: ended)

Every id follows from the clock, its subject and the event that started it, and every fact's from that:
whoever reads the log again makes the same facts under the same ids, and no reader acts on one twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID, uuid5

from stafet_schemas.deadline import (
    DeadlineBreached,
    DeadlineData,
    DeadlineMet,
    DeadlineMetData,
    DeadlineSet,
    DeadlineThreatened,
    DeadlineThreatenedData,
    DeadlineWarned,
    DeadlineWarnedData,
)
from stafet_schemas.event import Event, EventData

SPACE: Final = UUID("8f1d5f0e-64c3-5b0a-9f54-6f1b6f6d5a11")
"""The name space of deadlines' ids (RFC 9562, version 5)."""

SET: Final = "set"
BREACHED: Final = "breached"
MET: Final = "met"


@dataclass(frozen=True, slots=True)
class Effect:
    """A fact that others must learn, with the id that it always has."""

    kind: type[Event]
    data: EventData
    id: str


Effects = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs from `starts` to `due`; `stages` are its warnings with their times, in order.

    `cause` is the event that started it, `told` what it told already. `ended`: it runs no more.
    """

    deadline: str
    clock: str
    rule: str
    matter: str
    subject: str
    owner: str
    notify: tuple[str, ...]
    cause: str
    starts: datetime
    due: datetime
    stages: tuple[tuple[str, datetime], ...] = ()
    final: bool = False
    tells: bool = False
    told: tuple[str, ...] = ()
    ended: bool = False

    @property
    def next_at(self) -> datetime | None:
        """When it has something to tell by itself; None if never again."""
        left = [at for stage, at in (*self.stages, (BREACHED, self.due)) if stage not in self.told]
        return None if self.ended else min(left, default=None)

    def fact(self) -> DeadlineData:
        """Return what all its events say."""
        return DeadlineData(
            deadline=self.deadline,
            clock=self.clock,
            rule=self.rule,
            matter=self.matter,
            subject=self.subject,
            owner=self.owner,
            notify=self.notify,
            due=self.due,
            tells=self.tells,
        )

    def says(self, stage: str, kind: type[Event], data: EventData) -> tuple[Self, Effects]:
        """Tell a stage under the id it always has; one that was told is not told again."""
        if stage in self.told:
            return self, ()
        known = replace(self, told=(*self.told, stage))
        return known, (Effect(kind, data, str(uuid5(UUID(self.deadline), stage))),)


Told = tuple[Running, Effects]


def deadline_id(clock: str, subject: str, cause: str) -> str:
    """Name the running of a clock for a subject that an event started."""
    return str(uuid5(SPACE, f"{clock} {subject} {cause}"))


def begin(new: Running) -> Told:
    """Say that it runs."""
    return new.says(SET, DeadlineSet, new.fact())


def fire(known: Running, now: datetime) -> Told:
    """Tell every warning whose time has come, and the breach; each once, in the order of their times."""
    said: Effects = ()
    if known.ended:
        return known, said
    for stage, at in known.stages:
        if at <= now:
            data = DeadlineWarnedData(**known.fact().model_dump(), stage=stage)
            known, effects = known.says(stage, DeadlineWarned, data)
            said += effects
    known, effects = _breach(known, now)
    return known, said + effects


def end(known: Running, by: str, at: datetime) -> Told:
    """End it: met in time, or late, after the breach, even where nobody looked at the clock before.

    Warnings whose time has passed are not told any more: they would warn of what has been done.
    """
    if known.ended:
        return known, ()
    known, breach = _breach(known, at)
    if known.ended:
        return known, breach
    late = BREACHED in known.told and at >= known.due
    data = DeadlineMetData(**known.fact().model_dump(), by=by, late=late)
    known, effects = known.says(MET, DeadlineMet, data)
    return replace(known, ended=True), breach + effects


def threaten(known: Running, cause: str) -> Told:
    """Say that its owner does not get what it must act on; once for a cause, and not after the breach."""
    if known.ended or BREACHED in known.told:
        return known, ()
    data = DeadlineThreatenedData(**known.fact().model_dump(), cause=cause, recipient=known.owner)
    return known.says(f"threatened:{cause}", DeadlineThreatened, data)


def retold(known: Running, event: DeadlineWarned | DeadlineBreached) -> Running:
    """Take as told what stands in the log."""
    if isinstance(event, DeadlineBreached):
        return _breach(known, known.due)[0]
    return known.says(event.data.stage, DeadlineWarned, event.data)[0]


def _breach(known: Running, now: datetime) -> Told:
    if now < known.due:
        return known, ()
    known, effects = known.says(BREACHED, DeadlineBreached, known.fact())
    return replace(known, ended=known.final), effects
