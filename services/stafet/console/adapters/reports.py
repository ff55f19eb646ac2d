"""The receipts of what operators reported, each once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from stafet.console.ports import Reporting, StoreUnavailableError
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.unit import transaction

# The primary key is the lock: a racing copy waits here for the first one's commit, and inserts nothing.
KEEP: Final = """
    insert into reports (receipt, digest) values ($1, $2) on conflict (receipt) do nothing returning receipt
"""
KEPT: Final = "select digest from reports where receipt = $1"


class PostgresReceipts:
    """The receipts, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, receipt: str, digest: bytes) -> bytes | None:
        """Keep a receipt; return the digest that is kept under it already."""
        if await self._connection.fetchval(KEEP, receipt, digest) is not None:
            return None
        kept: bytes = await self._connection.fetchval(KEPT, receipt)
        return kept


class PostgresReporting:
    """Transactions of the console's own schema."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Reporting]:
        """Open one, and commit it at the end of the block."""
        try:
            async with transaction(self._database, self._clock, self._ids) as unit:
                yield Reporting(PostgresReceipts(unit.connection), unit.outbox)
        except DATABASE_DOWN as error:
            raise StoreUnavailableError from error
