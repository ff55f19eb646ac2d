"""Consuming: one transaction per batch; when it fails, one per message; what fails then is parked.

Law 2: inbox row, state and outbox rows commit together; the Kafka offset is committed afterwards and is only
a hint.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Final, Protocol
from uuid import UUID

import asyncpg
import structlog

from stafet_runtime import inbox, parked
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Database
from stafet_runtime.failures import place_of
from stafet_runtime.outbox import Outbox
from stafet_runtime.parked import Fault, ParkedRecord, RawRecord, TransientError
from stafet_runtime.tracing import batch_span, event_spans
from stafet_runtime.unit import Unit, transaction
from stafet_schemas.codec import UndecodableError, decode, kind_of
from stafet_schemas.event import Event

HELD: Final = Fault(parked.HELD, "an earlier message of this key is parked", holds=True)
UNHURRIED_MS: Final = 200
"""The patience of what a person reads, or a clock of hours: what goes to partners has the processor first."""
PASSING: Final = (
    TransientError,
    *DATABASE_DOWN,
    asyncpg.TransactionRollbackError,
)
"""Trouble that passes by itself: what a handler needs is away, the database is, or it lost a race in it."""

_log = structlog.get_logger()


class Work(Protocol):
    """A service's ports for one transaction: load in bulk before, save in bulk after."""

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch what the handlers of these events will need."""
        ...

    async def save(self) -> None:
        """Write what the handlers changed."""
        ...


Handler = Callable[[Event, Work, Outbox], Awaitable[None]]
Opening = Callable[[Database, Clock, Ids], AbstractAsyncContextManager[Unit]]
"""Opens a transaction of a service."""


Finish = Callable[[Database, Callable[[int, int], None]], Awaitable[None]]
"""Makes the rest; says how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Anew:
    """How a service's state is made anew from the log, where that is not as events are handled one by one.

    `own` are routes for what the service told by itself, in answer to no event. `open` gathers what `finish`
    makes the rest of when all is read; `finish` runs after every reading, so it takes what it finds.
    """

    own: Mapping[type[Event], Handler] = field(default_factory=dict[type[Event], Handler])
    open: Callable[[Unit], Work] | None = None
    finish: Finish | None = None


NOTHING_DIFFERS: Final = Anew()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service listens to: its group is its name; an event class without a route is passed over.

    In an `independent` topic the records of one key need not wait for one another's bugs: one that is parked
    as `bug` does not hold its key (a transient one does). What nobody waits for may have `patience_ms`: its
    events are gathered for so long, and cost less. `anew`: what differs where state is made from the log.
    """

    service: str
    topics: tuple[str, ...]
    open: Callable[[Unit], Work]
    routes: Mapping[type[Event], Handler]
    independent: frozenset[str] = frozenset()
    patience_ms: int = 0
    anew: Anew = NOTHING_DIFFERS


@dataclass(frozen=True, slots=True)
class Message:
    """A record that is an event; its `record.key` is never empty."""

    record: RawRecord
    event: Event
    id: UUID


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that is none of our events, and why."""

    record: RawRecord
    reason: str


class Processor:
    """Takes raw records through inbox, handlers and outbox of one service."""

    def __init__(
        self,
        subscription: Subscription,
        database: Database,
        clock: Clock,
        ids: Ids,
        *,
        opening: Opening = transaction,
    ) -> None:
        self._subscription = subscription
        self._database = database
        self._clock = clock
        self._ids = ids
        self._opening = opening

    async def process(self, records: Sequence[RawRecord]) -> None:
        """Handle every record: done, seen before, or parked. Nothing is left open.

        Raises:
            Exception: the database took neither the work nor the parked record; calling again with the same
                records is safe, the inbox absorbs those that were done.
        """
        items = [decoded(each) for each in records if self.concerns(each)]
        if not items:
            return
        try:
            await self._in_one(items)
        except Exception as error:  # noqa: BLE001 - whatever failed, one message must not stop the others
            kind, service = type(error).__name__, self._subscription.service
            _log.warning("batch_split", service=service, count=len(items), exception_type=kind)
            for item in items:
                await self._alone(item)

    async def take(self, items: Sequence[Message | Broken]) -> None:
        """Handle items that concern the service in one transaction; nothing is parked but what is no event.

        Raises:
            Exception: whatever a handler or the database raises; nothing is kept then.
        """
        await self._in_one(items)

    def concerns(self, record: RawRecord) -> bool:
        """Tell by the type alone: what has no route is not even opened, and never waits behind anything."""
        kind = kind_of(record.headers)
        return kind is None or kind in self._subscription.routes

    async def retry_parked(self) -> int:
        """Try each held lane's head whose time has come; return how many lanes moved on, by one record."""
        async with self._database.pool.acquire() as connection:
            heads = await parked.due_heads(connection, self._clock.now())
        return sum([await self._retry(each) for each in heads])

    async def _in_one(self, items: Sequence[Message | Broken]) -> None:
        messages = [each for each in items if isinstance(each, Message)]
        with batch_span(self._subscription.service, [each.event for each in messages]):
            async with self._transaction() as unit:
                for each in items:
                    if isinstance(each, Broken):
                        await self._park(unit, each.record, _undecodable(each))
                if messages:
                    await self._handle(unit, await self._entered(unit, messages))

    async def _entered(self, unit: Unit, messages: list[Message]) -> list[Message]:
        """Return the new ones, each once, in order; park those whose key is held behind what holds it."""
        distinct = {each.id: each for each in messages}
        new, held = await inbox.enter(
            unit.connection, {each.id: each.record.key for each in distinct.values()}
        )
        waiting = [each for each in messages if each.record.key in held]
        if waiting:
            # Done before the one that holds them was parked, and delivered again: nothing to wait for.
            done = await inbox.seen(unit.connection, [each.id for each in waiting])
            for each in waiting:
                if each.id not in done:
                    await self._park(unit, each.record, HELD)
        return [each for each in distinct.values() if each.id in new]

    async def _alone(self, item: Message | Broken) -> None:
        try:
            await self._in_one([item])
        except Exception as error:  # noqa: BLE001 - parked with its class; the rest go on
            async with self._transaction() as unit:
                await self._park(unit, item.record, self._fault(item.record, error))

    async def _retry(self, head: ParkedRecord) -> bool:
        item = decoded(head.record)
        if isinstance(item, Broken):
            return await self._defer(head, _undecodable(item))
        try:
            async with self._transaction() as unit:
                if not await parked.release_parked(unit.connection, head.id):
                    return False
                # Its own key is held by what comes after it as well.
                fresh = await inbox.enter_one(unit.connection, item.id)
                await self._handle(unit, [item] if fresh else [])
        except Exception as error:  # noqa: BLE001 - stays parked
            return await self._defer(head, self._fault(head.record, error))
        _log.info(
            "unparked", service=self._subscription.service, topic=head.record.topic, attempt=head.tries + 1
        )
        return True

    async def _handle(self, unit: Unit, messages: Sequence[Message]) -> None:
        routed = [each for each in messages if type(each.event) in self._subscription.routes]
        if not routed:
            return
        work = self._subscription.open(unit)
        await work.load([each.event for each in routed])
        span = event_spans(self._subscription.service)
        for each in routed:
            record, event = each.record, each.event
            with span(event, record.partition, record.offset):
                unit.outbox.cause = event
                await self._subscription.routes[type(event)](event, work, unit.outbox)
        await work.save()

    def _transaction(self) -> AbstractAsyncContextManager[Unit]:
        return self._opening(self._database, self._clock, self._ids)

    async def _park(self, unit: Unit, record: RawRecord, fault: Fault) -> None:
        _log.warning(
            "parked", service=self._subscription.service, topic=record.topic, partition=record.partition,
            offset=record.offset, **{"class": fault.cause}, reason=fault.reason,
        )  # fmt: skip
        await parked.park(unit.connection, record, fault, self._clock.now())

    async def _defer(self, head: ParkedRecord, fault: Fault) -> bool:
        """Keep it parked; say, as `_retry` does, whether the lane moves on."""
        async with self._database.pool.acquire() as connection:
            await parked.defer(connection, head, fault, self._clock.now())
        return not fault.holds

    def _fault(self, record: RawRecord, error: Exception) -> Fault:
        """Name what went wrong by type and place: an exception's text may quote a value."""
        if isinstance(error, PASSING):
            return Fault(parked.TRANSIENT, type(error).__name__, holds=True)
        return Fault(parked.BUG, _named(error), holds=record.topic not in self._subscription.independent)


def decoded(record: RawRecord) -> Message | Broken:
    """Read the event of a record, or say why it is none."""
    try:
        event = decode(record.headers, record.value)
        message_id = UUID(event.id)
    except UndecodableError as error:
        return Broken(record, error.reason)
    except ValueError:
        return Broken(record, "id is no UUID")
    # The lane is the event's own key even where a foreign producer left the record without one.
    return Message(
        record if record.key else replace(record, key=event.partitionkey.encode()), event, message_id
    )


def _undecodable(broken: Broken) -> Fault:
    return Fault(parked.UNDECODABLE, broken.reason, holds=False)


def _named(error: Exception) -> str:
    place = place_of(error)
    return f"{type(error).__name__} at {place}" if place else type(error).__name__
