"""What a service could not handle: parked with class and reason, its key's later records held behind it (law 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from stafet_runtime.database import Connection
from stafet_runtime.outbox import pack_headers, unpack_headers
from stafet_schemas.codec import Headers

UNDECODABLE: Final = "undecodable"
HELD: Final = "held"
TRANSIENT: Final = "transient"
BUG: Final = "bug"

SCHEDULE_S: Final = (1, 2, 5, 10, 30, 60)


class TransientError(Exception):
    """Something the handler needs is away; the message is parked and tried again by itself."""


@dataclass(frozen=True, slots=True, repr=False)
class RawRecord:
    """A Kafka record as it came."""

    topic: str
    partition: int
    offset: int
    key: bytes
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A parked record; `tries` counts the automatic ones."""

    id: int
    record: RawRecord
    cause: str
    tries: int


INSERT = """
    insert into parked (topic, partition, "offset", key, headers, value, type, class, reason, holds, parked_at, retry_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict (topic, partition, "offset") do nothing
"""
HEADS = """
    select id, topic, partition, "offset", key, headers, value, class, tries from parked p
    where holds and (retry_at <= $1 or class = 'held')
      and not exists (select from parked earlier where earlier.key = p.key and earlier.holds and earlier.id < p.id)
    order by id limit 50
"""


async def park(connection: Connection, record: RawRecord, cause: str, reason: str, now: datetime) -> None:
    """Write a record down as parked; `reason` must name things, never values."""
    kind = next((value.decode(errors="replace") for name, value in record.headers if name == "ce_type"), "")
    retry = now + timedelta(seconds=SCHEDULE_S[0]) if cause == TRANSIENT else None
    await connection.execute(
        INSERT, record.topic, record.partition, record.offset, record.key, pack_headers(record.headers),
        record.value, kind, cause, reason, cause != UNDECODABLE, now, retry,
    )  # fmt: skip


async def held_keys(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Return those of the keys whose lane stands still."""
    rows = await connection.fetch("select distinct key from parked where holds and key = any($1::bytea[])", keys)
    return {row["key"] for row in rows}


async def due_heads(connection: Connection, now: datetime) -> list[ParkedRecord]:
    """Return the first record of each held lane whose time to try again has come."""
    rows = await connection.fetch(HEADS, now)
    return [
        ParkedRecord(
            row["id"],
            RawRecord(
                row["topic"], row["partition"], row["offset"], row["key"], unpack_headers(row["headers"]), row["value"]
            ),
            row["class"],
            row["tries"],
        )
        for row in rows
    ]


async def release_parked(connection: Connection, parked_id: int) -> bool:
    """Take a record out of the lot, if it is still there."""
    return bool(await connection.fetchval("delete from parked where id = $1 returning true", parked_id))


async def defer(connection: Connection, parked: ParkedRecord, cause: str, reason: str, now: datetime) -> None:
    """Keep a record parked after another failed try; only trouble that passes by itself is tried again."""
    wait = SCHEDULE_S[min(parked.tries + 1, len(SCHEDULE_S) - 1)]
    retry = now + timedelta(seconds=wait) if cause == TRANSIENT else None
    await connection.execute(
        "update parked set class = $2, reason = $3, tries = tries + 1, retry_at = $4 where id = $1",
        parked.id, cause, reason, retry,
    )  # fmt: skip
