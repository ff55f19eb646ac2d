"""The shelf on PostgreSQL: what waits to be fetched, and requests that count once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from stafet.dispatch.adapters.book import LOCK, renew
from stafet.dispatch.adapters.rows import TURN, to_head
from stafet.dispatch.domain import Delivered, Failed, Head, Offer, told, wants_consent
from stafet.dispatch.ports import ShelfUnavailableError
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Database
from stafet_runtime.unit import Unit, transaction
from stafet_sdk.contract import Fetch
from stafet_sdk.errors import InboundRefused

NONCE: Final = """
    with old as (delete from nonces where expires_at < $4)
    insert into nonces (agency, nonce, expires_at) values ($1, $2, $3) on conflict do nothing returning true
"""
FIND: Final = """
    select i.*, r.record, coalesce(r.accepted and r.receiver = i.recipient, false) as accepted,
        coalesce(r.revoked, false) as revoked
    from items i left join referrals r on r.referral = i.referral
    where i.delivery = $1 and i.recipient = $2 and i.attempts > 0
"""
STANDS: Final = "select status from items where delivery = $1"
# The attempt that told of it may still be under way, when the recipient is quick.
SETTLE: Final = f"""
    with ended as (
        update attempts set ended_at = $4, outcome = $5, failure = $6, cause = $7
        where delivery = $1 and ended_at is null
    ), settled as (
        update items set status = $8, due_at = null, failure = coalesce($6, failure),
            cause = coalesce($7, cause), caused_by = $9
        where delivery = $1
    ), head as (
        select status, due_at from (
            select position, recall, due_at, case when delivery = $1 then $8 else status end as status
            from items
            where lane = $2 and recipient = $3 and status not in ('delivered', 'ended')
                and (delivery <> $1 or $8 = 'failed')
        ) open
        order by {TURN} limit 1
    )
    update lanes set depth = depth - $10, sending = sending and not $11,
        due_at = case
            when depth = $10 or sending and not $11 then null
            when roused then $4
            when head.status = 'failed' then null
            else coalesce(head.due_at, $4)
        end
    from (values (1)) one left join head on true
    where lanes.lane = $2 and lanes.recipient = $3
    returning lanes.consent
"""  # noqa: S608 - put together from our own text
WAKE: Final = "select pg_notify('stafet_dispatch', '')"
OPEN: Final = frozenset({"waiting", "sending", "failed"})


class PostgresShelf:
    """The shelf on PostgreSQL."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def find(self, agency: str, fetch: Fetch) -> Offer:
        """Use up the nonce of a request, and find what it asks for; see the port."""
        async with self._unit() as unit:
            nonce = agency, fetch.nonce, fetch.expires, self._clock.now()
            fresh = await unit.connection.fetchval(NONCE, *nonce)
            row = await unit.connection.fetchrow(FIND, _uuid(fetch.delivery), agency)
        if not fresh:
            raise InboundRefused("replayed", "this nonce was used: sign each request anew", status=401)
        if row is None:
            raise InboundRefused("unknown_delivery", "nothing of this id waits here", status=404)
        if row["status"] == "ended":
            raise InboundRefused("gone", "this may not be handed over any more", status=410)
        return Offer(to_head(row, row["attempts"]), row["status"] in OPEN)

    async def settle(self, head: Head, outcome: Delivered | Failed) -> None:
        """Write down that it was fetched or must not be; see the port."""
        item = head.item
        async with self._unit() as unit:
            # What is read after it is the newest.
            await unit.connection.execute(LOCK, item.lane, item.recipient)
            status = await unit.connection.fetchval(STANDS, item.delivery)
            becomes = _becomes(outcome)
            if status not in OPEN or status == becomes:
                return
            unit.outbox.cause = head.cause
            event = unit.outbox.emit(*told(head, outcome))
            failure, cause = (
                (None, None) if isinstance(outcome, Delivered) else (outcome.failure, outcome.cause)
            )
            ended = "delivered" if isinstance(outcome, Delivered) else "failed"
            consent = await unit.connection.fetchval(
                SETTLE, item.delivery, item.lane, item.recipient, self._clock.now(), ended, failure, cause,
                becomes, event, int(becomes != "failed"), status == "sending",
            )  # fmt: skip
            if consent and wants_consent(item, outcome):
                await renew(head, str(consent), unit)
            await unit.connection.execute(WAKE)

    @asynccontextmanager
    async def _unit(self) -> AsyncGenerator[Unit]:
        try:
            async with transaction(self._database, self._clock, self._ids) as unit:
                yield unit
        except DATABASE_DOWN:
            raise ShelfUnavailableError from None


def _becomes(outcome: Delivered | Failed) -> str:
    if isinstance(outcome, Delivered):
        return "delivered"
    return "ended" if outcome.ends else "failed"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
