"""The book: how each attempt ended. A settlement counts only while its attempt is open."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog

from stafet.dispatch.domain import Deferred, Delivered, Failed, Head, Outcome, told
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Database
from stafet_runtime.unit import transaction

# What a lane becomes is computed from its newest row, also when it was lengthened while we waited for it.
SETTLE: Final = """
    with ended as (
        update attempts set ended_at = $3, outcome = $4::text, failure = $5, cause = $6, wait_s = $7
        where delivery = $1 and attempt = $2 and ended_at is null
        returning delivery
    ), settled as (
        update items set status = $11::text,
            failures = failures + $8, failure = coalesce($5, failure), cause = coalesce($6, cause),
            caused_by = $9
        from ended where items.delivery = ended.delivery
        returning items.lane, items.recipient
    )
    update lanes set
        depth = case when $11::text in ('delivered', 'ended') then depth - 1 else depth end,
        due_at = case $11::text
            when 'waiting' then $10
            when 'delivered' then case when depth > 1 then $3 end
            when 'ended' then case when depth > 1 then $3 end
        end
    from settled where lanes.lane = settled.lane and lanes.recipient = settled.recipient
    returning lanes.lane
"""

PAUSE_S: Final = 0.5

_log = structlog.get_logger()


class _ClosedElsewhereError(Exception):
    """The attempt is not open any more: roll back, and tell nothing."""


class PostgresBook:
    """The book on PostgreSQL."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def settle(self, head: Head, outcome: Outcome) -> None:
        """Close the attempt, move the lane on, tell the hub; a database that is away is waited for."""
        while True:
            try:
                await self._write(head, outcome)
            except _ClosedElsewhereError:
                _log.warning("attempt_closed_elsewhere", delivery=head.item.delivery, attempt=head.attempt)
                return
            except (*DATABASE_DOWN, asyncpg.PostgresError) as error:
                # What the partner answered is known here alone; if it was written after all, the next try
                # finds the attempt closed.
                _log.warning("settling_waits", service="dispatch", exception_type=type(error).__name__)
                await asyncio.sleep(PAUSE_S)
            else:
                _report(head, outcome)
                return

    async def _write(self, head: Head, outcome: Outcome) -> None:
        async with transaction(self._database, self._clock, self._ids) as unit:
            unit.outbox.cause = head.cause
            event = unit.outbox.emit(*told(head, outcome))
            values = _values(head, outcome, event, self._clock.now())
            if await unit.connection.fetchval(SETTLE, *values) is None:
                raise _ClosedElsewhereError


def _values(head: Head, outcome: Outcome, event: str, now: datetime) -> tuple[object, ...]:
    key = (head.item.delivery, head.attempt, now)
    match outcome:
        case Delivered():
            return (*key, "delivered", None, None, None, 0, event, None, "delivered")
        case Deferred(failure, cause, wait_s, counts):
            due = now + timedelta(seconds=wait_s)
            return (*key, "deferred", failure, cause, wait_s, int(counts), event, due, "waiting")
        case Failed(failure, cause):
            becomes = "ended" if outcome.ends else "failed"
            return (*key, "failed", failure, cause, None, 0, event, None, becomes)


def _report(head: Head, outcome: Outcome) -> None:
    item, log = head.item, _log.bind(service="dispatch", delivery=head.item.delivery, attempt=head.attempt)
    match outcome:
        case Delivered():
            pass
        case Deferred(failure, cause, wait_s):
            log.warning(
                "delivery_deferred",
                recipient=item.recipient,
                part=item.part,
                cause=cause,
                wait_s=wait_s,
                **{"class": failure},
            )
        case Failed(failure, cause):
            log.error(
                "delivery_failed",
                recipient=item.recipient,
                part=item.part,
                cause=cause,
                **{"class": failure},
            )
