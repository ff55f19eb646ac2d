"""The inbox: each message once, and none past another that holds its key."""

from collections.abc import Collection, Mapping
from uuid import UUID

from stafet_runtime.database import Connection

# One round trip for both questions, because every batch of every service asks them.
ENTER = """
    with held as materialized (
        select distinct key from parked where holds and key = any($2::bytea[])
    ), entered as (
        insert into inbox (event_id)
        select id from unnest($1::uuid[], $2::bytea[]) each (id, key) where key not in (select key from held)
        on conflict do nothing returning event_id
    )
    select event_id, null::bytea as key from entered union all select null, key from held
"""
ENTER_ONE = "insert into inbox (event_id) values ($1) on conflict do nothing returning true"
SEEN = "select event_id from inbox where event_id = any($1::uuid[])"


async def enter(connection: Connection, keys: Mapping[UUID, bytes]) -> tuple[set[UUID], set[bytes]]:
    """Enter messages, given with their keys; return those that were not there, and the keys that stand still.

    Messages of such a key are not entered.
    """
    rows = await connection.fetch(ENTER, list(keys), list(keys.values()))
    return (
        {row["event_id"] for row in rows if row["event_id"] is not None},
        {row["key"] for row in rows if row["key"] is not None},
    )


async def enter_one(connection: Connection, message: UUID) -> bool:
    """Enter a message, whatever its key; false if it was there."""
    return bool(await connection.fetchval(ENTER_ONE, message))


async def seen(connection: Connection, messages: Collection[UUID]) -> set[UUID]:
    """Return those of the messages that were entered before."""
    return {row["event_id"] for row in await connection.fetch(SEEN, list(messages))}
