"""One transaction of one service: state, inbox and outbox commit together or not at all (law 2)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Connection, Database
from stafet_runtime.outbox import UnitOutbox


@dataclass(frozen=True, slots=True)
class Unit:
    """What may be used inside the transaction."""

    connection: Connection
    outbox: UnitOutbox
    clock: Clock
    ids: Ids


@asynccontextmanager
async def transaction(
    database: Database, clock: Clock, ids: Ids, *, cause: Cause | None = None
) -> AsyncGenerator[Unit]:
    """Open a transaction; on leaving write what was emitted, commit, and hand it to the relay."""
    outbox = UnitOutbox(database.service, clock, ids)
    outbox.cause = cause
    async with database.pool.acquire() as connection:
        with database.handoff.committing() as committing:
            async with connection.transaction():
                yield Unit(connection, outbox, clock, ids)
                await outbox.write(connection, database.handoff, committing)
