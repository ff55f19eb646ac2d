"""A database session that only one process has at a time; the others stand by.

The lock belongs to the session: the server frees it the moment the connection is gone, also by kill -9.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from stafet_runtime.database import Connection, Database, session_settings

# Asked again and again, because a session that waits for a lock holds back the whole database's vacuum.
LOCK: Final = "select pg_try_advisory_lock(hashtext($1))"

STANDBY_S: Final = 0.5
ANSWER_S: Final = 10.0
"""How long the database may take to answer before the session, and with it the lock, counts as lost."""


def _ignored(*_: object) -> None:
    pass


@asynccontextmanager
async def alone(
    database: Database, name: str, woken: Callable[..., None] = _ignored, channel: str | None = None
) -> AsyncGenerator[Connection]:
    """Stand by until no other session of this database has the lock `name`; yields the one that has it.

    `woken` hears of the end of the session, and of notifications on `channel`.

    Raises:
        One of DATABASE_DOWN: there is no session.
    """
    session = await asyncpg.connect(
        database.dsn, server_settings=session_settings(database.service), command_timeout=ANSWER_S
    )
    try:
        session.add_termination_listener(woken)
        if channel is not None:
            await session.add_listener(channel, woken)
        while not await session.fetchval(LOCK, name):  # noqa: ASYNC110 - another process holds it, no event tells
            await asyncio.sleep(STANDBY_S)
        yield session
    finally:
        await session.close(timeout=2)
