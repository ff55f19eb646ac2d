"""A gateway behind a real socket; what it wrote is read from its tables, what it hears is fed by hand."""

import io
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stafet.gateway.adapters import PostgresReception, SealingKeys
from stafet.gateway.app import build
from stafet.gateway.handlers import accept
from stafet.gateway.ports import Sender
from stafet.gateway.settings import GatewaySettings
from stafet_connectors.police import connector as police_connector
from stafet_connectors.police import samples as police_samples
from stafet_connectors.redcross import connector as redcross_connector
from stafet_connectors.redcross import samples as redcross_samples
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_runtime.service import Service
from stafet_schemas.codec import decode, encode
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData
from stafet_sdk.contract import Accepted, Connector, Partner, Request
from stafet_sdk.server import serve
from stafet_sdk.source import Fetch
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault

DIGEST_KEY = bytes(range(32))
E = TypeVar("E", bound=Event)


def partner() -> Partner:
    """Give the police as the hub has them configured, with a signing key that costs little, and no drop."""
    configured, hub = police_samples.partner(), police_samples.credentials("hub")
    keys = {**configured.keys, "hub_key": hub.key, "hub_certificate": hub.certificate}
    return replace(configured, keys=keys, drop="")


@dataclass
class Counting:
    """Counts what an application asks for of the requests' bodies; `shown` is its clients' certificate."""

    app: ASGIApp
    size: int = 0
    shown: bytes | None = field(default_factory=police_samples.client_certificate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted() -> Message:
            message = await receive()
            self.size += len(message.get("body", b""))
            return message

        # As a TLS listener would say it.
        state = {**scope.get("state", {}), "client_certificate": self.shown}
        await self.app({**scope, "state": state}, counted, send)


@dataclass
class Gateway:
    """The service and everything it was composed of. `port` is there while it is served."""

    database: Database
    clock: FakeClock
    ids: FakeIds
    vault: FakeVault
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    partners: dict[str, Partner] = field(default_factory=dict[str, Partner])
    connectors: dict[str, Connector] = field(default_factory=dict[str, Connector])
    fetching: dict[str, Fetch] = field(default_factory=dict[str, Fetch])
    port: int = 0
    counting: "Counting | None" = None

    def __post_init__(self) -> None:
        self.partners = {
            "police": partner(), "redcross": redcross_samples.PARTNER, **self.partners,
        }  # fmt: skip
        self.connectors = {
            "police": police_connector, "redcross": redcross_connector, **self.connectors,
        }  # fmt: skip

    def service(self) -> Service:
        """Compose it."""
        return build(
            self.database,
            self.clock,
            self.ids,
            self.settings,
            partners=self.partners,
            connectors=self.connectors,
            vault=self.vault,
            seal_key=self.vault.seal_key,
            digest_key=DIGEST_KEY,
            fetching=self.fetching,
        )

    def processor(self) -> Processor:
        """Make what the runtime would feed with records."""
        subscription = self.service().subscription
        assert subscription is not None
        return Processor(subscription, self.database, self.clock, self.ids)

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["Gateway"]:
        """Serve the inboxes on a free port while the block runs."""
        app = FastAPI(openapi_url=None)
        router = self.service().router
        assert router is not None
        app.include_router(router)
        self.counting = Counting(app)
        async with serve(self.counting, "127.0.0.1", 0) as self.port:
            yield self

    def counted(self) -> int:
        """Say how many bytes of bodies the service has asked for."""
        assert self.counting is not None
        return self.counting.size

    async def post(self, request: Request) -> httpx.Response:
        """Send a message as its sender would."""
        assert self.counting is not None
        self.counting.shown = request.client_certificate
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            return await client.request(
                request.method, request.path, headers=dict(request.headers), content=request.body
            )

    async def accept(self, *requests: Request, sender: str | None = None) -> list[MessageReceived]:
        """Accept messages one after another, without a socket; returns the events of the new ones.

        `sender` is whom they were fetched from; else it is in the address they were sent to.
        """
        before = await self.events(MessageReceived)
        reception = PostgresReception(self.database, self.clock, self.ids, self.settings.store_seconds)
        seals = SealingKeys(self.vault.seal_key, DIGEST_KEY)
        for each in requests:
            agency = sender or each.path.split("/")[2]
            known = Sender(self.partners[agency], self.connectors[agency])
            outcome = await accept(
                each, known, reception=reception.open, seals=seals, clock=self.clock, ids=self.ids
            )
            assert isinstance(outcome, Accepted)
        return (await self.events(MessageReceived))[len(before) :]

    async def events(self, kind: type[E]) -> list[E]:
        """Read what is to be published, of one class and those below it."""
        rows = await self.database.pool.fetch("select headers, value from outbox order by id")
        found = [decode(unpack_headers(row["headers"]), row["value"]) for row in rows]
        return [each for each in found if isinstance(each, kind)]

    async def translate(self) -> None:
        """Feed back all that was received so far, in one batch, as the log would."""
        received = await self.events(MessageReceived)
        await self.processor().process(records(received))

    async def submit(self, request: Request) -> ReferralSubmittedData:
        """Take a referral all the way to its event."""
        await self.accept(request)
        await self.translate()
        return (await self.events(ReferralSubmitted))[-1].data

    async def receipt(self, message: str, agency: str = "police") -> str:
        """Read which receipt a message got."""
        found = await self.database.pool.fetchval(
            "select receipt from messages where agency = $1 and message = $2", agency, message
        )
        return str(found)

    async def parked(self) -> list[tuple[str, str]]:
        """Read what could not be handled: key and class."""
        rows = await self.database.pool.fetch("select key, class from parked order by id")
        return [(row["key"].decode(), row["class"]) for row in rows]

    async def sealed(self) -> list[bytes]:
        """Read what still lies sealed."""
        rows = await self.database.pool.fetch("select sealed from messages where sealed is not null")
        return [row["sealed"] for row in rows]

    async def count(self, table: str) -> int:
        """Count the rows of a table."""
        return int(await self.database.pool.fetchval(f"select count(*) from {table}"))  # noqa: S608 - our names

    async def every_byte(self) -> bytes:
        """Copy all tables of the schema in PostgreSQL's binary format, one after another."""
        copied = io.BytesIO()
        async with self.database.pool.acquire() as connection:
            tables = await connection.fetch(
                "select tablename from pg_tables where schemaname = 'gateway' order by 1"
            )
            for table in tables:
                await connection.copy_from_table(table["tablename"], output=copied, format="binary")
        return copied.getvalue()


def records(events: Sequence[Event]) -> list[RawRecord]:
    """Make the records of events as they lie in the log; equal lists make equal records."""
    made: list[RawRecord] = []
    for offset, event in enumerate(events):
        key, headers, value = encode(event)
        made.append(RawRecord(event.topic, 0, offset, key, headers, value))
    return made
