"""Writing what events ask for: referrals, items, lanes; in bulk at the end of the runtime's transaction."""

import json
from collections.abc import Sequence
from typing import Final

from stafet.dispatch.domain import Item, Referral
from stafet_runtime.cause import Cause
from stafet_runtime.unit import Unit
from stafet_schemas.event import Event

CHANNEL: Final = "stafet_dispatch"

REMEMBER: Final = """
    insert into referrals (referral, record, receiver)
    select * from unnest($1::text[], $2::text[], $3::text[])
    on conflict (referral) do nothing
"""
ACCEPT: Final = "update referrals set accepted = true where referral = any($1::text[])"
# The lanes are locked in order, so that two that queue at once cannot wait for each other. An empty lane is
# due at once; one whose head waits, is being sent or stands still goes on as it was.
QUEUE: Final = """
    with queued as (
        insert into items (delivery, lane, recipient, case_id, referral, sender, placer, part, purpose, rung,
            reason, problems, caused_by, traceparent, queued_at)
        select each.*, $15 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::uuid[],
            $14::text[]) each
        on conflict (delivery) do nothing
        returning lane, recipient
    ), lengthened as (
        insert into lanes as old (lane, recipient, depth, due_at)
        select lane, recipient, count(*), $15 from queued group by lane, recipient order by lane, recipient
        on conflict (lane, recipient) do update
        set depth = old.depth + excluded.depth, due_at = case when old.depth = 0 then $15 else old.due_at end
    )
    select pg_notify($16, '')
"""


class PostgresIntake:
    """What the events of one transaction leave behind. The runtime opens it per batch, and commits."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._referrals: list[Referral] = []
        self._accepted: list[str] = []
        self._items: list[tuple[Item, Cause]] = []

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch nothing: what an attempt needs is read when it begins."""
        del events

    def remember(self, referral: Referral) -> None:
        """Keep a referral for `save`."""
        self._referrals.append(referral)

    def accept(self, referral: str) -> None:
        """Keep an acceptance for `save`."""
        self._accepted.append(referral)

    def queue(self, item: Item, cause: Cause) -> None:
        """Keep an item for `save`."""
        self._items.append((item, cause))

    async def save(self) -> None:
        """Write it all, and wake the worker on commit."""
        connection = self._unit.connection
        if self._referrals:
            rows = [(each.referral, each.record, each.receiver) for each in self._referrals]
            await connection.execute(REMEMBER, *(list(column) for column in zip(*rows, strict=True)))
        if self._accepted:
            await connection.execute(ACCEPT, self._accepted)
        if self._items:
            columns = zip(*(_row(item, cause) for item, cause in self._items), strict=True)
            await connection.execute(
                QUEUE, *(list(column) for column in columns), self._unit.clock.now(), CHANNEL
            )


def _row(item: Item, cause: Cause) -> tuple[object, ...]:
    return (
        item.delivery, item.lane, item.recipient, item.case, item.referral, item.sender, item.placer,
        item.part, item.purpose, item.rung, item.reason, json.dumps(item.problems), cause.id,
        cause.traceparent,
    )  # fmt: skip
