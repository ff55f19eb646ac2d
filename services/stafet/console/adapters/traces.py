"""Reading: lists and chains for the pages, each from an index."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from stafet.console.adapters.attention import read_attention
from stafet.console.adapters.capacities import read_capacities
from stafet.console.adapters.rows import SELECTED, to_step
from stafet.console.domain.capacity import Capacity
from stafet.console.domain.progress import Progress
from stafet.console.domain.steps import Step
from stafet.console.ports import Attention, CaseSummary, Overview, Page, StoreUnavailableError
from stafet_runtime.database import DATABASE_DOWN, Connection, Pool

SUMMARY: Final = "matter, opened, last, events, progress"
NEWEST: Final = f"""
    select {SUMMARY} from cases
    where state <> 'noted' and ($1::timestamptz is null or (opened, matter) < ($1, $2)) {{trouble}}
    order by opened desc, matter desc limit $3
"""  # noqa: S608 - column names are constants
COUNTS: Final = """
    select (select count(*) from cases where state <> 'noted') as total,
           (select count(*) from cases where trouble > 0 and trouble = 2) as stopped,
           (select count(*) from cases where trouble > 0 and trouble = 1) as waiting,
           (select count(*) from parked) as parked
"""
# Column names are constants; values go as parameters.
STEPS: Final = f"""
    select {SELECTED} from events where matter = $1
    order by events.time desc, events.id desc limit $2
"""  # noqa: S608 - constants
RESOLVE: Final = """
    select matter from (
        (select matter, 0 as rank from cases where matter = $1)
        union all (select matter, 1 from events where referral = $1 order by time limit 1)
        union all (select matter, 2 from events where message = $1 order by anchored desc, time limit 1)
        union all (select matter, 3 from events where id = $2::uuid)
    ) found order by rank limit 1
"""
UUID_LENGTHS: Final = (32, 36)


class PostgresTraces:
    """What was recorded, read through the service's pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def newest(self, page: Page) -> Overview:
        """Return one page of cases, newest first, and the counts over all."""
        query = NEWEST.format(trouble="and trouble > 0" if page.trouble_only else "")
        before, case = page.before or (None, None)
        async with self._reading() as connection:
            rows = await connection.fetch(query, before, case, page.limit + 1)
            counts = await connection.fetchrow(COUNTS)
        assert counts is not None  # noqa: S101 - a query of aggregates always has a row
        found = [_summary(row) for row in rows[: page.limit]]
        return Overview(
            cases=found, more=len(rows) > page.limit, **{name: int(value) for name, value in counts.items()}
        )

    async def case(self, case: str) -> CaseSummary | None:
        """Return where a case stands, or None."""
        async with self._reading() as connection:
            # Column names are constants; values go as parameters.
            row = await connection.fetchrow(f"select {SUMMARY} from cases where matter = $1", case)  # noqa: S608
        return None if row is None else _summary(row)

    async def steps(self, case: str, limit: int) -> list[Step]:
        """Return the newest `limit` steps of a case, oldest first."""
        async with self._reading() as connection:
            rows = await connection.fetch(STEPS, case, limit)
        return [to_step(row) for row in reversed(rows)]

    async def capacities(self) -> list[Capacity]:
        """Return the newest word of each unit."""
        async with self._reading() as connection:
            return await read_capacities(connection)

    async def attention(self, limit: int) -> Attention:
        """Return what needs somebody now, over all cases."""
        async with self._reading() as connection:
            return await read_attention(connection, limit)

    async def resolve(self, reference: str) -> str | None:
        """Return the case that an id of any kind belongs to, or None."""
        async with self._reading() as connection:
            found: str | None = await connection.fetchval(RESOLVE, reference, _uuid(reference))
        return found

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[Connection]:
        try:
            async with self._pool.acquire() as connection:
                yield connection
        except DATABASE_DOWN as error:
            raise StoreUnavailableError from error


def _summary(row: asyncpg.Record) -> CaseSummary:
    progress = Progress.model_validate_json(row["progress"])
    return CaseSummary(row["matter"], row["opened"], row["last"], row["events"], progress)


def _uuid(text: str) -> str | None:
    """Return the text if PostgreSQL would read it as a UUID."""
    plain = text.replace("-", "")
    fits = len(plain) == UUID_LENGTHS[0] and len(text) in UUID_LENGTHS
    return text if fits and all(each in "0123456789abcdefABCDEF" for each in plain) else None
