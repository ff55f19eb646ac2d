"""The gateway's real ports: PostgreSQL, one statement per batch or message, and the keys that only seal."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from stafet.gateway.documents.waiting import PostgresHalves
from stafet.gateway.domain import Arrival, Kept
from stafet.gateway.ports import (
    KnownDecision,
    KnownReferral,
    Pending,
    Reception,
    SealKey,
    StoreUnavailableError,
)
from stafet_runtime import sealing
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.parked import TransientError
from stafet_runtime.unit import Unit, transaction
from stafet_runtime.vaultport import VaultUnavailableError
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived

# The primary key is the lock: a racing copy waits here for the first one's commit, and inserts nothing.
# In an envelope that another message came in, nothing is inserted.
KEEP: Final = """
    with fresh as (
        insert into envelopes (key, message) select $8, $1 where $8::bytea is not null
        on conflict (key) do nothing returning true
    )
    insert into messages (key, agency, message, receipt, digest, sealed, received_at)
    select $1, $2, $3, $4, $5, $6, $7
    where $8::bytea is null or exists (select from fresh)
        or exists (select from envelopes where key = $8 and message = $1)
    on conflict (key) do nothing returning true
"""
INSIDE: Final = "select message from envelopes where key = $1"
FIRST: Final = "select digest, receipt::text, received_at from messages where key = $1"
LOAD: Final = """
    select agency, receipt::text, message, sealed is null as translated,
        case when octet_length(sealed) <= $2 then sealed end as sealed
    from messages where receipt = any($1::uuid[])
"""
SEALED: Final = "select sealed from messages where receipt = $1"
LARGE_BYTES: Final = 256 * 1024
"""What is larger is read by itself, when its turn comes: a batch of hundreds stays within memory."""
# Whoever notes a case and whoever forgets it wait for each other, so that neither misses the other's rows.
LOCK: Final = """
    select pg_advisory_xact_lock(hashtextextended('stafet gateway ' || case_id, 0))
    from unnest($1::text[]) cases (case_id)
"""
SETTLE: Final = """
    update messages set sealed = null, case_id = done.case_id
    from unnest($1::uuid[], $2::text[], $3::text[]) done (receipt, agency, case_id)
    where messages.receipt = done.receipt and messages.agency = done.agency
    returning (select e.case_id from erased e where e.case_id = done.case_id) as erased
"""
REMEMBER: Final = """
    insert into referrals (referral, case_id, sender, receiver)
    select new.* from unnest($1::text[], $2::text[], $3::text[], $4::text[])
        new (referral, case_id, sender, receiver)
    where not exists (select from erased e where e.case_id = new.case_id)
    on conflict (referral) do update set receiver = excluded.receiver
"""
# The id of the key stands behind the version byte (see `stafet_runtime.sealing`).
SEAL_IDS: Final = """
    select distinct substring(sealed from 2 for 8) as seal_id from messages where sealed is not null
"""
CASE_OF: Final = "select case_id from referrals where referral = $1 and $2 in (sender, receiver)"
UNDECIDED: Final = "select true from referrals where referral = $1 and receiver = 'hub'"
DECISION_OF: Final = "select receipt::text, case_id from decisions where agency = $1 and decision = $2"
# A decision that comes again as a later version is named by its latest receipt.
DECIDE: Final = """
    insert into decisions (agency, decision, receipt, case_id)
    select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[])
    on conflict (agency, decision) do update set receipt = excluded.receipt
"""
NOTE: Final = """
    update referrals set filler = said.filler
    from unnest($1::text[], $2::text[]) said (referral, filler) where referrals.referral = said.referral
"""
# What stays of a message tells its repetition from another one, and leads nowhere: not even its time does.
FORGET: Final = """
    with marked as (
        insert into erased (case_id) select unnest($1::text[]) on conflict do nothing
    ), no_referrals as (
        delete from referrals where case_id = any($1)
    ), no_decisions as (
        delete from decisions where case_id = any($1)
    )
    update messages set message = null, receipt = null, sealed = null, received_at = null, case_id = null
    where case_id = any($1)
"""
CURSOR: Final = "select cursor from cursors where agency = $1"
GO_ON: Final = """
    insert into cursors (agency, cursor, at) values ($1, $2, $3)
    on conflict (agency) do update set cursor = excluded.cursor, at = excluded.at
"""

RENEW_S: Final = 600.0
RETRY_S: Final = 30.0

_log = structlog.get_logger()


class SealingKeys:
    """`Seals` with the vault's newest public key and the gateway's own digest key."""

    def __init__(self, seal_key: SealKey, digest_key: bytes) -> None:
        self._seal_key = seal_key
        self._digest_key = digest_key

    def seal(self, raw: bytes, context: bytes) -> bytes:
        """Seal to the vault."""
        return sealing.seal(self._seal_key.public, raw, context)

    def digest(self, content: bytes) -> bytes:
        """Compute HMAC-SHA-256."""
        return hmac.digest(self._digest_key, content, "sha256")


class PostgresMessages:
    """The accepted messages, in one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, arrival: Arrival) -> Kept:
        """Insert; if the key is taken, read what is kept under it."""
        fresh = await self._connection.fetchval(
            KEEP,
            arrival.key,
            arrival.agency,
            arrival.message,
            arrival.receipt,
            arrival.digest,
            arrival.sealed,
            arrival.at,
            arrival.envelope,
        )
        if fresh:
            return Kept(arrival.digest, arrival.receipt, arrival.at, fresh=True)
        if arrival.envelope is not None:
            inside = await self._connection.fetchval(INSIDE, arrival.envelope)
            if inside != arrival.key:
                return Kept(b"", None, None, fresh=False)
        row = await self._connection.fetchrow(FIRST, arrival.key)
        if row is None:
            raise LookupError("a message was removed while a copy of it arrived: the copy must come again")
        return Kept(row["digest"], row["receipt"], row["received_at"], fresh=False)


class PostgresReception:
    """Opens transactions that accept a message, none longer than `seconds`."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._seconds = seconds

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Reception]:
        """Open one, and commit it at the end of the block.

        Raises:
            StoreUnavailableError: the database is away, or too slow.
        """
        try:
            async with (
                asyncio.timeout(self._seconds),
                transaction(self._database, self._clock, self._ids) as unit,
            ):
                yield Reception(PostgresMessages(unit.connection), unit.outbox)
        except DATABASE_DOWN as error:
            _log.warning("nothing_accepted", service="gateway", exception_type=type(error).__name__)
            raise StoreUnavailableError from None


class PostgresWaiting:
    """The messages that still lie sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seal_ids(self) -> Collection[bytes]:
        """Read the headers of all of them, by their own index."""
        try:
            return [row["seal_id"] for row in await self._database.pool.fetch(SEAL_IDS)]
        except DATABASE_DOWN as error:
            raise StoreUnavailableError(type(error).__name__) from None


class PostgresCursors:
    """How far each agency's messages have been fetched."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, agency: str) -> str:
        """Read it."""
        try:
            return str(await self._database.pool.fetchval(CURSOR, agency) or "")
        except DATABASE_DOWN as error:
            raise StoreUnavailableError(type(error).__name__) from None

    async def keep(self, agency: str, cursor: str) -> None:
        """Write it, with the time."""
        try:
            await self._database.pool.execute(GO_ON, agency, cursor, self._clock.now())
        except DATABASE_DOWN as error:
            raise StoreUnavailableError(type(error).__name__) from None


class SealRenewal:
    """Looks for a newer seal key now and then, until cancelled."""

    def __init__(self, renew: Callable[[], Awaitable[None]]) -> None:
        self._renew = renew

    async def work(self) -> None:
        """Renew, wait, and begin again; trouble is told and tried again sooner."""
        while True:
            try:
                await self._renew()
                pause = RENEW_S
            except (VaultUnavailableError, StoreUnavailableError, OSError) as error:
                _log.warning("seal_key_not_renewed", service="gateway", exception_type=type(error).__name__)
                pause = RETRY_S
            await asyncio.sleep(pause)


class PostgresDesk(PostgresHalves):
    """`Desk` and the runtime's `Work`: reads the messages of a batch at once, and writes at once."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit.connection, unit.clock)
        self._pending: dict[tuple[str, str], Pending | None] = {}
        self._settled: list[tuple[str, str, str | None]] = []
        self._referrals: dict[str, KnownReferral] = {}
        self._fillers: dict[str, str] = {}
        self._decisions: dict[tuple[str, str], KnownDecision] = {}
        self._forgotten: set[str] = set()

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch the messages that the events tell of."""
        told = (each.data.message for each in events if isinstance(each, MessageReceived))
        receipts = [each for each in told if _is_uuid(each)]
        if receipts:
            rows = await self._connection.fetch(LOAD, receipts, LARGE_BYTES)
            self._pending = {(row["agency"], row["receipt"]): _pending(row) for row in rows}

    async def pending(self, agency: str, receipt: str) -> Pending | None:
        """Return the message that was loaded, with what is too large to be; see the port."""
        found = self._pending[agency, receipt]
        if found is None or found.sealed:
            return found
        return Pending(found.message, await self._connection.fetchval(SEALED, receipt))

    def settle(self, agency: str, receipt: str, case: str | None) -> None:
        """Write it at the end."""
        self._settled.append((receipt, agency, case))

    def remember(self, referral: KnownReferral) -> None:
        """Write the referral at the end."""
        self._referrals[referral.referral] = referral

    async def case_of(self, referral: str, agency: str) -> str | None:
        """Look among those of this transaction, then in the table."""
        known = self._referrals.get(referral)
        if known is not None:
            return known.case if agency in {known.sender, known.receiver} else None
        found: str | None = await self._connection.fetchval(CASE_OF, referral, agency)
        if found is None and await self._connection.fetchval(UNDECIDED, referral):
            raise TransientError("whom the hub chose for it is not known here yet")
        return found

    async def decision_of(self, agency: str, decision: str) -> KnownDecision | None:
        """Look among those of this transaction, then in the table."""
        if (agency, decision) in self._decisions:
            return self._decisions[agency, decision]
        row = await self._connection.fetchrow(DECISION_OF, agency, decision)
        return None if row is None else KnownDecision(row["receipt"], row["case_id"])

    def decide(self, agency: str, decision: str, known: KnownDecision) -> None:
        """Write it at the end."""
        self._decisions[agency, decision] = known

    def note(self, referral: str, filler: str) -> None:
        """Write the id at the end."""
        self._fillers[referral] = filler

    def forget(self, case: str) -> None:
        """Forget at the end, after all that is written."""
        self._forgotten.add(case)

    async def save(self) -> None:
        """Write what the handlers said, then take back what is about erased cases."""
        cases = {case for _, _, case in self._settled if case is not None} | self._forgotten
        cases |= {each.case for each in self._referrals.values()}
        if cases:
            await self._connection.execute(LOCK, sorted(cases))
        if self._referrals:
            rows = [
                (each.referral, each.case, each.sender, each.receiver) for each in self._referrals.values()
            ]
            await self._connection.execute(REMEMBER, *_columns(rows))
        if self._fillers:
            await self._connection.execute(NOTE, list(self._fillers), list(self._fillers.values()))
        if self._decisions:
            decided = [(*key, each.receipt, each.case) for key, each in self._decisions.items()]
            await self._connection.execute(DECIDE, *_columns(decided))
        erased = set(self._forgotten)
        if self._settled:
            settled = await self._connection.fetch(SETTLE, *_columns(self._settled))
            erased |= {row["erased"] for row in settled} - {None}
        if erased:
            await self._connection.execute(FORGET, list(erased))


def _pending(row: asyncpg.Record) -> Pending | None:
    return None if row["translated"] else Pending(row["message"], row["sealed"] or b"")


def _is_uuid(receipt: str) -> bool:
    """Say whether the database could read it; asked for another, it would look as if it were away."""
    try:
        return str(UUID(receipt)) == receipt
    except ValueError:
        return False


def _columns(rows: Sequence[tuple[str | None, ...]]) -> list[list[str | None]]:
    return [list(column) for column in zip(*rows, strict=True)]
