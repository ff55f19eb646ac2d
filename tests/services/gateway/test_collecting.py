"""What is fetched of an agency: everything gets an outcome before the cursor moves, and trouble is told."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from stafet.gateway.adapters import PostgresCursors
from stafet.gateway.collecting import LOCK, Collector
from stafet.gateway.domain import LONGEST_WAIT_S, MOST_RETRY_AFTER_S, back_off_s
from stafet.gateway.handlers import collect
from stafet.gateway.ports import StoreUnavailableError
from stafet_runtime import standby
from stafet_runtime.database import Connection, Database
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted
from stafet_sdk.errors import InboundRefused, NeedsAction, Retriable, Throttled
from tests.fakes.clock import FakeClock
from tests.fakes.source import FakeSource, FakeTaking

ASKED = "select exists (select from pg_stat_activity where query = $1 and pid <> pg_backend_pid())"
END_OF_SESSION = """
    select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (
        select oid from pg_database where datname = current_database()
    )
"""


@pytest.fixture
def cursors(database: Database) -> PostgresCursors:
    """The real table."""
    return PostgresCursors(database, FakeClock(NOW))


class Pauses:
    """Waits for nothing; ends the test's wait after `enough` pauses, if `also` is so by then."""

    def __init__(self, enough: int, also: Callable[[], bool] = lambda: True) -> None:
        self.waits: list[float] = []
        self.done = asyncio.Event()
        self._enough = enough
        self._also = also

    async def __call__(self, seconds: float) -> None:
        """Note how long it would have been."""
        self.waits.append(seconds)
        if len(self.waits) >= self._enough and self._also():
            self.done.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)


@asynccontextmanager
async def administrator(database: Database) -> AsyncGenerator[Connection]:
    """Open a connection that sees and may end the others."""
    connection = await asyncpg.connect(database.dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def asked_for_the_lock(other: Connection) -> None:
    """Wait until somebody else has asked for it, in vain."""
    while not await other.fetchval(ASKED, standby.LOCK):  # noqa: ASYNC110 - no event tells what another session did
        await asyncio.sleep(0.01)


async def stop(running: asyncio.Future[None]) -> None:
    """Cancel it and wait for its end."""
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def until(pauses: Pauses, work: Callable[[], Awaitable[None]]) -> None:
    """Let work go on until there were enough pauses."""
    running = asyncio.ensure_future(work())
    async with asyncio.timeout(20):
        await pauses.done.wait()
    await stop(running)


class TestCollect:
    async def test_takes_everything_then_settles_then_moves_on(self, cursors: PostgresCursors) -> None:
        source = FakeSource({"": (["a", "b"], "1", True), "1": (["c"], "2", False)})
        taking = FakeTaking()

        waits = [await collect(source, take=taking, cursors=cursors) for _ in range(3)]

        assert (taking.taken, source.asked, waits) == (["a", "b", "c"], ["", "1", "2"], [0, 60, 60])
        assert [len(each) for each in source.settled] == [2, 1, 0]
        assert await cursors.load("immigration") == "2"

    async def test_keeps_the_cursor_with_its_time(self, cursors: PostgresCursors, database: Database) -> None:
        await collect(FakeSource({"": ([], "1", False)}), take=FakeTaking(), cursors=cursors)

        assert await database.pool.fetchval("select at - $1 from cursors", NOW) == timedelta(0)

    async def test_a_refused_item_is_an_outcome_and_holds_nothing_up(self, cursors: PostgresCursors) -> None:
        source = FakeSource({"": (["a", "b"], "1", False)})

        await collect(source, take=FakeTaking(bad=frozenset("a")), cursors=cursors)

        assert [type(each) for each in source.settled[0]] == [InboundRefused, Accepted]
        assert await cursors.load("immigration") == "1"

    async def test_asks_for_the_same_again_when_nothing_could_be_accepted(
        self, cursors: PostgresCursors
    ) -> None:
        source, taking = FakeSource({"": (["a"], "1", False)}), FakeTaking(away=True)

        wait = await collect(source, take=taking, cursors=cursors)
        taking.away = False
        await collect(source, take=taking, cursors=cursors)

        assert (wait, source.asked, taking.taken, len(source.settled)) == (5, ["", ""], ["a"], 1)

    async def test_asks_for_the_same_again_when_the_agency_could_not_be_told(
        self, cursors: PostgresCursors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, taking = FakeSource({"": (["a"], "1", False)}), FakeTaking()

        async def away(_outcomes: object) -> None:
            raise Retriable("connect")

        monkeypatch.setattr(source, "_settle", away)
        with pytest.raises(Retriable):
            await collect(source, take=taking, cursors=cursors)

        assert await cursors.load("immigration") == ""

    async def test_says_so_when_the_table_is_away(self, cursors: PostgresCursors, database: Database) -> None:
        await database.pool.close()
        with pytest.raises(StoreUnavailableError):
            await cursors.load("immigration")
        with pytest.raises(StoreUnavailableError):
            await cursors.keep("immigration", "1")


class TestBackOff:
    def test_doubles_to_a_bound_and_heeds_the_agency_to_another(self) -> None:
        assert [back_off_s(each, None) for each in (1, 2, 3, 99)] == [1, 2, 4, LONGEST_WAIT_S]
        assert back_off_s(1, 30) == 30
        assert back_off_s(9, 0) == 256
        assert back_off_s(1, 10**9) == MOST_RETRY_AFTER_S


class TestCollector:
    async def test_tells_of_every_failure_and_backs_off_until_it_goes_again(
        self, cursors: PostgresCursors, database: Database
    ) -> None:
        source = FakeSource({"": Retriable("http_503")})
        pauses = Pauses(4)
        collector = Collector(database, [(source, FakeTaking())], cursors, pause=pauses)

        with capture_logs() as logs:
            await until(pauses, collector.work)

        assert pauses.waits == [1, 2, 4, 8]
        told = [(each["code"], each["reason"], each["attempt"]) for each in logs]
        assert told == [("http_503", "retriable", number) for number in (1, 2, 3, 4)]

    async def test_a_source_that_fails_keeps_no_other_waiting(
        self, cursors: PostgresCursors, database: Database
    ) -> None:
        bug, dead = FakeSource({"": ValueError("Zuzanna")}), FakeSource({"": NeedsAction("http_401")}, "tax")
        good, taking = FakeSource({"": (["a"], "1", False)}, "shelter"), FakeTaking()
        pauses = Pauses(3, also=lambda: all(each.asked for each in (bug, dead, good)) and bool(taking.taken))
        sources = [(bug, FakeTaking()), (dead, FakeTaking()), (good, taking)]

        with capture_logs() as logs:
            await until(pauses, Collector(database, sources, cursors, pause=pauses).work)

        assert taking.taken == ["a"]
        assert {each["code"] for each in logs} == {"bug", "http_401"}
        assert "Zuzanna" not in str(logs)

    async def test_tells_of_a_refused_item_by_its_code(
        self, cursors: PostgresCursors, database: Database
    ) -> None:
        source, pauses = FakeSource({"": (["a"], "1", False)}), Pauses(1)
        taking = FakeTaking(bad=frozenset("a"))

        with capture_logs() as logs:
            await until(pauses, Collector(database, [(source, taking)], cursors, pause=pauses).work)

        assert [(each["event"], each["agency"], each["code"]) for each in logs] == [
            ("refused", "immigration", "bad")
        ]

    async def test_heeds_how_long_the_agency_wants_to_be_left_alone(
        self, cursors: PostgresCursors, database: Database
    ) -> None:
        source, pauses = FakeSource({"": Throttled("http_429", retry_after=77)}), Pauses(1)

        await until(pauses, Collector(database, [(source, FakeTaking())], cursors, pause=pauses).work)

        assert pauses.waits == [77]

    async def test_stands_by_while_another_one_collects(
        self, cursors: PostgresCursors, database: Database
    ) -> None:
        source, pauses = FakeSource({}), Pauses(1)
        collector = Collector(database, [(source, FakeTaking())], cursors, pause=pauses)
        async with asyncio.timeout(20), administrator(database) as other:
            assert await other.fetchval(standby.LOCK, LOCK)
            running = asyncio.create_task(collector.work())
            await asked_for_the_lock(other)
            assert source.asked == []
            await other.execute("select pg_advisory_unlock_all()")
            await pauses.done.wait()
        assert source.asked == [""]
        await stop(running)

    async def test_stops_collecting_when_its_session_is_lost_and_begins_again(
        self, cursors: PostgresCursors, database: Database
    ) -> None:
        source, pauses = FakeSource({}), Pauses(1)
        collector = Collector(database, [(source, FakeTaking())], cursors, pause=pauses)
        running = asyncio.create_task(collector.work())
        async with asyncio.timeout(20), administrator(database) as other:
            await pauses.done.wait()
            pauses.done.clear()
            assert await other.fetchval(END_OF_SESSION)
            await pauses.done.wait()
        assert source.asked == ["", ""]
        await stop(running)
