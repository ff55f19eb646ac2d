"""Consuming: batches, one transaction per batch, one message per transaction when that fails, park what fails.

Law 2: inbox row, state and outbox rows commit together; the Kafka offset is committed afterwards and is only a hint.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from stafet_runtime import parked
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.outbox import Outbox
from stafet_runtime.parked import ParkedRecord, RawRecord, TransientError
from stafet_runtime.tracing import batch_span, event_span
from stafet_runtime.unit import Unit, transaction
from stafet_schemas.codec import UndecodableError, decode
from stafet_schemas.event import Event

SEE = "insert into inbox (event_id) select unnest($1::uuid[]) on conflict do nothing returning event_id"

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


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service listens to: its consumer group is its name; an event class without a route is passed over."""

    service: str
    topics: tuple[str, ...]
    open: Callable[[Unit], Work]
    routes: Mapping[type[Event], Handler]


@dataclass(frozen=True, slots=True)
class Item:
    """A record and what it means to us: an event, or the reason why it is none."""

    record: RawRecord
    event: Event | None
    reason: str = ""


class Processor:
    """Takes raw records through inbox, handlers and outbox of one service."""

    def __init__(self, subscription: Subscription, database: Database, clock: Clock, ids: Ids) -> None:
        self._subscription = subscription
        self._database = database
        self._clock = clock
        self._ids = ids

    async def process(self, records: Sequence[RawRecord]) -> None:
        """Handle every record: done, seen before, or parked. Nothing is left open.

        Raises:
            OSError, asyncpg.PostgresError: the database is away; nothing was done for the failing batch.
        """
        items = [_decoded(each) for each in records]
        try:
            await self._in_one(items)
        except DATABASE_DOWN:
            raise
        except Exception as error:  # noqa: BLE001 - whatever failed, one message must not stop the others
            _log.warning(
                "batch_split", service=self._subscription.service, count=len(items), exception_type=type(error).__name__
            )
            for item in items:
                await self._alone(item)

    async def retry_parked(self) -> int:
        """Try the heads of held lanes again whose time has come; return how many left the lot."""
        async with self._database.pool.acquire() as connection:
            heads = await parked.due_heads(connection, self._clock.now())
        return sum([await self._retry(each) for each in heads])

    async def _in_one(self, items: Sequence[Item]) -> None:
        events = [each.event for each in items if each.event is not None]
        with batch_span(self._subscription.service, events):
            async with transaction(self._database, self._clock, self._ids) as unit:
                held = await parked.held_keys(unit.connection, sorted({each.record.key for each in items}))
                fresh = await self._unseen(unit, [each.event for each in items if each.event and each.record.key not in held])
                for each in items:
                    if each.event is None:
                        await self._park(unit, each.record, parked.UNDECODABLE, each.reason)
                    elif each.record.key in held:
                        await self._park(unit, each.record, parked.HELD, "an earlier message of this key is parked")
                await self._handle(unit, fresh)

    async def _alone(self, item: Item) -> None:
        try:
            await self._in_one([item])
        except DATABASE_DOWN:
            raise
        except Exception as error:  # noqa: BLE001 - parked with its class; the rest go on
            async with transaction(self._database, self._clock, self._ids) as unit:
                await self._park(unit, item.record, *_classify(error))

    async def _retry(self, head: ParkedRecord) -> bool:
        try:
            async with transaction(self._database, self._clock, self._ids) as unit:
                if not await parked.release_parked(unit.connection, head.id):
                    return False
                item = _decoded(head.record)
                if item.event is not None:
                    await self._handle(unit, await self._unseen(unit, [item.event]))
        except DATABASE_DOWN:
            raise
        except Exception as error:  # noqa: BLE001 - stays parked
            cause, reason = _classify(error)
            async with self._database.pool.acquire() as connection:
                await parked.defer(connection, head, cause, reason, self._clock.now())
            return False
        return True

    async def _unseen(self, unit: Unit, events: Sequence[Event]) -> list[Event]:
        routed = {each.id: each for each in events if type(each) in self._subscription.routes}
        if not routed:
            return []
        rows = await unit.connection.fetch(SEE, list(routed))
        new = {str(row["event_id"]) for row in rows}
        return [each for each in routed.values() if each.id in new]

    async def _handle(self, unit: Unit, events: Sequence[Event]) -> None:
        if not events:
            return
        work = self._subscription.open(unit)
        await work.load(events)
        for event in events:
            with event_span(self._subscription.service, event):
                unit.outbox.cause = event
                await self._subscription.routes[type(event)](event, work, unit.outbox)
        await work.save()

    async def _park(self, unit: Unit, record: RawRecord, cause: str, reason: str) -> None:
        _log.warning(
            "parked", service=self._subscription.service, topic=record.topic, partition=record.partition,
            offset=record.offset, **{"class": cause}, reason=reason,
        )  # fmt: skip
        await parked.park(unit.connection, record, cause, reason, self._clock.now())


def _decoded(record: RawRecord) -> Item:
    try:
        return Item(record, decode(record.headers, record.value))
    except UndecodableError as error:
        return Item(record, None, error.reason)


def _classify(error: Exception) -> tuple[str, str]:
    """Name what went wrong by type and place; an exception's text may quote a value, so it is not kept."""
    if isinstance(error, TransientError):
        return parked.TRANSIENT, type(error).__name__
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    where = f" at {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
    return parked.BUG, f"{type(error).__name__}{where}"
