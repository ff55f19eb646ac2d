"""A small service for tests of the runtime: it writes down what it handled, and fails where it is told to."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from stafet_runtime.consumer import Subscription, Work
from stafet_runtime.database import Database
from stafet_runtime.outbox import Outbox
from stafet_runtime.parked import RawRecord
from stafet_runtime.unit import Unit
from stafet_schemas.case import CaseOpened, CaseOpenedData
from stafet_schemas.codec import encode
from stafet_schemas.event import Event

BEGUN = datetime(2026, 11, 24, 9, tzinfo=UTC)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SERVICE = "console"
TOPIC = CaseOpened.topic


def opened(number: int, case: str = "a", *, event_id: str = "") -> CaseOpened:
    """Build an event whose id ends with its number."""
    return CaseOpened(
        id=event_id or str(uuid.UUID(int=number)),
        source="/stafet/vault",
        time=BEGUN,
        correlationid=case,
        partitionkey=case,
        recordedtime=BEGUN,
        traceparent=TRACE,
        data=CaseOpenedData(case=case, agency="police"),
    )


def record(number: int, case: str = "a", *, topic: str = TOPIC, key: bytes | None = None) -> RawRecord:
    """Build the record of `opened(number, case)`; its offset is its number."""
    return record_of(opened(number, case), number, topic=topic, key=key)


def record_of(event: Event, offset: int, *, topic: str = TOPIC, key: bytes | None = None) -> RawRecord:
    """Build an event's record in partition 0."""
    own, headers, value = encode(event)
    return RawRecord(topic, 0, offset, own if key is None else key, headers, value)


def garbage(offset: int, case: str = "a") -> RawRecord:
    """Build a record that is no event; its type has a NUL, which no text column takes."""
    return RawRecord(TOPIC, 0, offset, case.encode(), [("ce_type", b"no\0type\xff")], b"{}")


@dataclass(slots=True)
class Page:
    """The desk's work of one transaction."""

    unit: Unit
    desk: "Desk"
    numbers: list[int] = field(default_factory=list[int])

    async def load(self, events: Sequence[Event]) -> None:
        """Nothing to fetch."""

    async def save(self) -> None:
        """Write the numbers down, in their order."""
        self.desk.waiting += 1
        await self.desk.gate.wait()
        await self.unit.connection.execute(
            "insert into handled (number) select * from unnest($1::integer[])", self.numbers
        )


def open_gate() -> asyncio.Event:
    """Build a gate that nobody waits at."""
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class Desk:
    """The service; `fails[number]` are the exceptions of its next tries at an event, one after the other.

    At an event of `cut` the database ends the session, once. A batch waits for `gate` when it is saved.
    """

    database: Database
    fails: dict[int, list[Exception]] = field(default_factory=dict[int, list[Exception]])
    cut: set[int] = field(default_factory=set[int])
    gate: asyncio.Event = field(default_factory=open_gate)
    tries: int = 0
    waiting: int = 0

    async def prepare(self) -> None:
        """Make the desk's own table."""
        await self.database.pool.execute(
            "create table handled (id bigint generated always as identity, number integer not null)"
        )

    def subscription(self, independent: frozenset[str] = frozenset()) -> Subscription:
        """Listen to the case topic, for one class of event."""
        return Subscription(
            SERVICE, (TOPIC,), lambda unit: Page(unit, self), {CaseOpened: self.handle}, independent
        )

    def open_soon(self) -> None:
        """Open the gate once whoever calls has gone on to wait."""
        asyncio.get_running_loop().call_later(0.2, self.gate.set)

    async def handle(self, event: Event, work: Work, outbox: Outbox) -> None:
        """Write the event's number down and emit one event, unless it is to fail."""
        number = uuid.UUID(event.id).int
        self.tries += 1
        cast("Page", work).numbers.append(number)
        outbox.emit(CaseOpened, cast("CaseOpened", event).data)
        if number in self.cut:
            self.cut.discard(number)
            await cast("Page", work).unit.connection.execute("select pg_terminate_backend(pg_backend_pid())")
        if self.fails.get(number):
            raise self.fails[number].pop(0)

    async def handled(self) -> list[int]:
        """Return the numbers of what was handled and committed, in order."""
        return [row["number"] for row in await self.database.pool.fetch("select * from handled order by id")]

    async def parked(self) -> list[tuple[int, str, bool]]:
        """Return offset, class and whether it holds its key, of what is parked, in order."""
        rows = await self.database.pool.fetch('select "offset", class, holds from parked order by id')
        return [(row["offset"], row["class"], row["holds"]) for row in rows]

    async def count(self, table: str) -> int:
        """Count the rows of inbox, outbox or parked."""
        return int(await self.database.pool.fetchval(f"select count(*) from {table}"))  # noqa: S608 - a test's own word
