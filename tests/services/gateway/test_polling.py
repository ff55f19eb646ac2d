"""An agency that is polled, from its pages on a real socket to the receipts of its messages."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from stafet.gateway.adapters import SealRenewal
from stafet.gateway.documents.waiting import Overlooking
from stafet_runtime.database import Database
from stafet_schemas.inbound import MessageReceived
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Partner
from stafet_sdk.polling import polling
from stafet_sdk.transport import HttpPush
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.partner_server import LOOPBACK, PartnerServer, Writer, answers, partner_server
from tests.fakes.polled import PolledConnector
from tests.fakes.vault import FakeVault
from tests.services.gateway.serving import Gateway

PAGES: dict[str, dict[str, object]] = {
    "/changes": {"items": ["m-1", "m-2"], "next": "/changes?page=2", "more": True},
    "/changes?page=2": {"items": ["bad", "m-2", "m-3"], "next": "/changes?page=3"},
    "/changes?page=3": {"items": [], "next": "/changes?page=3"},
}


class Agency:
    """A script for `partner_server`: gives the page that is asked for, once it may."""

    def __init__(self) -> None:
        self.served: PartnerServer | None = None
        self.may = asyncio.Event()
        self.may.set()
        self.asked: list[str] = []

    async def __call__(self, writer: Writer) -> None:
        """Answer the newest request."""
        assert self.served is not None
        path = self.served.requests[-1].split(b" ")[1].decode()
        self.asked.append(path)
        if path != "/changes":
            await self.may.wait()
        await answers("200 OK", "", json.dumps(PAGES[path]).encode())(writer)


@asynccontextmanager
async def collecting(database: Database, agency: Agency) -> AsyncGenerator[Gateway]:
    """Run the composed gateway's collector against an agency, until the block ends or is left."""
    async with partner_server(agency) as server, HttpPush(server.trust) as push:
        agency.served = server
        gateway = Gateway(
            database,
            FakeClock(NOW),
            FakeIds(),
            FakeVault(),
            partners={"immigration": Partner("immigration", server.url, {}, {}, networks=LOOPBACK)},
            connectors={"immigration": PolledConnector()},
            fetching={"http-poll": polling(push, lambda: NOW)},
        )
        running = asyncio.ensure_future(gateway.service().tasks[-1]())
        try:
            yield gateway
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def until(database: Database) -> Callable[[str], Awaitable[None]]:
    """Wait until a condition holds in the gateway's tables."""

    async def wait(condition: str) -> None:
        async with asyncio.timeout(20):
            while not await database.pool.fetchval(f"select {condition}"):  # noqa: ASYNC110 - a table, our words
                await asyncio.sleep(0.01)

    return wait


class TestPolledAgency:
    async def test_is_asked_page_by_page_and_each_message_is_accepted_once(
        self, database: Database, until: Callable[[str], Awaitable[None]]
    ) -> None:
        agency = Agency()
        with capture_logs() as logs:
            async with collecting(database, agency) as gateway:
                await until("exists (select from cursors where cursor = '/changes?page=3')")
                received = await gateway.events(MessageReceived)

        assert [each.data.agency for each in received] == ["immigration"] * 3
        names = await database.pool.fetch("select message from messages order by received_at, receipt")
        assert sorted(each["message"] for each in names) == ["m-1", "m-2", "m-3"]
        assert [(each["event"], each["code"]) for each in logs] == [("refused", "bad")]

    async def test_goes_on_where_it_was_killed_and_doubles_nothing(
        self, database: Database, until: Callable[[str], Awaitable[None]]
    ) -> None:
        agency = Agency()
        agency.may.clear()
        async with collecting(database, agency):
            await until("(select count(*) from cursors) = 1")
        await database.pool.execute("delete from cursors")
        agency.may.set()
        async with collecting(database, agency) as gateway:
            await until("exists (select from cursors where cursor = '/changes?page=3')")
            assert len(await gateway.events(MessageReceived)) == 3
        assert agency.asked.count("/changes") == 2


class TestGateway:
    async def test_collects_nothing_where_every_agency_sends(self, gateway: Gateway) -> None:
        at_work = {getattr(each, "__self__", None).__class__ for each in gateway.service().tasks}

        assert at_work == {SealRenewal, Overlooking}
