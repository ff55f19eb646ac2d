"""The ledger as a whole on PostgreSQL: read in batches, planted by one statement."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from stafet.vault.domain.audit import Row
from stafet.vault.domain.merkle import Frontier
from stafet.vault.domain.treehead import TreeHead
from stafet.vault.domain.zones import GDPR
from stafet.vault.ports.keys import LockedKey, ZoneKey
from stafet.vault.ports.ledger import Lane, Planted
from stafet_runtime.database import Connection

if TYPE_CHECKING:
    from asyncpg import Record

LANES_AT_ONCE: Final = 1_000
ROWS_AT_ONCE: Final = 400
LEAVES_AT_ONCE: Final = 10_000

ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('stafet ledger', 0))"
FREEZE: Final = "set transaction isolation level repeatable read, read only"
NEWEST: Final = "select size, root, at, signature, frontier from tree_heads order by size desc limit 1"
HEADS: Final = "select size, root, at, signature from tree_heads order by size"
KEEP: Final = "insert into tree_heads (size, root, at, signature, frontier) values ($1, $2, $3, $4, $5)"
# One snapshot for all parts: of each lane the rows up to those its chain says it has.
PLANT: Final = """
    with fresh as materialized (
        select d.lane, d.number, d.disclosure_id, d.hash
        from chains c
        left join planted p on p.lane = c.lane
        join disclosures d on d.lane = c.lane and d.number > coalesce(p.entries, 0)
        where c.entries > coalesce(p.entries, 0)
    ), moved as (
        insert into planted select lane, max(number) from fresh group by lane
        on conflict (lane) do update set entries = excluded.entries
    )
    insert into leaves (position, lane, number, disclosure_id, hash)
    select $1 - 1 + row_number() over (order by lane, number), * from fresh
    returning position, hash
"""
LANES: Final = """
    select ch.lane, ch.entries, ch.head, k.kek, k.wrapped
    from chains ch
    left join case_keys k on k.case_id = ch.lane and k.zone = 'gdpr'
    where ch.lane > $1
    order by ch.lane
    limit $2
"""
COLUMNS: Final = """
    coalesce(d.lane, l.lane), coalesce(d.number, l.number),
    case when d.disclosure_id is null or d.disclosure_id <> l.disclosure_id then l.disclosure_id::text end,
    l.hash, d.prev_hash, d.hash, d.keyed, d.digest, d.stamp,
    d.disclosure_id::text, d.case_id, d.referral, d.record_id, d.version, d.sender, d.recipient, d.purpose,
    d.part, d.policy, d.outcome, d.reason, d.groups, d.fields, d.bases, d.delivery, d.attempt,
    to_char(d.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
"""
ROWS: Final = f"""
    select {COLUMNS}
    from (select * from disclosures where lane = any($1)) d
    full join (select * from leaves where lane = any($1)) l on l.lane = d.lane and l.number = d.number
    order by 2
"""  # noqa: S608 - our own list of columns
FIND: Final = f"""
    select {COLUMNS}, l.position, k.kek, k.wrapped
    from disclosures d
    left join leaves l on l.lane = d.lane and l.number = d.number
    left join case_keys k on k.case_id = d.lane and k.zone = 'gdpr'
    where d.disclosure_id = $1
"""  # noqa: S608 - our own list of columns
LEAVES: Final = "select position, hash from leaves order by position"
STRAYS: Final = """
    select number, lane, disclosure_id::text from leaves l
    where not exists (select from chains where lane = l.lane)
    order by lane, number
"""
MARKS: Final = 9
"""Columns in front of those of the entry itself, whose lane and number are the first two."""


class PostgresLedger:
    """The ledger of one open transaction; `public` is the key that all heads kept here are signed with."""

    def __init__(self, connection: Connection, public: bytes) -> None:
        self._connection = connection
        self._public = public

    async def alone(self) -> None:
        """Take the one lock of planting."""
        await self._connection.execute(ALONE)

    async def freeze(self) -> None:
        """Read from one snapshot; must come first."""
        await self._connection.execute(FREEZE)

    async def newest(self) -> tuple[TreeHead, Frontier] | None:
        """Read the newest head."""
        row = await self._connection.fetchrow(NEWEST)
        return (self._head(row), Frontier(row["size"], row["frontier"])) if row else None

    async def plant(self, position: int) -> Sequence[bytes]:
        """Insert the leaves of all rows that have none: by lane and number, whatever came first."""
        rows = await self._connection.fetch(PLANT, position)
        return [row["hash"] for row in sorted(rows, key=lambda row: row["position"])]

    async def keep(self, head: TreeHead, frontier: Frontier) -> None:
        """Insert a head."""
        await self._connection.execute(
            KEEP, head.size, head.root, head.at, head.signature, list(frontier.peaks)
        )

    async def lanes(self) -> AsyncIterator[Sequence[Lane]]:
        """Read all chains, one page after the other."""
        last = ""
        while rows := await self._connection.fetch(LANES, last, LANES_AT_ONCE):
            yield [
                Lane(row["lane"], row["entries"], row["head"], _key(row["lane"], row["kek"], row["wrapped"]))
                for row in rows
            ]
            last = rows[-1]["lane"]

    async def rows(self, lanes: Sequence[str]) -> AsyncIterator[Sequence[Row]]:
        """Read rows and leaves side by side: what only one of them has comes, too."""
        cursor = await self._connection.cursor(ROWS, list(lanes))
        async for rows in _ahead(lambda: cursor.fetch(ROWS_AT_ONCE)):
            yield [_row(row) for row in rows]

    async def leaves(self) -> AsyncIterator[Sequence[tuple[int, bytes]]]:
        """Read all leaves."""
        cursor = await self._connection.cursor(LEAVES)
        async for rows in _ahead(lambda: cursor.fetch(LEAVES_AT_ONCE)):
            yield [(row[0], row[1]) for row in rows]

    async def strays(self) -> Sequence[tuple[int, str, str]]:
        """Read the leaves whose chain was removed."""
        return [(row[0], row[1], row[2]) for row in await self._connection.fetch(STRAYS)]

    async def heads(self) -> Sequence[TreeHead]:
        """Read all heads."""
        return [self._head(row) for row in await self._connection.fetch(HEADS)]

    async def find(self, disclosure: str) -> Planted | None:
        """Read a row, its place and its case's key; what is no id is none of the ledger's."""
        try:
            row = await self._connection.fetchrow(FIND, UUID(disclosure))
        except ValueError:
            return None
        if row is None:
            return None
        key = _key(row[0], row["kek"], row["wrapped"])
        return Planted(_row(row, len(row) - 3), row["position"], key)

    def _head(self, row: "Record") -> TreeHead:
        # As it stands: what somebody made of it is for the audit to say.
        return TreeHead.model_construct(
            size=row["size"], root=row["root"], at=row["at"], key=self._public, signature=row["signature"]
        )


async def _ahead(fetch: Callable[[], Awaitable[list["Record"]]]) -> AsyncIterator[list["Record"]]:
    """Ask for the next rows before those that came are worked on: the server reads meanwhile."""
    asked = asyncio.ensure_future(fetch())
    try:
        while rows := await asked:
            asked = asyncio.ensure_future(fetch())
            # Lets the question leave.
            await asyncio.sleep(0)
            yield rows
    finally:
        asked.cancel()


def _row(row: "Record", end: int | None = None) -> Row:
    found = tuple(row)
    disclosure = found[MARKS]
    columns = (disclosure, found[0], found[1], *found[MARKS + 1 : end]) if disclosure is not None else None
    return Row._make((*found[:MARKS], columns))


def _key(case: str, kek: str | None, wrapped: bytes | None) -> LockedKey | None:
    return LockedKey(case, (ZoneKey(GDPR, kek, wrapped),)) if kek and wrapped else None
