"""The tables of all services, by Alembic: a branch of migrations per service, run as the service's own role.

Loaded by `stafet_runtime.database` when it is called: a running service needs neither Alembic nor SQLAlchemy.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

SCRIPTS = Path(__file__).parent / "alembic"
SERVICES_ROOT = Path(__file__).parent.parent / "stafet"


async def upgrade(dsn: str, services: Sequence[str]) -> None:
    """Create each service's role and schema where missing and bring its tables to the newest version."""
    engine = create_async_engine(_sqlalchemy_url(dsn))
    try:
        for service in services:
            async with engine.begin() as connection:
                await connection.execute(text("select pg_advisory_xact_lock(hashtext('stafet migrate'))"))
                await connection.run_sync(_upgrade, service)
    finally:
        await engine.dispose()


async def versions(dsn: str, services: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return, per service, the version its schema has and the newest there is."""
    engine = create_async_engine(_sqlalchemy_url(dsn))
    try:
        async with engine.connect() as connection:
            return {service: await connection.run_sync(_versions, service) for service in services}
    finally:
        await engine.dispose()


def _sqlalchemy_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1).replace(
        "postgres://", "postgresql+asyncpg://", 1
    )


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
            f"if not pg_has_role(current_user, '{role}', 'member') then "
            f"grant {role} to current_user; end if; "
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
