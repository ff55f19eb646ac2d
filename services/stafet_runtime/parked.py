"""What a service could not handle: parked with class and reason, its key's later records held behind it.

Law 4: nobody waits for somebody else's trouble; a key stands still, the others go on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from stafet_runtime.database import Connection
from stafet_runtime.outbox import pack_headers, unpack_headers
from stafet_schemas.codec import Headers

UNDECODABLE: Final = "undecodable"
HELD: Final = "held"
TRANSIENT: Final = "transient"
BUG: Final = "bug"

SCHEDULE_S: Final = (1, 2, 5, 10, 30, 60)
"""Seconds until the first, second, ... automatic try; the last is repeated: the trouble passes by itself."""


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
class Fault:
    """Why a record is parked: class, reason (names things, never values), whether its key waits for it."""

    cause: str
    reason: str
    holds: bool


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A parked record; `tries` counts the automatic ones."""

    id: int
    record: RawRecord
    tries: int


INSERT = """
    insert into parked (
        topic, partition, "offset", key, headers, value, type, class, reason, holds, parked_at, retry_at
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict (topic, partition, "offset", digest) do nothing
"""
HEADS = """
    select id, topic, partition, "offset", key, headers, value, tries from parked p
    where holds and (retry_at <= $1 or class = 'held')
      and not exists (
          select from parked earlier where earlier.key = p.key and earlier.holds and earlier.id < p.id
      )
    order by id limit 50
"""
DEFER = """
    update parked set class = $2, reason = $3, holds = $4, tries = tries + 1, retry_at = $5 where id = $1
"""


async def park(connection: Connection, record: RawRecord, fault: Fault, now: datetime) -> None:
    """Write a record down as parked; one that is parked already stays as it is."""
    await connection.execute(
        INSERT, record.topic, record.partition, record.offset, record.key, pack_headers(record.headers),
        record.value, _kind(record), fault.cause, fault.reason, fault.holds, now, _retry_at(fault, 0, now),
    )  # fmt: skip


async def due_heads(connection: Connection, now: datetime) -> list[ParkedRecord]:
    """Return the first record of each held lane whose time to try again has come."""
    return [_parked(row) for row in await connection.fetch(HEADS, now)]


async def release_parked(connection: Connection, parked_id: int) -> bool:
    """Take a record out of the lot, if it is still there."""
    return bool(await connection.fetchval("delete from parked where id = $1 returning true", parked_id))


async def defer(connection: Connection, parked: ParkedRecord, fault: Fault, now: datetime) -> None:
    """Keep a record parked after another failed try; only trouble that passes by itself is tried again."""
    retry = _retry_at(fault, parked.tries + 1, now)
    await connection.execute(DEFER, parked.id, fault.cause, fault.reason, fault.holds, retry)


def _retry_at(fault: Fault, tries: int, now: datetime) -> datetime | None:
    if fault.cause != TRANSIENT:
        return None
    return now + timedelta(seconds=SCHEDULE_S[min(tries, len(SCHEDULE_S) - 1)])


def _kind(record: RawRecord) -> str:
    kind = next((value for name, value in record.headers if name == "ce_type"), b"")
    # Text in PostgreSQL takes no NUL; the header itself is kept byte for byte.
    return kind.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _parked(row: asyncpg.Record) -> ParkedRecord:
    parked_id, topic, partition, offset, key, headers, value, tries = row
    return ParkedRecord(
        parked_id, RawRecord(topic, partition, offset, key, unpack_headers(headers), value), tries
    )
