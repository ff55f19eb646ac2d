"""Outboxes held shut: what a step has committed stands still to be looked at, until the test passes it on."""

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

    def __init__(self, hub: WholeHub, relays: dict[str, Relay]) -> None:
        self._hub = hub
        self._relays = relays

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
    """Take every relay's lock while the block runs; afterwards the hub's own relays go on."""
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
            await pool.execute(HOLD)
            database = Database(service, hub.settings.postgres, pool)
            relays[service] = Relay(database, producer, topic_prefix=hub.settings.topic_prefix)
        yield Valves(hub, relays)


async def _keeping_the_lock(_: object) -> None:
    """Do nothing: a pool's own reset would give the lock back, which belongs to the session."""
