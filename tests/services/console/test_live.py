"""Live pages, over a real socket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from stafet.console.adapters.feed import PostgresFeed
from stafet_runtime.database import Database
from stafet_runtime.service import Service
from tests.services.console.samples import closed, delivered
from tests.services.console.serving import AUTH, Record, serve

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
CHANGED = "event: changed"


@pytest.fixture
async def browser(console: Service) -> AsyncGenerator[httpx.AsyncClient]:
    """A signed-in browser on a served console."""
    async with serve(console) as url, httpx.AsyncClient(base_url=url, auth=AUTH, timeout=10) as client:
        yield client


async def until(lines: AsyncIterator[str], wanted: str) -> None:
    async for line in lines:
        if line == wanted:
            return
    raise AssertionError(f"the stream ended without {wanted}")


class TestLive:
    @pytest.mark.parametrize("path", ["/live", "/cases/0d9f0001c4e1/live"])
    async def test_says_so_after_a_new_event(
        self, browser: httpx.AsyncClient, record: Record, path: str
    ) -> None:
        async with browser.stream("GET", path) as response:
            lines = response.aiter_lines()
            await until(lines, ": nothing new")

            await record(delivered(1, START).events)

            await until(lines, CHANGED)
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.headers["cache-control"] == "no-store"

    async def test_of_one_case_is_silent_about_another(
        self, browser: httpx.AsyncClient, record: Record
    ) -> None:
        async with browser.stream("GET", "/cases/0d9f0002c4e1/live") as response:
            lines = response.aiter_lines()
            await until(lines, ": nothing new")
            await record(delivered(1, START).events)

            after = [await anext(lines) for _ in range(4)]

            assert CHANGED not in after

    async def test_of_a_message_says_so_when_it_becomes_a_case(
        self, browser: httpx.AsyncClient, record: Record
    ) -> None:
        story = closed(1, START)
        await record(story.events[:1])
        async with browser.stream("GET", "/cases/tx-1/live") as response:
            lines = response.aiter_lines()
            await until(lines, ": nothing new")

            await record(story.events[1:])

            await until(lines, CHANGED)

    async def test_a_change_of_very_many_cases_reaches_everybody(
        self, browser: httpx.AsyncClient, record: Record
    ) -> None:
        async with browser.stream("GET", "/cases/none-of-them/live") as response:
            lines = response.aiter_lines()
            await until(lines, ": nothing new")

            await record([event for number in range(600) for event in delivered(number, START).events[:3]])

            await until(lines, CHANGED)

    async def test_ends_when_the_hub_stops(self, console: Service) -> None:
        async with httpx.AsyncClient(auth=AUTH, timeout=10) as client, asyncio.timeout(8):
            async with serve(console) as url:
                response = await client.send(client.build_request("GET", url + "/live"), stream=True)
                lines = response.aiter_lines()
                await until(lines, ": nothing new")
            rest = [line async for line in lines]
            await response.aclose()

        assert set(rest) <= {"", ": nothing new", CHANGED, "data: fetch"}


class TestListen:
    async def test_connects_again_and_wakes_everybody_when_the_connection_is_lost(
        self, database: Database, record: Record, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stafet.console.adapters.feed.RECONNECT_S", 0.01)
        feed = PostgresFeed(database)
        listening = asyncio.ensure_future(feed.listen())
        await feed.listening.wait()
        changes = feed.changes(None, 5)
        at_once = await anext(changes)

        connection = await asyncpg.connect(database.dsn)
        ended = await connection.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'"
        )
        await connection.close()
        woken = await anext(changes)
        await record(delivered(1, START).events)
        told = await anext(changes)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

        assert len(ended) == 1
        assert (at_once, woken, told) == (True, True, True)
        assert [each async for each in changes] == []

    async def test_notices_that_are_not_ours_wake_everybody(self, database: Database) -> None:
        feed = PostgresFeed(database)
        listening = asyncio.ensure_future(feed.listen())
        await feed.listening.wait()
        changes = feed.changes("some-case", 5)
        await anext(changes)
        waiting = asyncio.ensure_future(anext(changes))
        connection = await asyncpg.connect(database.dsn)
        await connection.execute("select pg_notify('stafet_console', '')")
        await connection.close()

        assert await waiting is True
        await changes.aclose()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
