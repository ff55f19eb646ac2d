"""Where each thing in a case stands: of every thread (a clock, a period, a stay ...) its newest event."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from stafet.console.domain.details import details
from stafet.console.domain.lexicon import EVENTS, THREADS, EventWords
from stafet.console.domain.steps import Step
from stafet.console.domain.words import describe

CLOCK, DECISION, END, STEP = "clock", "decision", "end", "step"


class Thread(BaseModel):
    """The newest event of one thing, with what it takes to speak of it; `due` is set for clocks only.

    `about` is its id, which a step about it names.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    id: str
    kind: str
    about: str
    step: str
    text: str
    agency: str | None = None
    clock: str | None = None
    due: datetime | None = None
    details: tuple[str, ...] = ()

    @property
    def words(self) -> EventWords:
        """How its newest event is told."""
        return EVENTS[self.step]

    @property
    def title(self) -> str:
        """What such a thing is called; nothing where the page has another place for it."""
        return THREADS[self.kind].title


def keep_thread(known: dict[str, Thread], step: Step) -> None:
    """Keep the newest event of each thread, in whatever order they come."""
    words = EVENTS.get(step.type)
    if words is None or not words.thread:
        return
    about = THREADS[words.thread].key_of(step.data)
    key = f"{words.thread} {about}".rstrip()
    old = known.get(key)
    if old is None or (old.at, old.id) < (step.time, step.id):
        known[key] = _thread(words.thread, about, step)


def clocks(threads: Mapping[str, Thread]) -> list[Thread]:
    """Return the clocks that still run or were missed, the next one due first."""
    running = (each for each in threads.values() if each.kind == CLOCK and each.step != "deadline.met")
    return sorted(running, key=lambda each: (each.due or each.at, each.id))


def decisions(threads: Mapping[str, Thread]) -> list[Thread]:
    """Return where each authority's decision stands, in the order they came."""
    return _by_time(each for each in threads.values() if each.kind == DECISION)


def things(threads: Mapping[str, Thread]) -> list[Thread]:
    """Return all else that has a title, of one kind together."""
    shown = _by_time(each for each in threads.values() if each.title)
    order = list(THREADS)
    return sorted(shown, key=lambda each: order.index(each.kind))


def needing(threads: Mapping[str, Thread]) -> list[Thread]:
    """Return the threads in which somebody must act; of a closed case a refused step is past."""
    closed = is_closed(threads)
    return [each for each in threads.values() if each.words.needs and not (closed and each.kind == STEP)]


def is_closed(threads: Mapping[str, Thread]) -> bool:
    """Say whether the case was closed, and not reopened since."""
    end = threads.get(END)
    return end is not None and end.step == "case.closed"


def _thread(kind: str, about: str, step: Step) -> Thread:
    due = step.data.get("due") if kind == CLOCK else None
    return Thread(
        at=step.time,
        id=step.id,
        kind=kind,
        about=about,
        step=step.type,
        text=describe(step),
        agency=step.data.get("authority") or step.agency,
        clock=step.data.get("clock") if kind == CLOCK else None,
        due=datetime.fromisoformat(due) if due else None,
        details=details(step),
    )


def _by_time(threads: Iterable[Thread]) -> list[Thread]:
    return sorted(threads, key=lambda each: (each.at, each.id))
