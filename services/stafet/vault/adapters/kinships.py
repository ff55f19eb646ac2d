"""What cases are to each other, on PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from stafet.vault.ports.kinships import Kinship
from stafet_runtime.database import Connection

# In one order, so that two transactions with several equal signs wait and never block each other.
LOCK: Final = """
    select pg_advisory_xact_lock(hashtextextended(encode(each, 'hex'), 0))
    from (select each from unnest($1::bytea[]) each order by each) ordered
"""
NOTE: Final = """
    with noted as (
        insert into signs (case_id, sign, token)
        select $1::text, each.* from unnest($2::text[], $3::bytea[]) each
        on conflict do nothing
    )
    select s.sign, s.case_id from unnest($2::text[], $3::bytea[]) as mine (sign, token)
    join signs s on s.sign = mine.sign and s.token = mine.token and s.case_id <> $1
"""
BETWEEN: Final = "select state, score from kinships where first = $1 and second = $2 for update"
KEEP: Final = """
    insert into kinships (first, second, state, score) values ($1, $2, $3, $4)
    on conflict (first, second) do update set state = excluded.state, score = excluded.score
"""
MERGED: Final = """
    with recursive same (case_id) as (
        select $1::text
        union
        select case when k.first = same.case_id then k.second else k.first end
        from same join kinships k on k.state = 'merged' and same.case_id in (k.first, k.second)
    )
    select case_id from same where case_id <> $1 order by case_id
"""
STATE: Final = "select state from cases where case_id = $1 and erased_at is null for update"
MARK: Final = "update cases set state = $2, state_by = $3 where case_id = $1"


class PostgresKinships:
    """The store of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, case: str, signs: Mapping[str, bytes]) -> Sequence[tuple[str, str]]:
        """Lock the signs, keep them, and look who has them, too."""
        if not signs:
            return ()
        await self._connection.execute(LOCK, list(signs.values()))
        rows = await self._connection.fetch(NOTE, case, list(signs), list(signs.values()))
        return [(row["sign"], row["case_id"]) for row in rows]

    async def between(self, case: str, other: str) -> Kinship:
        """Read the row of the two."""
        first, second = sorted((case, other))
        row = await self._connection.fetchrow(BETWEEN, first, second)
        return Kinship(first, second, row["state"], row["score"]) if row else Kinship(first, second)

    async def keep(self, kinship: Kinship) -> None:
        """Write the row."""
        await self._connection.execute(KEEP, kinship.first, kinship.second, kinship.state, kinship.score)

    async def merged(self, case: str) -> Collection[str]:
        """Follow the rows that are merged."""
        return [row["case_id"] for row in await self._connection.fetch(MERGED, case)]

    async def state(self, case: str) -> str | None:
        """Lock the case."""
        found: str | None = await self._connection.fetchval(STATE, case)
        return found

    async def mark(self, case: str, state: str, message: str) -> None:
        """Write the state."""
        await self._connection.execute(MARK, case, state, message)
