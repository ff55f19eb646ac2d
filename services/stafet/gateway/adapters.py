"""The gateway's real ports: PostgreSQL, one statement per batch or message, and the keys that only seal."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from stafet.gateway.domain import Arrival, Kept
from stafet.gateway.ports import KnownReferral, Reception, SealKey, StoreUnavailableError
from stafet_runtime import sealing
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import DATABASE_DOWN, Connection, Database
from stafet_runtime.unit import Unit, transaction
from stafet_runtime.vaultport import VaultUnavailableError
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived

# The primary key is the lock: a racing copy waits here for the first one's commit, and inserts nothing.
KEEP: Final = """
    insert into messages (agency, message, receipt, digest, sealed, received_at)
    values ($1, $2, $3, $4, $5, $6) on conflict (agency, message) do nothing returning true
"""
FIRST: Final = "select receipt, digest, received_at from messages where agency = $1 and message = $2"
LOAD: Final = """
    select agency, message, sealed
    from messages join unnest($1::text[], $2::text[]) asked (agency, message) using (agency, message)
"""
CLEAR: Final = """
    update messages set sealed = null
    from unnest($1::text[], $2::text[]) done (agency, message)
    where messages.agency = done.agency and messages.message = done.message
"""
REMEMBER: Final = """
    insert into referrals (referral, case_id, sender, receiver)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
"""
# The id of the key stands behind the version byte (see `stafet_runtime.sealing`).
SEAL_IDS: Final = """
    select distinct substring(sealed from 2 for 8) as seal_id from messages where sealed is not null
"""
CASE_OF: Final = "select case_id from referrals where referral = $1"

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
        """Insert; if the id is taken, read what is kept under it."""
        key = arrival.agency, arrival.message
        fresh = await self._connection.fetchval(
            KEEP, *key, arrival.receipt, arrival.digest, arrival.sealed, arrival.at
        )
        if fresh:
            return Kept(arrival.receipt, arrival.digest, arrival.at, fresh=True)
        row = await self._connection.fetchrow(FIRST, *key)
        if row is None:
            raise LookupError("a message was removed while a copy of it arrived: the copy must come again")
        return Kept(str(row["receipt"]), row["digest"], row["received_at"], fresh=False)


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


class PostgresDesk:
    """`Desk` and the runtime's `Work`: reads the messages of a batch at once, and writes at once."""

    def __init__(self, unit: Unit) -> None:
        self._connection = unit.connection
        self._sealed: dict[tuple[str, str], bytes | None] = {}
        self._cleared: list[tuple[str, str]] = []
        self._referrals: dict[str, KnownReferral] = {}

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch the messages that the events tell of."""
        keys = [(each.data.agency, each.data.message) for each in events if isinstance(each, MessageReceived)]
        rows = await self._connection.fetch(LOAD, *_columns(keys))
        self._sealed = {(row["agency"], row["message"]): row["sealed"] for row in rows}

    def sealed(self, agency: str, message: str) -> bytes | None:
        """Return the sealed bytes that were loaded; see the port."""
        return self._sealed[agency, message]

    def clear(self, agency: str, message: str) -> None:
        """Drop the sealed bytes at the end."""
        self._cleared.append((agency, message))

    def remember(self, referral: KnownReferral) -> None:
        """Write the referral at the end."""
        self._referrals[referral.referral] = referral

    async def case_of(self, referral: str) -> str | None:
        """Look among those of this transaction, then in the table."""
        if referral in self._referrals:
            return self._referrals[referral].case
        found: str | None = await self._connection.fetchval(CASE_OF, referral)
        return found

    async def save(self) -> None:
        """Write what the handlers said, in two statements."""
        if self._cleared:
            await self._connection.execute(CLEAR, *_columns(self._cleared))
        if self._referrals:
            rows = [
                (each.referral, each.case, each.sender, each.receiver) for each in self._referrals.values()
            ]
            await self._connection.execute(REMEMBER, *_columns(rows))


def _columns(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [list(column) for column in zip(*rows, strict=True)]
