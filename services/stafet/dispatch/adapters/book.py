"""The book: how each attempt ended. A settlement counts only while its attempt is open."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog

from stafet.dispatch import domain
from stafet.dispatch.adapters import reach
from stafet.dispatch.adapters.intake import PostgresIntake
from stafet.dispatch.adapters.rows import TURN
from stafet.dispatch.domain import (
    Closed,
    Deferred,
    Delivered,
    Failed,
    Head,
    Outcome,
    queued_data,
    renewed,
    told,
    wants_consent,
)
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Database
from stafet_runtime.unit import Unit, transaction
from stafet_schemas.delivery import DeliveryQueued
from stafet_sdk.errors import ENDPOINT_CLOSED, NOBODY_THERE, NeedsAction

GONE: Final = "($11::text in ('delivered', 'ended'))"

# What a lane becomes is computed from its newest row, also when it was lengthened or roused while we waited
# for it: of the items that came meanwhile this statement sees none.
SETTLE: Final = f"""
    with ended as (
        update attempts set ended_at = $3, outcome = $4::text, failure = $5, cause = $6, wait_s = $7
        where delivery = $1 and attempt = $2 and ended_at is null
        returning delivery
    ), settled as (
        update items set status = $11::text, due_at = $10,
            failures = failures + $8, failure = coalesce($5, failure), cause = coalesce($6, cause),
            caused_by = $9
        from ended where items.delivery = ended.delivery
        returning items.lane, items.recipient, items.position, {GONE}::int as gone
    ), ahead as (
        select settled.lane, settled.recipient, settled.gone, head.status, head.due_at
        from settled left join lateral (
            select status, due_at from (
                select i.position, i.recall,
                    case when i.position = settled.position then $11::text else i.status end as status,
                    case when i.position = settled.position then $10 else i.due_at end as due_at
                from items i
                where i.lane = settled.lane and i.recipient = settled.recipient and i.status <> 'delivered'
                    and i.status <> 'ended' and not ({GONE} and i.position = settled.position)
            ) open
            order by {TURN} limit 1
        ) head on true
    )
    update lanes set sending = false, depth = depth - ahead.gone,
        due_at = case
            when depth = ahead.gone then null
            when roused then $3
            when ahead.status = 'failed' then null
            else coalesce(ahead.due_at, $3)
        end
    from ahead where lanes.lane = ahead.lane and lanes.recipient = ahead.recipient
    returning lanes.consent, exists (select from away where away.recipient = lanes.recipient) as away
"""  # noqa: S608 - put together from our own text

LOCK: Final = "select from lanes where lane = $1 and recipient = $2 for update"
CLOSE: Final = "insert into closed (recipient, since) values ($1, $2) on conflict do nothing"

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
            if isinstance(outcome, Deferred) and outcome.failure == domain.AWAITING:
                # Its recipient may be there for it already: the lane first, or the two wait for each other.
                await unit.connection.execute(LOCK, head.item.lane, head.item.recipient)
            lane = await unit.connection.fetchrow(SETTLE, *values)
            if lane is None:
                raise _ClosedElsewhereError
            if isinstance(outcome, Delivered) and lane["away"]:
                await reach.find(unit.connection, head.item.recipient, self._clock.now())
            if isinstance(outcome, Deferred) and outcome.cause == NOBODY_THERE:
                await reach.lose(unit.connection, head.item.recipient)
            if isinstance(outcome, Closed):
                await unit.connection.execute(CLOSE, head.item.recipient, self._clock.now())
            if lane["consent"] and wants_consent(head.item, outcome):
                await renew(head, str(lane["consent"]), unit)


async def renew(head: Head, consent: str, unit: Unit) -> None:
    """Queue again what was blocked while the consent was on its way here."""
    again, cause = renewed(head.item, consent), Cause(consent, head.cause.traceparent)
    unit.outbox.cause = cause
    intake = PostgresIntake(unit)
    intake.queue(again, Cause(unit.outbox.emit(DeliveryQueued, queued_data(again)), cause.traceparent))
    await intake.save()


def _values(head: Head, outcome: Outcome, event: str, now: datetime) -> tuple[object, ...]:
    key = (head.item.delivery, head.attempt, now)
    match outcome:
        case Delivered():
            return (*key, "delivered", None, None, None, 0, event, None, "delivered")
        case Deferred(failure, cause, wait_s, counts):
            due = now + timedelta(seconds=wait_s)
            return (*key, "deferred", failure, cause, wait_s, int(counts), event, due, "waiting")
        case Closed():
            return (*key, "deferred", NeedsAction.failure, ENDPOINT_CLOSED, 0.0, 0, event, now, "waiting")
        case Failed(failure, cause):
            becomes = "ended" if outcome.ends else "failed"
            return (*key, "failed", failure, cause, None, 0, event, None, becomes)


def _report(head: Head, outcome: Outcome) -> None:
    item, log = head.item, _log.bind(service="dispatch", delivery=head.item.delivery, attempt=head.attempt)
    match outcome:
        case Delivered() | Deferred(failure=domain.AWAITING):
            pass
        case Closed():
            log.error("endpoint_closed", recipient=item.recipient)
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
