"""Making the console anew from the log: first all steps, then each matter once, of all that it is.

Folding a matter whenever one of its steps is read would write it as often as it has steps.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from stafet.console.adapters.capacities import write_capacities
from stafet.console.adapters.rows import COLUMNS, NAMES, SELECTED, to_rows, to_step
from stafet.console.adapters.trail import NEW, OWN_PLAN, RELINK, PostgresTrail, folded, write_standings
from stafet_runtime.database import Connection, Database

if TYPE_CHECKING:
    from stafet.console.domain.steps import Step

AT_ONCE: Final = 500
"""Matters, or loose steps, of one transaction: memory is bounded by them."""
LOOSE: Final = "select id from events where not anchored and id > $1 order by id limit $2"
MATTERS: Final = "select distinct matter from events where matter > $1 order by matter limit $2"
STEPS: Final = f"select {SELECTED} from events where matter = any($1::text[])"  # noqa: S608 - constants
COUNT: Final = "select count(distinct matter) from events"
EMPTY: Final = """
    with gone as (
        delete from cases where not exists (select from events where events.matter = cases.matter)
        returning matter
    )
    delete from attention where matter in (select matter from gone)
"""
FIRST: Final = "00000000-0000-0000-0000-000000000000"
# Thousands of rows: an array for each column takes the client twice as long to write.
FRESH: Final = "create temp table fresh (like events) on commit drop"
ADD: Final = f"insert into events ({NAMES}) select {NAMES} from fresh on conflict (id) do nothing"  # noqa: S608 - constants

Progress = Callable[[int, int], None]
Work = Callable[[Connection, Sequence[str]], Awaitable[None]]


class PostgresSteps(PostgresTrail):
    """The steps of one transaction, written down and no more."""

    async def save(self) -> None:
        """Insert what is new."""
        steps = list(self._steps.values())
        await self._connection.execute(FRESH)
        await self._connection.copy_records_to_table("fresh", records=to_rows(steps), columns=list(COLUMNS))
        await self._connection.execute(ADD)
        await write_capacities(self._connection, steps)


async def finish(database: Database, progress: Progress) -> None:
    """Link the loose steps to their matters, and fold each matter of all its steps."""
    await _each_page(database, LOOSE, FIRST, _link)
    done, total = 0, await database.pool.fetchval(COUNT)

    async def fold(connection: Connection, matters: Sequence[str]) -> None:
        nonlocal done
        await _fold(connection, matters)
        done += len(matters)
        progress(done, total)

    await _each_page(database, MATTERS, "", fold)
    await database.pool.execute(EMPTY)


async def _each_page(database: Database, query: str, last: str, work: Work) -> None:
    """Work on what a query names above `last`, each page in a transaction."""
    async with database.pool.acquire() as connection:
        while page := [str(row[0]) for row in await connection.fetch(query, last, AT_ONCE)]:
            async with connection.transaction():
                await connection.execute(OWN_PLAN)
                await work(connection, page)
            last = page[-1]


async def _link(connection: Connection, loose: Sequence[str]) -> None:
    await connection.execute(RELINK, loose)


async def _fold(connection: Connection, matters: Sequence[str]) -> None:
    by_matter: dict[str, list[Step]] = defaultdict(list)
    for row in await connection.fetch(STEPS, matters):
        step = to_step(row)
        by_matter[step.matter].append(step)
    await write_standings(connection, {matter: folded(NEW, steps) for matter, steps in by_matter.items()})
