"""The lanes: which heads are due, and that an attempt at them begins.

All of it runs on the connection that holds the worker's lock, so a worker that has lost it begins nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

import asyncpg

from stafet.dispatch.adapters.rows import TURN, to_head
from stafet.dispatch.domain import Head, attempt_data
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Connection, Database
from stafet_runtime.outbox import UnitOutbox
from stafet_schemas.delivery import DeliverySent

# Recipients are few and lanes many: one step in the index per recipient.
EARLIEST: Final = """
    with recursive named (recipient) as (
        (select recipient from lanes where due_at is not null order by recipient limit 1)
        union all
        select (select l.recipient from lanes l where l.due_at is not null and l.recipient > named.recipient
                order by l.recipient limit 1)
        from named where named.recipient is not null
    )
    select recipient, (
        select l.due_at from lanes l where l.recipient = named.recipient and l.due_at is not null
        order by l.due_at limit 1
    ) as due_at
    from named where recipient is not null
        and (select since from closed where closed.recipient = named.recipient) is null
"""
# A lane that is just being lengthened is passed over; that commit wakes the worker. The update finds its rows
# in the index of due lanes, however many empty ones there are.
TAKE: Final = f"""
    with due as (
        select ready.* from unnest($2::text[], $3::int[]) as free (recipient, slots)
        cross join lateral (
            select l.recipient, l.due_at, l.lane from lanes l
            where l.recipient = free.recipient and l.due_at <= $1
            order by l.due_at, l.lane limit free.slots for update skip locked
        ) ready
    ), taken as (
        update lanes set due_at = null, sending = true, roused = false, consent = null from due
        where lanes.recipient = due.recipient and lanes.due_at = due.due_at and lanes.lane = due.lane
        returning lanes.lane, lanes.recipient
    )
    select head.*, r.record, coalesce(r.accepted and r.receiver = head.recipient, false) as accepted,
        coalesce(r.revoked, false) as revoked
    from taken
    cross join lateral (
        select * from items i
        where i.lane = taken.lane and i.recipient = taken.recipient and i.status <> 'delivered'
            and i.status <> 'ended'
        order by {TURN} limit 1
    ) head
    left join referrals r on r.referral = head.referral
    order by head.position
"""  # noqa: S608 - put together from our own text
BEGIN: Final = """
    with begun as (
        insert into attempts (delivery, attempt, began_at)
        select delivery, attempt, $4 from unnest($1::uuid[], $2::int[]) each (delivery, attempt)
    )
    update items set status = 'sending', attempts = each.attempt, caused_by = each.sent
    from unnest($1::uuid[], $2::int[], $3::uuid[]) each (delivery, attempt, sent)
    where items.delivery = each.delivery
"""
RESUME: Final = """
    with cut as (
        update attempts set ended_at = $1, outcome = 'unknown' where ended_at is null returning delivery
    ), back as (
        update items set status = 'waiting' from cut where items.delivery = cut.delivery
        returning items.lane, items.recipient
    )
    update lanes set due_at = $1, sending = false from back
    where lanes.lane = back.lane and lanes.recipient = back.recipient
"""


class PostgresLanes:
    """Lanes on PostgreSQL; `session` is the connection that holds the worker's lock."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def now(self) -> datetime:
        """Return the time by which lanes are due."""
        return self._clock.now()

    async def resume(self, session: Connection) -> None:
        """Make due again what a stopped worker was sending: nobody knows whether it arrived."""
        await session.execute(RESUME, self._clock.now())

    async def earliest(self, session: Connection) -> dict[str, datetime]:
        """Return when the first head of each recipient is due."""
        return {row["recipient"]: row["due_at"] for row in await session.fetch(EARLIEST)}

    async def begin(self, session: Connection, slots: Mapping[str, int]) -> list[Head]:
        """Take heads that are due, at most so many per recipient, and write down that attempts begin."""
        now = self._clock.now()
        outbox = UnitOutbox(self._database.service, self._clock, self._ids)
        with self._database.handoff.committing() as committing:
            async with session.transaction():
                rows = await session.fetch(TAKE, now, list(slots), list(slots.values()))
                heads = [_begun(_head(row), outbox) for row in rows]
                if heads:
                    begun = [(each.item.delivery, each.attempt, each.cause.id) for each in heads]
                    await session.execute(BEGIN, *(list(column) for column in zip(*begun, strict=True)), now)
                    await outbox.write(session, self._database.handoff, committing)
        return heads


def _begun(head: Head, outbox: UnitOutbox) -> Head:
    outbox.cause = head.cause
    sent = outbox.emit(DeliverySent, attempt_data(head))
    return replace(head, cause=Cause(sent, head.cause.traceparent))


def _head(row: asyncpg.Record) -> Head:
    return to_head(row, row["attempts"] + 1)
