"""Takes the log's events into one service through its own subscription, and mute.

What the service would tell stands in the log already, so nothing is published.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from stafet_runtime.clock import Clock, Ids
from stafet_runtime.consumer import Broken, Message, Processor, Subscription
from stafet_runtime.database import Database
from stafet_runtime.failures import place_of
from stafet_runtime.merging import Ends
from stafet_runtime.outbox import UnitOutbox
from stafet_runtime.parked import RawRecord
from stafet_runtime.unit import Unit
from stafet_schemas.event import Event, EventData

Item = Message | Broken


class RebuildError(Exception):
    """The state cannot be made from the log; the text names the event, and says what to do."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What is made anew: a service's subscription, and its schema as the migrations leave it."""

    subscription: Subscription
    database: Database


class MuteOutbox(UnitOutbox):
    """Takes what is emitted and keeps nothing."""

    def emit(self, kind: type[Event], data: EventData, event_id: str | None = None) -> str:
        """Return an id as if the event were to be published."""
        del kind, data
        return event_id or self._ids.new()


@asynccontextmanager
async def mute(database: Database, clock: Clock, ids: Ids) -> AsyncGenerator[Unit]:
    """Open a transaction in which nobody is told anything."""
    async with database.pool.acquire() as connection, connection.transaction():
        yield Unit(connection, MuteOutbox(database.service, clock, ids), clock, ids)


class Rebuilder:
    """Makes one service's state of what stands below `ends` (places without prefix)."""

    def __init__(self, rebuilt: Rebuilt, ends: Ends, clock: Clock, ids: Ids) -> None:
        known = rebuilt.subscription
        routes = {**known.routes, **known.anew.own}
        subscription = replace(known, routes=routes, open=known.anew.open or known.open)
        self._processor = Processor(subscription, rebuilt.database, clock, ids, opening=mute)
        self._service, self._routes = known.service, routes
        self._ends = {(place.topic, place.partition): end for place, end in ends.items()}

    def concerned(self, items: Sequence[Item]) -> list[Item]:
        """Choose what the service has to do with, and had read."""
        routes = self._routes
        return [
            each
            for each in items
            if (
                type(each.event) in routes
                if isinstance(each, Message)
                else self._processor.concerns(each.record)
            )
            and self._had_read(each.record)
        ]

    async def take(self, items: Sequence[Item]) -> None:
        """Handle these, which concern the service, in one transaction.

        Raises:
            RebuildError: one cannot be handled; all before it are.
        """
        try:
            await self._processor.take(items)
        except Exception:  # noqa: BLE001 - one by one, the event that is to blame shows
            for each in items:
                await self._alone(each)

    def _had_read(self, record: RawRecord) -> bool:
        return record.offset < self._ends.get((record.topic, record.partition), 0)

    async def _alone(self, item: Item) -> None:
        try:
            await self._processor.take([item])
        except Exception as error:
            record = item.record
            event = "what is no event"
            if isinstance(item, Message):
                event = f"{type(item.event).short_name()} {item.event.id}"
            why = f"{type(error).__name__} at {place_of(error)}"
            place = f"{record.topic}/{record.partition}/{record.offset}"
            raise RebuildError(
                f"{self._service} cannot handle {event} at {place}: {why}. All before it is done: "
                "mend the cause and run this again, it goes on from here"
            ) from error
