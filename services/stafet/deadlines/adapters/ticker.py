"""The ticker: one at a time per database tells the warnings and breaches whose time has come.

It tells them only up to the last time at which nothing unread stood in the log: what would have ended a
clock before may still be there. Clock steps do no harm, because what was told stands in the row that is
locked here: set back, nothing is told again or taken back; set forward, all is told once, and called late.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from stafet.deadlines.adapters.rows import COLUMNS, read, save
from stafet.deadlines.domain.running import Running, fire
from stafet.deadlines.ports import Reading
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Database
from stafet_runtime.standby import alone
from stafet_runtime.unit import Unit, transaction

LOCK: Final = "stafet deadlines ticker"

TICK_S: Final = 1.0
PAUSE_S: Final = 0.5
AT_ONCE: Final = 500
SUDDEN: Final = timedelta(minutes=1)
"""A clock that is looked at every second and goes on by more was set, or the process stood still."""

WAITING: Final = "select count(*) from deadlines where next_at <= $1"
# One that a batch holds may end in it: looked at again next time.
DUE: Final = f"""
    select {COLUMNS} from deadlines where next_at <= $1
    order by matter, deadline limit {AT_ONCE} for update skip locked
"""  # noqa: S608 - constants

_log = structlog.get_logger()


class Ticker:
    """Looks at the clock for ever."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, reading: Reading) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._reading = reading
        self._last: datetime | None = None

    async def run(self) -> None:
        """Work, or stand by for the one that does, until cancelled."""
        while True:
            try:
                async with alone(self._database, LOCK) as session:
                    self._last = None
                    while True:
                        await session.fetchval("select true")
                        await self.tick()
                        await asyncio.sleep(TICK_S)
            except DATABASE_DOWN as error:
                _log.warning("ticker_waits", service="deadlines", exception_type=type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    async def tick(self) -> int:
        """Tell what is due; return of how many clocks."""
        now = self._clock.now()
        self._notice_step(now)
        waiting = await self._database.pool.fetchval(WAITING, now)
        if not waiting:
            return 0
        upto = await self._reading.upto(now)
        if upto is None:
            _log.warning("deadlines_wait", service="deadlines", reason="log_not_read", count=waiting)
            return 0
        told = 0
        while count := await self._tell(min(now, upto)):
            told += count
        return told

    async def _tell(self, now: datetime) -> int:
        async with transaction(self._database, self._clock, self._ids) as unit:
            clocks = [read(row) for row in await unit.connection.fetch(DUE, now)]
            await save(unit.connection, [self._fire(each, now, unit) for each in clocks])
        behind = max((now - each.next_at for each in clocks if each.next_at), default=timedelta())
        if behind > SUDDEN:
            seconds = behind.total_seconds()
            _log.warning("deadlines_told_late", service="deadlines", count=len(clocks), seconds=seconds)
        return len(clocks)

    def _fire(self, known: Running, now: datetime, unit: Unit) -> Running:
        unit.outbox.cause = Cause(known.cause)
        fired, effects = fire(known, now)
        for each in effects:
            unit.outbox.emit(each.kind, each.data, each.id)
        return fired

    def _notice_step(self, now: datetime) -> None:
        last, self._last = self._last, now
        if last is not None and not timedelta() <= now - last <= SUDDEN:
            seconds = (now - last).total_seconds()
            _log.warning("clock_stepped", service="deadlines", seconds=seconds)
