"""The halves of documents that wait in PostgreSQL, and the task that gives up what has waited too long."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import structlog

from stafet.gateway.ports import Overdue, Overlook, Pending, StoreUnavailableError, WaitingHalf
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.unit import transaction

# Two halves that come at the same moment must not both find that the other is not there.
LOCK: Final = "select pg_advisory_xact_lock(hashtextextended('stafet gateway half ' || $1 || '/' || $2, 0))"
WAITING: Final = """
    select halves.receipt::text, message, sealed from halves join messages using (receipt)
    where halves.agency = $1 and link = $2 and half = $3
    order by since, halves.receipt limit 1 for update of halves
"""
WAIT: Final = "insert into halves (receipt, agency, link, half, since) values ($1, $2, $3, $4, $5)"
MET: Final = "delete from halves where receipt = $1"
OVERDUE: Final = """
    with late as (
        select receipt from halves where since <= $1 order by since limit 100 for update skip locked
    ), gone as (
        delete from halves using late where halves.receipt = late.receipt returning halves.receipt, half
    )
    update messages set sealed = null from gone where messages.receipt = gone.receipt
    returning agency, messages.receipt::text, message, half
"""

LOOK_S: Final = 30.0

_log = structlog.get_logger()


class PostgresHalves:
    """`Halves`, and the part of `Desk` about them, in one open transaction."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def half(self, agency: str, link: str, half: str) -> WaitingHalf | None:
        """Lock the link, then read: one at a time, for a file may be large and several may wait."""
        await self._connection.execute(LOCK, agency, link)
        row = await self._connection.fetchrow(WAITING, agency, link, half)
        if row is None:
            return None
        return WaitingHalf(row["receipt"], Pending(row["message"], row["sealed"]))

    async def wait(self, agency: str, link: str, half: str, receipt: str) -> None:
        """Insert a row."""
        await self._connection.execute(WAIT, receipt, agency, link, half, self._clock.now())

    async def met(self, receipt: str) -> None:
        """Delete a row."""
        await self._connection.execute(MET, receipt)

    async def overdue(self, since: datetime) -> Sequence[Overdue]:
        """Delete the oldest, at most a hundred, and none that just meets its other half."""
        return [Overdue(*row) for row in await self._connection.fetch(OVERDUE, since)]


class PostgresOverlook:
    """Opens transactions that give up waiting."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Overlook]:
        """Open one, and commit it at the end of the block; see the port."""
        try:
            async with transaction(self._database, self._clock, self._ids) as unit:
                yield Overlook(PostgresHalves(unit.connection, self._clock), unit.outbox)
        except DATABASE_DOWN as error:
            raise StoreUnavailableError(type(error).__name__) from None


class Overlooking:
    """Gives up now and then what has waited too long, until cancelled."""

    def __init__(self, give_up: Callable[[], Awaitable[None]]) -> None:
        self._give_up = give_up

    async def work(self) -> None:
        """Give up, wait, and begin again; trouble is told and tried again."""
        while True:
            try:
                await self._give_up()
            except StoreUnavailableError as error:
                _log.warning("halves_not_looked_at", service="gateway", exception_type=type(error).__name__)
            await asyncio.sleep(LOOK_S)
