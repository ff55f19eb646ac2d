"""One schema and one role per service: who connects as one sees nothing of another."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from stafet_runtime.database import DATABASE_DOWN, Database, migrate, open_database, schema_versions
from stafet_runtime.settings import SERVICES


class TestOpenDatabase:
    async def test_works_as_the_services_own_role_in_its_own_schema_and_utc(
        self, database_for: Callable[[str], Awaitable[Database]]
    ) -> None:
        vault = await database_for("vault")

        row = await vault.pool.fetchrow(
            "select current_user, current_schema, current_setting('timezone') as zone"
        )
        assert row is not None
        assert tuple(row) == ("stafet_vault", "vault", "UTC")

    async def test_reaches_no_table_of_another_service(
        self, database_for: Callable[[str], Awaitable[Database]]
    ) -> None:
        console = await database_for("console")

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await console.pool.fetch("select * from vault.inbox")

    async def test_keeps_its_role_from_one_use_to_the_next(
        self, database_for: Callable[[str], Awaitable[Database]]
    ) -> None:
        console = await database_for("console")
        used = {
            await console.pool.fetchval("select current_user || pg_backend_pid()::text") for _ in range(5)
        }

        assert len(used) == 1

    async def test_says_that_the_server_is_away(self, dsn: str) -> None:
        with pytest.raises(DATABASE_DOWN):
            await open_database(dsn.replace("host=", "host=/nowhere"), "vault")

    async def test_counts_one_that_takes_no_writes_as_away(
        self, database_for: Callable[[str], Awaitable[Database]]
    ) -> None:
        vault = await database_for("vault")

        with pytest.raises(DATABASE_DOWN):
            async with vault.pool.acquire() as connection, connection.transaction(readonly=True):
                await connection.execute("insert into inbox (event_id) values (gen_random_uuid())")

    async def test_shows_no_address(self, database_for: Callable[[str], Awaitable[Database]]) -> None:
        vault = await database_for("vault")

        assert vault.dsn not in repr(vault)


class TestMigrate:
    async def test_brings_every_service_to_its_newest_version_and_can_be_repeated(self, dsn: str) -> None:
        await migrate(dsn, SERVICES)

        versions = await schema_versions(dsn, SERVICES)
        assert sorted(versions) == sorted(SERVICES)
        assert [service for service, (has, newest) in versions.items() if has != newest or has is None] == []

    @pytest.mark.parametrize("service", SERVICES)
    async def test_gives_each_the_tables_of_the_runtime(
        self, database_for: Callable[[str], Awaitable[Database]], service: str
    ) -> None:
        database = await database_for(service)
        tables = await database.pool.fetch(
            "select tablename from pg_tables where schemaname = current_schema"
        )

        assert {"inbox", "outbox", "parked"} <= {row["tablename"] for row in tables}
