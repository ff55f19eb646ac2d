"""The vault's store of erasing on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from stafet.vault.domain.erasure import Counts, Hold, read_certificate
from stafet.vault.domain.zones import LED, LED_GROUPS, ZONES
from stafet.vault.ports.erasures import Request, Shred, Standing
from stafet_runtime.database import Connection

# In this order, as whoever releases or consents: first the chain, then the case.
LOCK: Final = "select from chains where lane = $1 for update"
STAND: Final = """
    select array(select zone from case_keys where case_id = $1 order by zone) as zones,
        array(select distinct unnest(earlier || kek) from case_keys where case_id = $1 order by 1) as keks,
        w.erasure_id::text as erasure, w.reason, w.requested_by, w.requested_at,
        (select certificate from erasures where case_id = $1 and state = 'shredded'
            order by shredded_at desc, erasure_id desc limit 1) as certificate
    from cases c left join erasures w on w.case_id = c.case_id and w.state = 'held'
    where c.case_id = $1 for update of c
"""
HOLDS: Final = """
    select hold_id::text, case_id, kind, placed_by, why, until from holds
    where case_id = $1 and lifted_at is null order by placed_at, hold_id
"""
PLACE: Final = """
    insert into holds (hold_id, case_id, kind, placed_by, why, until, placed_at)
    select $1::uuid, case_id, $3::text, $4::text, $5::text, $6::date, $7::timestamptz
    from cases where case_id = $2 and erased_at is null for key share
    returning hold_id
"""
LIFT: Final = """
    update holds set lifted_by = $2, lifted_at = $3 where hold_id = $1 and lifted_at is null returning hold_id
"""
KEEP: Final = """
    insert into erasures (erasure_id, case_id, reason, requested_by, requested_at, state)
    values ($1, $2, $3, $4, $5, 'held') on conflict (erasure_id) do nothing
"""
# A status carries nothing of the person.
RECIPIENTS: Final = """
    select distinct recipient from disclosures
    where lane = $1 and outcome = 'made' and cardinality(groups) > 0
    order by recipient
"""
TREE_HEAD: Final = "select size || ' ' || encode(root, 'hex') from tree_heads order by size desc limit 1"
# One statement sees one state of the tables. What stays for a criminal matter loses its sender's message.
DESTROY: Final = """
    with of_case as (
        select record_id, version, exists (
            select from record_values v
            where v.record_id = r.record_id and v.version = r.version and v.group_name = any($2)
        ) as stays
        from records r where case_id = $1
    ), no_values as (
        delete from record_values v using of_case c
        where v.record_id = c.record_id and v.version = c.version and v.group_name <> all($2) returning 1
    ), no_messages as (
        delete from messages m using of_case c
        where m.record_id = c.record_id and m.version = c.version returning 1
    ), no_records as (
        delete from records r using of_case c
        where r.record_id = c.record_id and r.version = c.version and not c.stays returning 1
    ), cut as (
        update records r
        set message = 'erased ' || r.record_id || ' ' || r.version, digest = '', placer = null
        from of_case c
        where r.record_id = c.record_id and r.version = c.version and c.stays
    ), no_aliases as (
        delete from aliases where case_id = $1 returning 1
    ), no_signs as (
        delete from signs where case_id = $1
    ), no_kinships as (
        delete from kinships where $1 in (first, second)
    ), no_persons as (
        delete from persons where case_id = $1
    ), no_reasons as (
        update reveals set why = null where case_id = $1
    ), no_keys as (
        delete from case_keys where case_id = $1 and zone = any($3) returning 1
    )
    select (select count(*) from no_keys) as keys, (select count(*) from no_values) as values,
        (select count(*) from no_messages) as messages, (select count(*) from no_records) as records,
        (select count(*) from no_aliases) as aliases
"""
MARK: Final = "update cases set erased_at = coalesce(erased_at, $2) where case_id = $1"
FINISH: Final = """
    with overtaken as (delete from erasures where case_id = $2 and state = 'held' and erasure_id <> $1)
    insert into erasures (erasure_id, case_id, reason, requested_by, requested_at, state, shredded_at,
        certificate)
    values ($1, $2, $3, $4, $5, 'shredded', $6, $7)
    on conflict (erasure_id) do update
    set state = 'shredded', shredded_at = excluded.shredded_at, certificate = excluded.certificate
"""
UNSHREDDED: Final = "select distinct case_id from case_keys where case_id = any($1)"
SHREDDED: Final = """
    select case_id, shredded_at, certificate from erasures
    where state = 'shredded' and case_id <> all($1) order by shredded_at
"""


class PostgresErasures:
    """The store of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def stand(self, case: str) -> Standing | None:
        """Lock chain and case; then read, so that all that was committed before is seen."""
        await self._connection.execute(LOCK, case)
        row = await self._connection.fetchrow(STAND, case)
        if row is None:
            return None
        waiting = row["erasure"] and Request(
            row["erasure"], case, row["reason"], row["requested_by"], row["requested_at"]
        )
        holds = await self.holds(case)
        return Standing(holds, waiting or None, row["certificate"], tuple(row["zones"]), tuple(row["keks"]))

    async def holds(self, case: str) -> tuple[Hold, ...]:
        """List the holds that were not lifted, the oldest first."""
        return tuple(Hold(*row) for row in await self._connection.fetch(HOLDS, case))

    async def place(self, hold: Hold, at: datetime) -> bool:
        """Insert a hold, unless the case is unknown or erased."""
        values = (hold.hold, hold.case, hold.kind, hold.by, hold.why, hold.until)
        return None is not await self._connection.fetchval(PLACE, *values, at)

    async def lift(self, hold: str, by: str, at: datetime) -> bool:
        """End a hold, unless it is ended or unknown."""
        try:
            known = UUID(hold)
        except ValueError:
            return False
        return None is not await self._connection.fetchval(LIFT, known, by, at)

    async def keep(self, request: Request) -> None:
        """Insert the order, unless it waits already."""
        await self._connection.execute(KEEP, *_columns(request))

    async def recipients(self, case: str) -> tuple[str, ...]:
        """Read the ledger."""
        return tuple(row["recipient"] for row in await self._connection.fetch(RECIPIENTS, case))

    async def tree_head(self) -> str | None:
        """Read the newest head."""
        head: str | None = await self._connection.fetchval(TREE_HEAD)
        return head

    async def destroy(self, case: str, zones: Sequence[str], at: datetime) -> Counts:
        """Delete in one statement, and mark the case."""
        kept = [] if LED in zones else list(LED_GROUPS)
        row = await self._connection.fetchrow(DESTROY, case, kept, list(zones))
        assert row is not None  # noqa: S101 - a select of counts has one row
        await self._connection.execute(MARK, case, at)
        return Counts(**dict(row))

    async def finish(self, request: Request, at: datetime, certificate: str) -> None:
        """Insert the end of the order in place of its wait."""
        await self._connection.execute(FINISH, *_columns(request), at, certificate)

    async def unshredded(self, cases: Sequence[str]) -> tuple[str, ...]:
        """Ask for all at once: at most starts there is nothing to do."""
        return tuple(row["case_id"] for row in await self._connection.fetch(UNSHREDDED, list(cases)))

    async def shredded(self, but: Sequence[str]) -> tuple[tuple[Shred, str], ...]:
        """Read the certificates: what one does not keep is gone."""
        rows = await self._connection.fetch(SHREDDED, list(but))
        return tuple((_shred(*row), row["certificate"]) for row in rows)


def _shred(case: str, at: datetime, certificate: str) -> Shred:
    kept = read_certificate(certificate).said["kept"]
    return Shred(case, at, tuple(each for each in ZONES if each not in kept))


def _columns(request: Request) -> tuple[object, ...]:
    return request.erasure, request.case, request.reason, request.by, request.at
