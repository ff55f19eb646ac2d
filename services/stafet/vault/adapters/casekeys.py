"""The stored data keys of cases on PostgreSQL: how others read them, and how all of them are wrapped anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from stafet.vault.ports.keys import LockedKey, Remainder, ZoneKey
from stafet_runtime.database import Connection

if TYPE_CHECKING:
    from asyncpg import Record

# A part of others' statements: the columns of all keys of the case `c`.
KEYS: Final = """
    left join lateral (
        select array_agg(zone order by zone) as zones, array_agg(kek order by zone) as keks,
            array_agg(wrapped order by zone) as wrapped
        from case_keys where case_id = c.case_id
    ) k on true
"""
CENSUS: Final = "select kek, count(*) as count from case_keys group by kek order by kek"
# By their certificates: a restore brings these back as they were, and not the rows' own times.
REMAINDERS: Final = """
    select version, count(distinct case_id) as cases, min(said ->> 'shredded_at')::timestamptz as since
    from erasures, lateral (select certificate::jsonb -> 'statement' as said) s,
        jsonb_array_elements_text(said -> 'wrapped_under') version
    where state = 'shredded' group by version order by version
"""
# An erasure that comes in between waits, and takes what was wrapped anew; one that was first left no row.
STALE: Final = """
    select case_id, zone, kek, wrapped from case_keys where kek < $1 or kek > $1
    order by kek, case_id limit $2 for update skip locked
"""
REPLACE: Final = """
    update case_keys set kek = each.kek, wrapped = each.wrapped, earlier = case_keys.earlier || case_keys.kek
    from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) each (case_id, zone, kek, wrapped)
    where case_keys.case_id = each.case_id and case_keys.zone = each.zone
        and each.kek not in (select kek from retired_keks)
"""
# Whoever is about to store a data key waits for the commit, or is waited for.
ALONE: Final = "lock table case_keys in share row exclusive mode"
FENCE: Final = """
    insert into retired_keks (kek, retired_at)
    select $1, $2 where not exists (select from case_keys where kek = $1)
    on conflict (kek) do update set kek = excluded.kek returning kek
"""


class PostgresCaseKeys:
    """The data keys of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def census(self) -> dict[str, int]:
        """Count all."""
        return {row["kek"]: row["count"] for row in await self._connection.fetch(CENSUS)}

    async def remainders(self) -> Sequence[Remainder]:
        """Read all certificates."""
        return [Remainder(*row) for row in await self._connection.fetch(REMAINDERS)]

    async def stale(self, current: str, most: int) -> Sequence[tuple[str, ZoneKey]]:
        """Lock those that nobody else has locked."""
        rows = await self._connection.fetch(STALE, current, most)
        return [(row["case_id"], ZoneKey(row["zone"], row["kek"], row["wrapped"])) for row in rows]

    async def replace(self, keys: Sequence[tuple[str, ZoneKey]]) -> None:
        """Update all at once."""
        cases = [case for case, _ in keys]
        await self._connection.execute(REPLACE, cases, *columns_of_keys([key for _, key in keys]))

    async def fence(self, version: str, at: datetime) -> bool:
        """Look and insert while nobody else stores a data key."""
        await self._connection.execute(ALONE)
        return None is not await self._connection.fetchval(FENCE, version, at)


def locked_key(case: str | None, row: "Record") -> LockedKey | None:
    """Read the columns of `KEYS`; None if there is no case, or no key of it any more."""
    if case is None or row["zones"] is None:
        return None
    columns = zip(row["zones"], row["keks"], row["wrapped"], strict=True)
    return LockedKey(case, tuple(ZoneKey(*each) for each in columns))


def columns_of_keys(keys: Sequence[ZoneKey]) -> tuple[list[str], list[str], list[bytes]]:
    """Turn keys into columns for `unnest`."""
    return [each.zone for each in keys], [each.kek for each in keys], [each.wrapped for each in keys]
