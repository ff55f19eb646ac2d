"""Fetches the messages of agencies that do not send them: one collector at a time for a database.

Should two collect for a moment nevertheless, nothing happens twice: an item that comes again gets its first
receipt, and a cursor that falls back makes items come again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from stafet.gateway.domain import back_off_s
from stafet.gateway.handlers import collect
from stafet.gateway.ports import Cursors, StoreUnavailableError, Take
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.failures import place_of
from stafet_runtime.standby import alone
from stafet_sdk.contract import Answered, Outcome, Request, Unavailable
from stafet_sdk.errors import DeliveryError, InboundRefused
from stafet_sdk.source import Batch, Source

LOCK: Final = "stafet gateway collector"
ALIVE: Final = "select true"

LOOK_S: Final = 0.5
PAUSE_S: Final = 0.5

Pause = Callable[[float], Awaitable[None]]

_log = structlog.get_logger()


class Collector:
    """Goes through every source for ever; `take` accepts one message of an agency. Nobody waits for another.

    `pause` waits for some seconds.
    """

    def __init__(
        self,
        database: Database,
        sources: Sequence[tuple[Source, Take]],
        cursors: Cursors,
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._database = database
        self._sources = sources
        self._cursors = cursors
        self._pause = pause

    async def work(self) -> None:
        """Collect, or stand by for the one that does, until cancelled."""
        while True:
            try:
                async with alone(self._database, LOCK) as session:
                    await self._collect_all(session)
            except DATABASE_DOWN as error:
                _log.warning("collector_waits", service="gateway", exception_type=type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    async def _collect_all(self, session: Connection) -> None:
        """Collect while the session holds; what is under way when it ends is stopped."""
        running = [asyncio.create_task(self.follow(source, take)) for source, take in self._sources]
        try:
            while True:
                await session.fetchval(ALIVE)
                await asyncio.sleep(LOOK_S)
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def follow(self, source: Source, take: Take) -> None:
        """Fetch from one source for ever, further apart while it fails."""
        failures = 0
        told, telling = _Told(source), _telling(take, source.agency)
        while True:
            try:
                wait = await collect(told, take=telling, cursors=self._cursors)
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it was, it is told and tried again
                failures += 1
                asked = error.retry_after if isinstance(error, DeliveryError) else None
                wait = back_off_s(failures, asked)
                _tell(error, source.agency, failures, wait)
            await self._pause(wait)


@dataclass(frozen=True, slots=True)
class _Told:
    """A source; what it found and is of no use is said, as what is refused over HTTP is."""

    source: Source

    @property
    def agency(self) -> str:
        return self.source.agency

    @property
    def interval_s(self) -> float:
        return self.source.interval_s

    async def fetch(self, cursor: str, /) -> Batch:
        batch = await self.source.fetch(cursor)
        for each in batch.refused:
            _log.warning("refused", service="gateway", agency=self.agency, code=each.code, status=each.status)
        return batch


def _telling(take: Take, agency: str) -> Take:
    """Say which messages were not accepted: whoever is asked for them may never learn it."""

    async def told(request: Request) -> Outcome | Answered:
        outcome = await take(request)
        if isinstance(outcome, InboundRefused | Unavailable):
            code = outcome.code if isinstance(outcome, InboundRefused) else "unavailable"
            _log.warning("refused", service="gateway", agency=agency, code=code)
        return outcome

    return told


def _tell(error: Exception, agency: str, failures: int, wait: float) -> None:
    code, reason = "bug", None
    if isinstance(error, DeliveryError):
        code, reason = error.cause, error.failure
    elif isinstance(error, StoreUnavailableError):
        code = "store_unavailable"
    _log.warning(
        "not_collected",
        service="gateway",
        agency=agency,
        code=code,
        reason=reason,
        exception_type=type(error).__name__,
        where=place_of(error),
        attempt=failures,
        wait_s=wait,
    )
