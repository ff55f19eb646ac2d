"""Dispatch on a real database, driven by records as Kafka would bring them; its partners on real sockets."""

import asyncio
import io
import itertools
import json
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import asyncpg

from stafet.dispatch.app import build
from stafet.dispatch.settings import DispatchSettings
from stafet_connectors.police import connector as police
from stafet_connectors.police import samples as police_samples
from stafet_connectors.police.messages import receipt_response
from stafet_connectors.redcross import connector as redcross
from stafet_connectors.redcross import samples as redcross_samples
from stafet_runtime.clock import Ids
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Connection, Database
from stafet_runtime.parked import RawRecord
from stafet_runtime.service import Service
from stafet_schemas.codec import encode
from stafet_schemas.event import Event
from stafet_sdk.contract import Connector, Partner
from stafet_sdk.soap import unsigned_envelope
from stafet_sdk.transport import HttpPush
from tests.fakes.clock import FakeClock
from tests.fakes.partner_server import LOOPBACK, PartnerServer, Script, Writer, answers, partner_server
from tests.fakes.pushed import Pushed
from tests.fakes.vault import FakeVault

TAKES = answers("200 OK", "content-type: application/json\r\n", b"{}")
POLICE_TAKE = answers(
    "200 OK", "content-type: text/xml; charset=utf-8\r\n", unsigned_envelope(receipt_response())
)
CONNECTORS: dict[str, Connector] = {"redcross": Pushed(redcross), "police": police}
"""Everything is sent to the Red Cross; `test_fetching` has it fetch."""
FETCHING: dict[str, Connector] = {"redcross": redcross, "police": police}
SCHEDULE_S = (1.0, 2.0, 5.0)

Settle = Callable[[], Awaitable[bool]]


@dataclass
class Hub:
    """One dispatch process: what it is made of, and how a test feeds and reads it."""

    service: Service
    clock: FakeClock
    vault: FakeVault
    ids: Ids
    _offset: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def database(self) -> Database:
        """Give the way into dispatch's schema."""
        return self.service.database

    async def take(self, events: Sequence[Event]) -> None:
        """Let the runtime process events, in one batch."""
        assert self.service.subscription is not None
        records = [RawRecord(event.topic, 0, next(self._offset), *encode(event)) for event in events]
        await Processor(self.service.subscription, self.database, self.clock, self.ids).process(records)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Run the worker while the block runs."""
        task = asyncio.create_task(_run(self.service))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def working_after(self, first: "Hub") -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        """Run two workers, this one as the second; yields what stops the first."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(first.working())
            await eventually(self._driven)
            async with self.working():
                yield stack.aclose

    async def _driven(self) -> bool:
        held = "select count(*) from pg_locks where locktype = 'advisory' and granted"
        return bool(await self.database.pool.fetchval(held) == 1)

    async def later(self, seconds: float) -> None:
        """Let time pass, and wake the worker as its own clock would."""
        self.clock.advance(seconds)
        await self.database.pool.execute("select pg_notify('stafet_dispatch', '')")

    async def items(self) -> list[dict[str, Any]]:
        """Read the items in the order they were queued."""
        return [dict(row) for row in await self.database.pool.fetch("select * from items order by position")]

    async def statuses(self) -> list[str]:
        """Read how each item stands, in the order they were queued."""
        return [item["status"] for item in await self.items()]

    async def lanes(self) -> list[tuple[str, int, datetime | None]]:
        """Read the lanes: recipient, how many items, when it is due."""
        query = "select recipient, depth, due_at from lanes order by recipient, depth"
        return [tuple(row) for row in await self.database.pool.fetch(query)]

    async def attempts(self) -> list[dict[str, Any]]:
        """Read the attempts in the order of items."""
        query = "select a.* from attempts a join items using (delivery) order by position, attempt"
        return [dict(row) for row in await self.database.pool.fetch(query)]

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Read what is to be published: short type, and data."""
        return [(kind, data) for kind, _, data in await self.published()]

    async def published(self) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        """Read what is to be published: short type, headers and data."""
        rows = await self.database.pool.fetch("select headers, value from outbox order by id")
        found: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        for row in rows:
            headers = dict(json.loads(row["headers"]))
            found.append((headers["ce_type"].split(".")[-2], headers, json.loads(row["value"])))
        return found

    async def until_statuses(self, *wanted: str) -> None:
        """Wait until the items stand so."""

        async def reached() -> bool:
            return await self.statuses() == list(wanted)

        await eventually(reached)

    async def until_tried(self, count: int) -> None:
        """Wait until so many attempts have ended."""

        async def reached() -> bool:
            return len([each for each in await self.attempts() if each["ended_at"]]) >= count

        await eventually(reached)

    async def until_counts(self, wanted: Mapping[tuple[str, str], int]) -> None:
        """Wait until so many items of each recipient and status are there."""

        async def reached() -> bool:
            return Counter((each["recipient"], each["status"]) for each in await self.items()) == wanted

        await eventually(reached)

    async def until_told(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait until so many events of a kind are to be published; return the data of the last of them."""

        async def reached() -> bool:
            return [each for each, _ in await self.told()].count(kind) >= count

        await eventually(reached)
        return [data for each, data in await self.told() if each == kind][count - 1]


def make_hub(
    database: Database,
    clock: FakeClock,
    ids: Ids,
    vault: FakeVault,
    partners: "Partners",
    *,
    connectors: Mapping[str, Connector] = CONNECTORS,
) -> Hub:
    """Compose dispatch with a short schedule."""
    service = build(
        database,
        clock,
        ids,
        DispatchSettings(schedule_s=SCHEDULE_S),
        partners=partners.configured,
        connectors=connectors,
        vault=vault,
        push=partners.push,
        chance=lambda: 0.0,
    )
    return Hub(service, clock, vault, ids)


@dataclass
class Partners:
    """Both partners' servers, and the push that reaches them."""

    redcross: PartnerServer
    police: PartnerServer
    push: HttpPush
    configured: Mapping[str, Partner]

    def deliveries(self) -> list[tuple[str, str, str]]:
        """Read what came to the Red Cross, in order: delivery, referral, part."""
        return [_delivery(request) for request in self.redcross.requests]


@asynccontextmanager
async def serving(
    redcross_does: Script, police_do: Script = POLICE_TAKE, *, deadline_s: float = 5.0
) -> AsyncGenerator[Partners]:
    """Serve both partners on real sockets while the block runs."""
    async with (
        partner_server(redcross_does) as first,
        partner_server(police_do) as second,
        HttpPush(_trusting(first, second), deadline_s=deadline_s) as push,
    ):
        configured = {
            "redcross": replace(redcross_samples.PARTNER, endpoint=first.url, networks=LOOPBACK),
            "police": replace(police_samples.partner(), endpoint=second.url, networks=LOOPBACK),
        }
        yield Partners(first, second, push, configured)


class Opener(Protocol):
    """Opens a hub and its partners for a block."""

    def __call__(
        self, redcross_does: Script = ..., police_do: Script = ..., *, deadline_s: float = ...
    ) -> AbstractAsyncContextManager[tuple[Hub, Partners]]:
        """Serve the partners, compose the hub; the worker is started by the test."""
        ...


class Gate:
    """Let nobody through before it is opened; behave by a script at the first then, and take the others."""

    def __init__(self, first: Script = TAKES) -> None:
        self.opened = asyncio.Event()
        self._turns = Turns(first, TAKES)

    async def __call__(self, writer: Writer) -> None:
        """Answer one request."""
        await self.opened.wait()
        await self._turns(writer)


class Turns:
    """Behave at each request by the next script, and by the last one from then on."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)

    async def __call__(self, writer: Writer) -> None:
        """Answer one request."""
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        await script(writer)


def kinds(requests: Sequence[bytes]) -> list[str]:
    """Name what came to the Red Cross, in order: notice, content, withdrawn, erased."""
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in requests]
    return [body["type"].split(".")[-2] for body in bodies]


async def eventually(condition: Settle) -> None:
    """Return when the condition holds; the test's own time-out ends an endless wait."""
    while not await condition():  # noqa: ASYNC110 - the condition is in the database, no event tells
        await asyncio.sleep(0.005)


async def somebody_waits(session: Connection) -> bool:
    """Say whether a session waits for another's lock."""
    return bool(await session.fetchval("select exists (select from pg_locks where not granted)"))


async def cut(dsn: str, which: str) -> int:
    """End sessions of the test's database as its administrator; return how many there were."""
    query = f"""
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and {which}
    """  # noqa: S608 - the conditions are the tests' own
    administrator = await asyncpg.connect(dsn)
    try:
        return int(await administrator.fetchval(query))
    finally:
        await administrator.close()


async def written(dsn: str) -> str:
    """Copy all tables of the schema as text, one after another."""
    copied = io.BytesIO()
    administrator = await asyncpg.connect(dsn, server_settings={"bytea_output": "escape"})
    try:
        for table in await administrator.fetch(
            "select tablename from pg_tables where schemaname = 'dispatch'"
        ):
            await administrator.copy_from_table(table["tablename"], schema_name="dispatch", output=copied)
    finally:
        await administrator.close()
    return copied.getvalue().decode()


async def requested(server: PartnerServer, count: int) -> None:
    """Wait until so many requests have come."""

    async def reached() -> bool:
        return len(server.requests) >= count

    await eventually(reached)


def _trusting(*servers: PartnerServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for server in servers:
        for authority in server.trust.get_ca_certs(binary_form=True):
            context.load_verify_locations(cadata=authority)
    return context


def _delivery(request: bytes) -> tuple[str, str, str]:
    event = json.loads(request.partition(b"\r\n\r\n")[2])
    return event["id"], event["data"]["stafet_referral"], event["type"].split(".")[-2]


async def _run(service: Service) -> None:
    (task,) = service.tasks
    await task()
