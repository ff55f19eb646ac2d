"""PostgreSQL: one schema and one role per service, one SQL dialect; how a service reaches its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg

from stafet_runtime.handoff import Handoff

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

DATABASE_DOWN = (
    OSError,
    TimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What asyncpg raises while the server is away, stops, is full or takes no writes.

Nothing was committed, or it is not known whether it was.
"""


@dataclass(slots=True)
class Database:
    """One service's way into its own schema, and what its transactions hand to the relay of this process."""

    service: str
    dsn: str = field(repr=False)
    pool: Pool
    handoff: Handoff = field(default_factory=Handoff)

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()


def session_settings(service: str) -> dict[str, str]:
    """Start-up parameters that make a session the service's: its role, its schema, UTC."""
    return {
        "role": f"stafet_{service}",
        "search_path": service,
        "timezone": "UTC",
        "application_name": service,
    }


async def open_database(dsn: str, service: str, *, size: int = 4) -> Database:
    """Connect as the service's role.

    Raises:
        OSError: the server is not reachable.
        asyncpg.PostgresError: the server refuses, e.g. the role does not exist (run the migrations first).
    """
    pool = await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        server_settings=session_settings(service),
        command_timeout=30,
        reset=_keep,
    )
    return Database(service, dsn, pool)


async def _keep(_connection: object) -> None:
    """Leave a connection as it is: nothing outlives its transaction, and a reset is a round trip."""


async def migrate(dsn: str, services: Sequence[str]) -> None:
    """Create each service's role and schema where missing and bring its tables to the newest version."""
    # Together Alembic and SQLAlchemy cost a second of start-up and 27 MB, which no running service needs.
    from stafet_runtime import migration  # noqa: PLC0415 - see above

    await migration.upgrade(dsn, services)


async def schema_versions(dsn: str, services: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return, per service, the version its schema has and the newest there is."""
    from stafet_runtime import migration  # noqa: PLC0415 - see above

    return await migration.versions(dsn, services)
