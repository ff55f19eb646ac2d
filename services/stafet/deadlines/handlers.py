"""What the service does on each event: see what threatens a clock, end and start clocks, tell it."""

from datetime import datetime
from typing import Final

from stafet.deadlines.domain.clocks import Clock, Memory
from stafet.deadlines.domain.running import Told, begin, end, retold, threaten
from stafet.deadlines.domain.watching import (
    LANE_HELD,
    Plan,
    happened,
    hindrance,
    renewed,
    started,
    stops,
    subject_of,
)
from stafet.deadlines.ports import Book
from stafet_runtime.outbox import Outbox
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned
from stafet_schemas.delivery import DeliveryDeferred, DeliveryDelivered, DeliveryFailed
from stafet_schemas.event import Event

REMEMBERED: Final = "remembered"
LANE: Final = "lane"
STOPPED: Final = "stopped"
ACTED_ON: Final = frozenset({"notice", "content"})
"""Parts that their recipient must act on."""


async def on_fact(event: Event, *, book: Book, outbox: Outbox, plan: Plan) -> None:
    """Take in anything that a clock may depend on."""
    for memory in plan.clocks.memories:
        if memory.fits(event):
            _remember(event, memory, book)
    _end(event, book, outbox, plan)
    _renew(event, book, plan)
    for clock, start in plan.clocks.starting.get(type(event), ()):
        known = book.noted(event.partitionkey, REMEMBERED, subject_of(clock, event))
        new = started(plan, clock, start, event, dict(known))
        if new is None:
            continue
        before = [
            each
            for each in book.running(new.matter)
            if (each.clock, each.subject) == (new.clock, new.subject)
        ]
        if before and not start.restarts:
            continue
        for each in before:
            _tell(end(each, event.id, happened(event)), book, outbox)
        _tell(begin(new), book, outbox)
        _look_back(clock, book, outbox, new.matter, new.deadline)


async def on_delivery_failed(event: DeliveryFailed, *, book: Book, outbox: Outbox, plan: Plan) -> None:
    """Note that a lane stands still, and warn those whose clock waits for its recipient.

    A lane goes on behind what can never be sent; that is in the way only of who was to act on it.
    """
    if not event.data.ends:
        book.note(event.data.lane, LANE, event.data.recipient, {"held": "yes"})
    elif event.data.part not in ACTED_ON:
        await on_fact(event, book=book, outbox=outbox, plan=plan)
        return
    await on_delivery_deferred(event, book=book, outbox=outbox, plan=plan)


async def on_delivery_deferred(
    event: DeliveryDeferred | DeliveryFailed, *, book: Book, outbox: Outbox, plan: Plan
) -> None:
    """Warn those whose clock waits for somebody who does not get what it must act on."""
    for each in list(book.running(event.partitionkey)):
        if (cause := hindrance(event, each)) is not None:
            _tell(threaten(each, cause), book, outbox)
    await on_fact(event, book=book, outbox=outbox, plan=plan)


async def on_delivery_delivered(event: DeliveryDelivered, *, book: Book, outbox: Outbox, plan: Plan) -> None:
    """Note that the lane moves again."""
    if book.noted(event.data.lane, LANE, event.data.recipient):
        book.note(event.data.lane, LANE, event.data.recipient, {})
    await on_fact(event, book=book, outbox=outbox, plan=plan)


async def on_told(event: DeadlineWarned | DeadlineBreached, *, book: Book, outbox: Outbox) -> None:
    """Learn from the log what the ticker told: nothing else says so where the state is made anew."""
    del outbox
    for each in list(book.running(event.data.matter)):
        if each.deadline == event.data.deadline:
            book.put(retold(each, event))


def _remember(event: Event, memory: Memory, book: Book) -> None:
    told = event.data.model_dump(mode="json", include=set(memory.fields))
    if memory.like:
        told = dict(book.noted(event.partitionkey, REMEMBERED, str(getattr(event.data, memory.like))))
    book.note(event.partitionkey, REMEMBERED, str(getattr(event.data, memory.subject)), told)


def _end(event: Event, book: Book, outbox: Outbox, plan: Plan) -> None:
    matter, at = event.partitionkey, happened(event)
    for clock, stop in plan.clocks.stopping.get(type(event), ()):
        if not stop.fits(event):
            continue
        for each in list(book.running(matter)):
            if stops(clock, stop, event, each):
                _tell(end(each, event.id, at), book, outbox)
        last = book.noted(matter, STOPPED, clock.clock)
        if stop.match == "matter" and not (last and datetime.fromisoformat(last["at"]) > at):
            # What it ends may be told later: of another topic, or by somebody who was slow to say so.
            book.note(matter, STOPPED, clock.clock, {"at": at.isoformat(), "by": event.id})


def _renew(event: Event, book: Book, plan: Plan) -> None:
    for clock, renewal in plan.clocks.renewing.get(type(event), ()):
        if not renewal.fits(event):
            continue
        subject = subject_of(clock, event)
        known = book.noted(event.partitionkey, REMEMBERED, subject)
        for each in list(book.running(event.partitionkey)):
            if (each.clock, each.subject) == (clock.clock, subject):
                book.put(renewed(clock, event, each, known))


def _look_back(clock: Clock, book: Book, outbox: Outbox, matter: str, deadline: str) -> None:
    """Take into account what was read before the clock's own start: an end, or a lane that stands still."""
    (new,) = [each for each in book.running(matter) if each.deadline == deadline]
    stopped = book.noted(matter, STOPPED, clock.clock)
    if stopped and datetime.fromisoformat(stopped["at"]) >= new.starts:
        _tell(end(new, stopped["by"], datetime.fromisoformat(stopped["at"])), book, outbox)
    elif book.noted(matter, LANE, new.owner):
        _tell(threaten(new, LANE_HELD), book, outbox)


def _tell(told: Told, book: Book, outbox: Outbox) -> None:
    running, effects = told
    book.put(running)
    for each in effects:
        outbox.emit(each.kind, each.data, each.id)
