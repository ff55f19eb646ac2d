"""A PostgreSQL server that a test may stop and start again."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from stafet_runtime.database import Database, migrate, open_database
from stafet_runtime.embedded import embedded_postgres


class Server:
    """One server with the gateway's schema; it keeps its data and its address over a stop."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._running = AsyncExitStack()
        self.database: Database

    async def start(self) -> str:
        """Start, and return the address."""
        return await self._running.enter_async_context(embedded_postgres(self._directory))

    async def stop(self) -> None:
        """Stop, with whatever sessions there are."""
        await self._running.aclose()

    async def __aenter__(self) -> Self:
        dsn = await self.start()
        await migrate(dsn, ["gateway"])
        self.database = await open_database(dsn, "gateway")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()
        await self.stop()


async def blocked(database: Database) -> None:
    """Return when some transaction waits for a lock."""
    for _ in itertools.count():
        if await database.pool.fetchval("select exists (select from pg_locks where not granted)"):
            return
        await asyncio.sleep(0.005)
