"""The worker: one at a time per database drives all lanes, woken by new items, ended attempts and the clock.

Its lock belongs to a session: the server frees it the moment the connection is gone, also by kill -9, and the
next worker tries again what was under way. Delivery ids are the same then: the partner can drop a repetition.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from stafet.dispatch.adapters.intake import CHANNEL
from stafet.dispatch.adapters.lanes import PostgresLanes
from stafet.dispatch.domain import Head, plan
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.standby import alone

LOCK: Final = "stafet dispatch worker"

POLL_S: Final = 1.0
PAUSE_S: Final = 0.5

_log = structlog.get_logger()


class Worker:
    """Begins attempts as lanes come due; `attempt` makes one from end to end."""

    def __init__(
        self,
        database: Database,
        lanes: PostgresLanes,
        attempt: Callable[[Head], Awaitable[None]],
        in_flight: int,
    ) -> None:
        self._database = database
        self._lanes = lanes
        self._attempt = attempt
        self._in_flight = in_flight
        self._woken = asyncio.Event()
        self._running: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Work, or stand by for the one that does, until cancelled."""
        while True:
            try:
                async with alone(self._database, LOCK, self._wake, CHANNEL) as session:
                    await self._drive(session)
            except DATABASE_DOWN as error:
                _log.warning("dispatch_waits", service="dispatch", exception_type=type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    async def _drive(self, session: Connection) -> None:
        """Drive the lanes while the session holds; what is under way when it ends is stopped."""
        try:
            await self._lanes.resume(session)
            while True:
                self._woken.clear()
                await self._pause(await self._begin_due(session))
        finally:
            await self._stop()

    async def _begin_due(self, session: Connection) -> float:
        """Begin all that is due and fits; return the seconds until there may be more."""
        while True:
            earliest, busy = await self._lanes.earliest(session), Counter(self._running.values())
            ahead = plan(earliest, busy, self._in_flight, self._lanes.now())
            heads = await self._lanes.begin(session, ahead.slots) if ahead.slots else []
            for head in heads:
                self._start(head)
            if not heads:
                return POLL_S if ahead.wait_s is None else min(ahead.wait_s, POLL_S)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass  # the clock woke us

    def _start(self, head: Head) -> None:
        task = asyncio.create_task(self._finish(head))
        self._running[task] = head.item.recipient
        task.add_done_callback(self._ended)

    async def _finish(self, head: Head) -> None:
        """Make the attempt; a bug in the bookkeeping holds its own lane, and is seen."""
        try:
            await self._attempt(head)
        except Exception as error:  # noqa: BLE001 - the other lanes go on
            _log.error(
                "attempt_not_settled",
                service="dispatch",
                delivery=head.item.delivery,
                attempt=head.attempt,
                exception_type=type(error).__name__,
            )

    def _wake(self, *_: object) -> None:
        self._woken.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._woken.set()

    async def _stop(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
