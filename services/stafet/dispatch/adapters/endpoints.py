"""Agencies that have closed their endpoint, and how a human opens it again."""

from datetime import datetime
from typing import Final

from stafet.dispatch.adapters.intake import CHANNEL
from stafet_runtime.database import Database

CLOSED: Final = "select recipient, since from closed order by recipient"
WAITING: Final = """
    select count(*) from items where recipient = $1 and status = 'waiting'
"""
OPEN: Final = "delete from closed where recipient = $1 returning since"


async def closed(database: Database) -> dict[str, datetime]:
    """List the agencies that take nothing, each with the time since when."""
    return {row["recipient"]: row["since"] for row in await database.pool.fetch(CLOSED)}


async def enable(database: Database, agency: str) -> int | None:
    """Send to an agency again; return how much waits for it, None if its endpoint was not closed."""
    async with database.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(OPEN, agency) is None:
            return None
        count: int = await connection.fetchval(WAITING, agency)
        await connection.execute("select pg_notify($1, '')", CHANNEL)
    return count
