"""Files that an agency leaves: every row is accepted like a message over HTTP, and trouble is told alike."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from stafet.gateway.adapters import PostgresCursors
from stafet.gateway.handlers import collect
from stafet_runtime.database import Database
from stafet_sdk.certification.samples import NOW
from stafet_sdk.errors import NeedsAction
from stafet_sdk.filereceipts import read_business
from stafet_sdk.sftpdrop import SftpDrop
from tests.fakes.clock import FakeClock
from tests.fakes.dropped import MANIFEST, FakeDropped
from tests.fakes.source import FakeTaking
from tests.sdk.sftp_sites import Site, own_server
from tests.services.gateway.serving import Gateway

MESSAGES = "select message from messages where agency = 'shelter' order by message"
SECRET = b"Zuzanna"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site]:
    async with own_server(tmp_path / "site") as served:
        yield served


@asynccontextmanager
async def collecting(gateway: Gateway, site: Site) -> AsyncGenerator[None]:
    """Run the gateway's own tasks, with an agency that leaves files."""
    often = MANIFEST.model_copy(update={"interval_s": 0.01})
    gateway.partners["shelter"] = site.partner
    gateway.connectors["shelter"] = FakeDropped(often)
    gateway.fetching["sftp"] = SftpDrop(gateway.clock.now).source
    running = [asyncio.ensure_future(task()) for task in gateway.service().tasks]
    try:
        async with asyncio.timeout(20):
            yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another task does on disk."""
    while not condition():  # noqa: ASYNC110 - no event tells what happened on disk
        await asyncio.sleep(0.01)


class TestFiles:
    async def test_rows_are_accepted_or_refused_and_the_file_is_answered(
        self, gateway: Gateway, site: Site, database: Database
    ) -> None:
        site.drop("beds.csv", b"a1 " + SECRET + b"\nbad " + SECRET + b"\na2 " + SECRET)

        with capture_logs() as logs:
            async with collecting(gateway, site):
                await until((site.refused / "beds.csv.trigger.xml").exists)

        assert [each["message"] for each in await database.pool.fetch(MESSAGES)] == ["a1", "a2"]
        told = [(each["event"], each["agency"], each["code"]) for each in logs if each["event"] == "refused"]
        assert told == [("refused", "shelter", "invalid")]
        business = read_business((site.into / "beds.csv.businessreceipt.xml").read_bytes())
        assert business.acceptance == "partly_accepted"
        assert SECRET.decode() not in str(logs)

    async def test_a_file_of_no_use_leaves_the_same_line(self, gateway: Gateway, site: Site) -> None:
        site.drop("beds.csv", b"a1")
        (site.out / "beds.csv.trigger.xml").write_bytes(b"<!DOCTYPE x><x/>")

        with capture_logs() as logs:
            async with collecting(gateway, site):
                await until((site.refused / "beds.csv.trigger.xml").exists)

        assert [(each["event"], each["service"], each["code"], each["status"]) for each in logs] == [
            ("refused", "gateway", "doctype", 400)
        ]

    async def test_nothing_is_settled_while_nothing_can_be_accepted(
        self, site: Site, database: Database
    ) -> None:
        site.drop("beds.csv", b"a1\na2")
        cursors, taking = PostgresCursors(database, FakeClock(NOW)), FakeTaking(away=True)
        source = SftpDrop(lambda: NOW).source(FakeDropped(), site.partner)

        wait = await collect(source, take=taking, cursors=cursors)
        before = site.names()
        taking.away = False
        await collect(source, take=taking, cursors=cursors)

        assert (wait, before) == (5, {"OUT": ["beds.csv", "beds.csv.trigger.xml"], "IN": []})
        assert (taking.taken, site.names()["OUT"]) == (["a1", "a2"], [])

    async def test_what_was_accepted_before_the_receipts_were_put_comes_again_and_counts_once(
        self, gateway: Gateway, site: Site, database: Database
    ) -> None:
        site.drop("beds.csv", b"a1\na2")
        site.into.rmdir()
        with capture_logs() as logs:
            async with collecting(gateway, site):
                await until(lambda: bool(logs))
                site.into.mkdir()
                await until(lambda: not list(site.out.iterdir()))

        assert {(each["event"], each["code"]) for each in logs} == {("not_collected", "folder")}
        assert [each["message"] for each in await database.pool.fetch(MESSAGES)] == ["a1", "a2"]
        business = read_business((site.into / "beds.csv.businessreceipt.xml").read_bytes())
        assert business.acceptance == "accepted"

    async def test_nobody_can_post_what_is_to_come_in_files(
        self, gateway: Gateway, site: Site, database: Database
    ) -> None:
        gateway.partners["shelter"], gateway.connectors["shelter"] = site.partner, FakeDropped()
        gateway.fetching["sftp"] = SftpDrop(gateway.clock.now).source

        async with gateway.serving(), httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{gateway.port}/agencies/shelter/inbox"
            response = await client.put(url, content=b"a1 forged")

        assert (response.status_code, response.json()["code"]) == (404, "unknown_agency")
        assert await database.pool.fetch(MESSAGES) == []

    async def test_a_server_with_another_key_is_told_and_given_nothing(
        self, gateway: Gateway, site: Site
    ) -> None:
        known = site.partner.keys["known_hosts"].replace(b"127.0.0.1", b"127.0.0.2")
        site.partner = site.with_keys(known_hosts=known)
        site.drop("beds.csv", b"a1")

        with capture_logs() as logs:
            async with collecting(gateway, site):
                await until(lambda: bool(logs))

        assert (logs[0]["event"], logs[0]["code"], logs[0]["reason"]) == (
            "not_collected", "host_key", NeedsAction.failure,
        )  # fmt: skip
        assert site.names() == {"OUT": ["beds.csv", "beds.csv.trigger.xml"], "IN": []}
