"""The table of running clocks: a row to a clock and back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import asyncpg
from pydantic_core import from_json, to_json

from stafet.deadlines.domain.running import Running
from stafet_runtime.database import Connection

COLUMNS: Final = (
    "deadline, clock, rule, matter, subject, owner, notify, cause, starts, due, stages, final, tells, told, "
    "ended"
)
# unnest takes arrays of arrays apart, so notify and told come as words.
SAVE: Final = f"""
    insert into deadlines ({COLUMNS}, next_at)
    select deadline, clock, rule, matter, subject, owner, string_to_array(notify, ' '), cause, starts, due,
           stages, final, tells, string_to_array(told, ' '), ended, next_at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::timestamptz[], $10::timestamptz[], $11::jsonb[], $12::bool[], $13::bool[],
                $14::text[], $15::bool[], $16::timestamptz[])
         as new ({COLUMNS}, next_at)
    on conflict (deadline) do update
    set notify = excluded.notify, told = excluded.told, ended = excluded.ended, next_at = excluded.next_at
"""  # noqa: S608 - constants of this module


def read(row: asyncpg.Record) -> Running:
    """Read a clock from a row of COLUMNS."""
    said: dict[str, Any] = dict(row)
    said["notify"], said["told"] = tuple(said["notify"]), tuple(said["told"])
    said["stages"] = tuple((stage, datetime.fromisoformat(at)) for stage, at in from_json(said["stages"]))
    return Running(**said)


async def save(connection: Connection, clocks: Iterable[Running]) -> None:
    """Write clocks in one statement."""
    rows = [
        (
            each.deadline, each.clock, each.rule, each.matter, each.subject, each.owner,
            " ".join(each.notify), each.cause, each.starts, each.due,
            to_json(each.stages).decode(), each.final, each.tells, " ".join(each.told), each.ended,
            each.next_at,
        )
        for each in clocks
    ]  # fmt: skip
    if rows:
        await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
