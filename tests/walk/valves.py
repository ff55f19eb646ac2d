"""Outboxes held shut: what a step has committed stands still to be looked at, until the test passes it on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg

from stafet_runtime.broker import make_producer
from stafet_runtime.database import Database, session_settings
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.relay import Relay
from stafet_schemas.codec import decode
from stafet_schemas.event import Event
from tests.walk.whole_hub import WholeHub, until

PRODUCERS: Final = ("gateway", "vault", "referrals", "dispatch")
HOLD: Final = "select pg_advisory_lock(hashtext(current_schema() || '.outbox'))"


class Valves:
    """Publishes instead of the hub's relays, by the relay's own function, when the test says so."""

    def __init__(self, hub: WholeHub, relays: dict[str, Relay], held: AsyncExitStack) -> None:
        self._hub = hub
        self._relays = relays
        self._held = held

    async def let_go(self) -> None:
        """Give the lead back: the hub's own relays go on."""
        await self._held.aclose()

    async def waiting(self, service: str) -> list[Event]:
        """Read what a service has to say, oldest first."""
        query = f"select headers, value from {service}.outbox order by id"  # noqa: S608 - our own names
        rows = await self._hub.rows(query)
        return [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]

    async def until(self, service: str, *names: str) -> list[Event]:
        """Wait until a service has exactly these events to say, by their short names."""

        async def look() -> list[Event] | None:
            found = await self.waiting(service)
            return found if [each.short_name() for each in found] == list(names) else None

        return await until(look) or []

    async def step(self, service: str, *names: str) -> list[Event]:
        """Wait for exactly these events, and pass them on."""
        found = await self.until(service, *names)
        await self._relays[service].relay_once()
        return found

    async def to_the_notice(self) -> None:
        """Let a referral go as far as the notice at its receiver, and the word of it."""
        await self.step("gateway", "message.received")
        await self.step("gateway", "referral.submitted")
        await self.step("referrals", "referral.routed")
        await self.step("dispatch", "delivery.queued", "delivery.sent", "delivery.delivered")

    async def commits(self, table: str, where: str = "true") -> list[str]:
        """Return which transaction wrote each row of a table, oldest first."""
        query = f"select xmin::text as commit from {table} where {where} order by xmin::text::bigint"  # noqa: S608 - our own names
        return [row["commit"] for row in await self._hub.rows(query)]


@asynccontextmanager
async def held(hub: WholeHub) -> AsyncGenerator[Valves]:
    """Take the lead from every relay while the block runs; afterwards the hub's own relays go on."""
    producer = make_producer(hub.settings.kafka, "valves")
    async with AsyncExitStack() as stack:
        await producer.start()
        stack.push_async_callback(producer.stop)
        relays: dict[str, Relay] = {}
        for service in PRODUCERS:
            pool = await stack.enter_async_context(
                asyncpg.create_pool(
                    hub.settings.postgres,
                    min_size=1,
                    max_size=1,
                    server_settings=session_settings(service),
                    reset=_keeping_the_lock,
                )
            )
            database = Database(service, hub.settings.postgres, pool)
            relays[service] = Relay(database, producer, topic_prefix=hub.settings.topic_prefix)
        await asyncio.gather(*(_take_lead(hub, service, relay) for service, relay in relays.items()))
        yield Valves(hub, relays, stack)


async def _take_lead(hub: WholeHub, service: str, relay: Relay) -> None:
    """Queue for the lock, end the session that has it, and wait until its relay stands by with another."""
    # Whoever leads must have got the lead first, or it would get it from us.
    leader = await until(lambda: _session(hub, service, leads=True))
    queued = asyncio.create_task(relay.database.pool.execute(HOLD))
    await until(lambda: _waiting(hub, service))
    await hub.rows(f"select pg_terminate_backend({leader})")
    await queued
    await until(lambda: _session(hub, service, leads=False))


async def _session(hub: WholeHub, service: str, *, leads: bool) -> int | None:
    """Find the process of a relay that leads, or stands by."""
    query = f"""
        select pid from pg_stat_activity a where datname = current_database()
        and application_name = '{service} relay' and query not like 'LISTEN%'
        and {"" if leads else "not"} exists (
            select from pg_locks l where l.pid = a.pid and locktype = 'advisory' and granted
        )
    """  # noqa: S608 - our own names
    rows = await hub.rows(query)
    return rows[0]["pid"] if rows else None


async def _waiting(hub: WholeHub, service: str) -> bool:
    """Say whether we stand in the queue for the lock."""
    query = f"""
        select from pg_stat_activity a join pg_locks l using (pid) where a.datname = current_database()
        and application_name = '{service}' and locktype = 'advisory' and not granted
    """
    return bool(await hub.rows(query))


async def _keeping_the_lock(_: object) -> None:
    """Do nothing: a pool's own reset would give the lock back, which belongs to the session."""
