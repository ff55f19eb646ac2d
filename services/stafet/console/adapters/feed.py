"""Changes: PostgreSQL's NOTIFY, sent with each commit, wakes the open pages of every console process."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Final

import asyncpg
import structlog

from stafet.console.adapters.trail import CHANNEL
from stafet_runtime.database import DATABASE_DOWN, Database, session_settings

RECONNECT_S: Final = 1.0
PROBE_S: Final = 30.0

_log = structlog.get_logger()


class _Watcher:
    """One open page: `case` None watches everything."""

    def __init__(self, case: str | None) -> None:
        self.case = case
        self.woken = asyncio.Event()
        # What happened before the page was watched would be missed otherwise.
        self.woken.set()


class PostgresFeed:
    """Hears of commits on one connection of its own and wakes the watchers they concern."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watchers: set[_Watcher] = set()
        self._stopped = False
        self.listening = asyncio.Event()

    async def changes(self, case: str | None, heartbeat_s: float) -> AsyncGenerator[bool]:
        """Yield True at once and after changes (several may come as one), False after a silence."""
        watcher = _Watcher(case)
        self._watchers.add(watcher)
        try:
            while not self._stopped:
                yield await _woken(watcher, heartbeat_s)
        finally:
            self._watchers.discard(watcher)

    async def listen(self) -> None:
        """Listen until cancelled; after a loss connect again and wake everybody: a change may be missed."""
        try:
            while True:
                try:
                    await self._listen_once()
                except DATABASE_DOWN as error:
                    _log.warning("console_not_live", service="console", exception_type=type(error).__name__)
                self.listening.clear()
                await asyncio.sleep(RECONNECT_S)
        finally:
            self._stopped = True
            self._wake(None)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(
            self._database.dsn, server_settings=session_settings(self._database.service), command_timeout=5
        )
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._notified)
            self.listening.set()
            self._wake(None)
            while not lost.is_set():
                try:
                    await asyncio.wait_for(lost.wait(), PROBE_S)
                except TimeoutError:
                    await connection.execute("select 1")
        finally:
            await connection.close(timeout=2)

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        matters = json.loads(str(payload)) if payload else None
        self._wake(None if matters is None else set(matters))

    def _wake(self, matters: set[str] | None) -> None:
        for watcher in self._watchers:
            if matters is None or watcher.case is None or watcher.case in matters:
                watcher.woken.set()


async def _woken(watcher: _Watcher, heartbeat_s: float) -> bool:
    try:
        await asyncio.wait_for(watcher.woken.wait(), heartbeat_s)
    except TimeoutError:
        return False
    watcher.woken.clear()
    return True
