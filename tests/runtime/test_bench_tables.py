"""The bench of a protected step makes its tables by itself: they must be those that services have."""

import asyncpg

from bench.hop import TABLES

COLUMNS = """
    select table_name, column_name, data_type, is_nullable from information_schema.columns
    where table_schema = $1 and table_name in ('inbox', 'outbox', 'parked') order by 1, 2
"""


class TestTables:
    async def test_of_the_bench_are_those_of_a_migrated_service(self, dsn: str) -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute("create schema bench; set search_path to bench")
            for statement in TABLES:
                await connection.execute(statement)
            made, migrated = [await connection.fetch(COLUMNS, each) for each in ("bench", "referrals")]
        finally:
            await connection.close()
        assert made == migrated
        assert {row["table_name"] for row in made} == {"inbox", "outbox", "parked"}
