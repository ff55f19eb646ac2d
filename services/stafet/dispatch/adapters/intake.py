"""Writing what events ask for: referrals, items, lanes; in bulk at the end of the runtime's transaction."""

from collections.abc import Sequence
from typing import Final

from stafet.dispatch.adapters.rows import to_item, to_row
from stafet.dispatch.domain import WANTS_CONSENT, Item, Referral
from stafet_runtime.cause import Cause
from stafet_runtime.unit import Unit
from stafet_schemas.consent import ConsentGiven
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned
from stafet_schemas.event import Event

CHANNEL: Final = "stafet_dispatch"

REMEMBER: Final = """
    insert into referrals (referral, record, receiver)
    select * from unnest($1::text[], $2::text[], $3::text[])
    on conflict (referral) do nothing
"""
# Who took it is known only now, where the sender left it to the hub who gets it.
ACCEPT: Final = """
    update referrals set accepted = true, receiver = taken.receiver
    from unnest($1::text[], $2::text[]) taken (referral, receiver)
    where referrals.referral = taken.referral
"""
# The lanes are locked in order, so that two that queue at once cannot wait for each other. An empty lane is
# due at once, and so is one that gets a recall, unless its head is being sent: then as soon as that has
# ended. Any other goes on as it was.
QUEUE: Final = """
    with queued as (
        insert into items (delivery, lane, recipient, case_id, referral, sender, placer, part, purpose, rung,
            reason, problems, caused_by, traceparent, recall, due, queued_at)
        select each.*, $17 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::uuid[],
            $14::text[], $15::boolean[], $16::timestamptz[]) each
        on conflict (delivery) do nothing
        returning lane, recipient, recall
    ), lengthened as (
        insert into lanes as old (lane, recipient, depth, due_at, roused)
        select lane, recipient, count(*), $17, bool_or(recall)
        from queued group by lane, recipient order by lane, recipient
        on conflict (lane, recipient) do update set
            depth = old.depth + excluded.depth,
            due_at = case
                when old.sending then null
                when old.depth = 0 or excluded.roused then $17
                else old.due_at
            end,
            roused = old.roused or excluded.roused
    )
    select pg_notify($18, '')
"""
# Locks the lanes, so that whoever ends an attempt there either is done, or finds the consent.
GIVE: Final = """
    update lanes set consent = given.event
    from unnest($1::text[], $2::text[], $3::uuid[]) given (lane, recipient, event)
    where lanes.lane = given.lane and lanes.recipient = given.recipient
"""
BLOCKED: Final = """
    select * from (
        select distinct on (i.lane, i.recipient, i.referral) i.*
        from items i join unnest($1::text[], $2::text[]) given (lane, recipient)
            on i.lane = given.lane and i.recipient = given.recipient
        where i.part = 'content'
        order by i.lane, i.recipient, i.referral, i.position desc
    ) newest
    where status = 'ended' and failure = $3 and cause = $4
"""
# Whoever has a lane of a case was brought something of it, or is about to be, before what is queued now.
SERVED: Final = "select lane, recipient from lanes where lane = any($1::text[])"
REFERRALS: Final = "select referral from referrals where referral = any($1::text[])"
LOCK: Final = (
    "select from lanes where lane = any($1::text[]) and depth > 0 order by lane, recipient for update"
)
FORGET: Final = """
    with again as (
        update items set forgotten = true, due_at = null,
            status = case when status = 'sending' then status else 'waiting' end
        where lane = any($1::text[]) and status in ('failed', 'waiting', 'sending')
    )
    update lanes set due_at = case when not sending then $2::timestamptz end, roused = sending
    where lane = any($1::text[]) and depth > 0
"""
REVOKE: Final = """
    with gone as (
        select * from unnest($1::text[], $2::text[], $3::text[]) each (lane, recipient, referral)
    ), known as (
        update referrals set revoked = true from gone where referrals.referral = gone.referral
    ), again as (
        update items set due_at = null,
            status = case when items.status = 'sending' then items.status else 'waiting' end
        from gone
        where items.lane = gone.lane and items.recipient = gone.recipient and items.referral = gone.referral
            and items.status in ('failed', 'waiting', 'sending') and not items.recall
    )
    update lanes set due_at = case when not sending then $4::timestamptz end, roused = sending
    from gone where lanes.lane = gone.lane and lanes.recipient = gone.recipient and depth > 0
"""


class PostgresIntake:
    """What the events of one transaction leave behind. The runtime opens it per batch, and commits."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._referrals: list[Referral] = []
        self._accepted: dict[str, str] = {}
        self._items: list[tuple[Item, Cause]] = []
        self._blocked: list[Item] = []
        self._forgotten: list[str] = []
        self._revoked: list[Item] = []
        self._served: set[tuple[str, str]] = set()
        self._about: set[str] = set()

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch what consents may let out, and whom alerts concern; an attempt reads what it needs."""
        told = [each.data for each in events if isinstance(each, DeadlineWarned | DeadlineBreached)]
        if told:
            lanes = await self._unit.connection.fetch(SERVED, [each.matter for each in told])
            self._served = {(row["lane"], row["recipient"]) for row in lanes}
            about = await self._unit.connection.fetch(REFERRALS, [each.subject for each in told])
            self._about = {row["referral"] for row in about}
        given = [
            (each.data.case, recipient, each.id)
            for each in events
            if isinstance(each, ConsentGiven)
            for recipient in each.data.named
        ]
        if given:
            lanes, recipients, ids = (list(column) for column in zip(*given, strict=True))
            await self._unit.connection.execute(GIVE, lanes, recipients, ids)
            rows = await self._unit.connection.fetch(BLOCKED, lanes, recipients, *WANTS_CONSENT)
            self._blocked = [to_item(row) for row in rows]

    def remember(self, referral: Referral) -> None:
        """Keep a referral for `save`."""
        self._referrals.append(referral)
        self._about.add(referral.referral)

    def accept(self, referral: str, receiver: str) -> None:
        """Keep an acceptance for `save`."""
        self._accepted[referral] = receiver

    def revoke(self, item: Item) -> None:
        """Keep what is taken back for `save`."""
        self._revoked.append(item)

    def queue(self, item: Item, cause: Cause) -> None:
        """Keep an item for `save`."""
        self._items.append((item, cause))
        self._served.add((item.lane, item.recipient))

    def blocked(self, case: str, recipients: Sequence[str], purposes: Sequence[str]) -> list[Item]:
        """Give out what was fetched, each item to the first consent of the batch."""
        found = [
            each
            for each in self._blocked
            if each.case == case and each.recipient in recipients and each.purpose in purposes
        ]
        self._blocked = [each for each in self._blocked if each not in found]
        return found

    def served(self, case: str, agencies: Sequence[str]) -> list[str]:
        """Look at the lanes that were fetched, and at what was queued since."""
        return [each for each in dict.fromkeys(agencies) if (case, each) in self._served]

    def referral(self, subject: str) -> str | None:
        """Look at what was fetched or kept."""
        return subject if subject in self._about else None

    def forget(self, case: str) -> None:
        """Keep a case for `save`."""
        self._forgotten.append(case)

    async def save(self) -> None:
        """Write it all, and wake the worker on commit."""
        connection = self._unit.connection
        if self._referrals:
            rows = [(each.referral, each.record, each.receiver) for each in self._referrals]
            await connection.execute(REMEMBER, *(list(column) for column in zip(*rows, strict=True)))
        if self._accepted:
            await connection.execute(ACCEPT, list(self._accepted), list(self._accepted.values()))
        if self._forgotten:
            await connection.execute(LOCK, self._forgotten)
            await connection.execute(FORGET, self._forgotten, self._unit.clock.now())
            await connection.execute("select pg_notify($1, '')", CHANNEL)
        if self._revoked:
            gone = [(each.lane, each.recipient, each.referral) for each in self._revoked]
            await connection.execute(LOCK, sorted({each.lane for each in self._revoked}))
            columns = zip(*gone, strict=True)
            await connection.execute(REVOKE, *(list(column) for column in columns), self._unit.clock.now())
        if self._items:
            columns = zip(*(to_row(item, cause) for item, cause in self._items), strict=True)
            await connection.execute(
                QUEUE, *(list(column) for column in columns), self._unit.clock.now(), CHANNEL
            )
