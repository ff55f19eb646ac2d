"""PostgreSQL: one schema and one role per service, one SQL dialect; migrations by Alembic, a branch per service."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

DATABASE_DOWN = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError,
                 asyncpg.AdminShutdownError, asyncpg.TooManyConnectionsError, TimeoutError)  # fmt: skip
"""What asyncpg raises while the server is away: nothing was committed, or it is not known whether it was."""

SCRIPTS = Path(__file__).parent / "alembic"
SERVICES_ROOT = Path(__file__).parent.parent / "stafet"


@dataclass(slots=True)
class Database:
    """One service's way into its own schema; `outbox_written` is set after every commit that wrote to the outbox."""

    service: str
    dsn: str = field(repr=False)
    pool: Pool
    outbox_written: asyncio.Event = field(default_factory=asyncio.Event)

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()


def session_settings(service: str) -> dict[str, str]:
    """Start-up parameters that make a session the service's: its role, its schema, UTC."""
    return {"role": f"stafet_{service}", "search_path": service, "timezone": "UTC", "application_name": service}


async def open_database(dsn: str, service: str, *, size: int = 4) -> Database:
    """Connect as the service's role.

    Raises:
        OSError: the server is not reachable.
        asyncpg.PostgresError: the server refuses, e.g. the role does not exist (run the migrations first).
    """
    pool = await asyncpg.create_pool(
        dsn, min_size=1, max_size=size, server_settings=session_settings(service), command_timeout=30
    )
    return Database(service, dsn, pool)


async def migrate(dsn: str, services: Sequence[str]) -> None:
    """Create each service's role and schema where missing and bring its tables to the newest version."""
    engine = create_async_engine(_sqlalchemy_url(dsn))
    try:
        for service in services:
            async with engine.begin() as connection:
                await connection.execute(text("select pg_advisory_xact_lock(hashtext('stafet migrate'))"))
                await connection.run_sync(_upgrade, service)
    finally:
        await engine.dispose()


async def schema_versions(dsn: str, services: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return, per service, the version its schema has and the newest there is."""
    engine = create_async_engine(_sqlalchemy_url(dsn))
    try:
        async with engine.connect() as connection:
            return {service: await connection.run_sync(_versions, service) for service in services}
    finally:
        await engine.dispose()


def _sqlalchemy_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1).replace("postgres://", "postgresql+asyncpg://", 1)


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(SERVICES_ROOT / service / "migrations"))
    return config


def _upgrade(connection: SyncConnection, service: str) -> None:
    role = f"stafet_{service}"
    connection.execute(
        text(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
            f"create role {role}; end if; "
            f"if not pg_has_role(current_user, '{role}', 'member') then grant {role} to current_user; end if; "
            "exception when duplicate_object or unique_violation then null; end $$"
        )
    )
    connection.execute(text(f"create schema if not exists {service} authorization {role}"))
    connection.execute(text(f"set local role {role}"))
    connection.execute(text(f"set local search_path to {service}"))
    config = _config(service)
    config.attributes["connection"] = connection
    config.attributes["schema"] = service
    command.upgrade(config, "head")
    connection.execute(text("reset role"))


def _versions(connection: SyncConnection, service: str) -> tuple[str | None, str | None]:
    context = MigrationContext.configure(connection, opts={"version_table_schema": service})
    return context.get_current_revision(), ScriptDirectory.from_config(_config(service)).get_current_head()
