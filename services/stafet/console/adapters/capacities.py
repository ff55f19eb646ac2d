"""What agencies said last of their units' places: one row for each unit, whichever word comes first."""

import json
from collections.abc import Iterable
from typing import Any, Final

import asyncpg

from stafet.console.domain.capacity import Capacity, newest
from stafet.console.domain.steps import Step
from stafet_runtime.database import Connection

UPSERT: Final = """
    insert into capacities (agency, unit, at, event, status, free, total, accepts)
    select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::uuid[], $5::text[], $6::int[],
                         $7::int[], $8::jsonb[])
    on conflict (agency, unit) do update set
        at = excluded.at, event = excluded.event, status = excluded.status, free = excluded.free,
        total = excluded.total, accepts = excluded.accepts
    where (excluded.at, excluded.event) > (capacities.at, capacities.event)
"""
ALL: Final = """
    select agency, unit, at, event::text, status, free, total, accepts from capacities order by agency, unit
"""


async def write_capacities(connection: Connection, steps: Iterable[Step]) -> None:
    """Keep what the steps say, where nothing newer is known."""
    found = newest(steps)
    if found:
        rows = [
            (
                each.agency, each.unit, each.at, each.event, each.status, each.free, each.total,
                json.dumps(each.accepts),
            )
            for each in found
        ]  # fmt: skip
        await connection.execute(UPSERT, *(list(column) for column in zip(*rows, strict=True)))


async def read_capacities(connection: Connection) -> list[Capacity]:
    """Read all units, by agency and unit."""
    return [_capacity(row) for row in await connection.fetch(ALL)]


def _capacity(row: asyncpg.Record) -> Capacity:
    values: dict[str, Any] = dict(row)
    values["accepts"] = tuple(json.loads(values["accepts"]))
    return Capacity(**values)
