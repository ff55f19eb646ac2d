"""What needs somebody now, over all cases: the marks of each case, written anew whenever it moves."""

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

from stafet.console.domain.standing import Mark, Trouble
from stafet.console.ports import Attention, Wanted
from stafet_runtime.database import Connection

CLEAR: Final = "delete from attention where matter = any($1::text[])"
WRITE: Final = """
    insert into attention (matter, level, kind, text, since, remedy)
    select * from unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
"""
OLDEST: Final = """
    select matter, level, kind, text, since, remedy, count(*) over () as total from attention
    order by level desc, since, matter, text limit $1
"""


async def write_attention(connection: Connection, marks: Mapping[str, Sequence[Mark]]) -> None:
    """Replace what is known of these matters."""
    await connection.execute(CLEAR, list(marks))
    rows = [
        (matter, int(each.level), each.kind, each.text, each.since, each.remedy)
        for matter, found in marks.items()
        for each in found
    ]
    if rows:
        await connection.execute(WRITE, *(list(column) for column in zip(*rows, strict=True)))


async def read_attention(connection: Connection, limit: int) -> Attention:
    """Read what stopped before what waits, the oldest first."""
    rows = await connection.fetch(OLDEST, limit)
    return Attention([_wanted(row) for row in rows], rows[0]["total"] if rows else 0)


def _wanted(row: asyncpg.Record) -> Wanted:
    mark = Mark(Trouble(row["level"]), row["kind"], row["text"], row["since"], row["remedy"])
    return Wanted(row["matter"], mark)
