"""What is told when time passes: once each, over restarts, clock steps and a log that is not read yet."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from structlog.testing import capture_logs

from stafet.deadlines.adapters.ticker import Ticker
from stafet_runtime.database import Database
from stafet_schemas.deadline import DeadlineMet
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.reading import FakeReading
from tests.runtime.waiting import until
from tests.services.deadlines.samples import DAY, HOUR, NOON, Desk, accepted, routed, shown, submitted

OPEN = (submitted, routed)


@pytest.fixture
async def waiting(desk: Desk) -> Desk:
    """An acute referral that is not answered: warned after 12 hours, breached after 24."""
    await desk.take(*(each() for each in OPEN))
    return desk


class TestTime:
    async def test_warns_and_breaches_when_it_is_time_and_not_before(self, waiting: Desk) -> None:
        assert await waiting.wait(12 * HOUR - 1) == []
        assert await waiting.wait(1) == ["warned referral_answer half"]
        assert await waiting.wait(12 * HOUR - 1) == []
        assert await waiting.wait(1) == ["breached referral_answer"]
        assert await waiting.wait(90 * DAY) == []

    async def test_names_the_fact_that_started_the_clock_as_the_cause(self, desk: Desk) -> None:
        start = routed()
        await desk.take(submitted(), start)
        await desk.wait(DAY)

        assert {each.causationid for each in await desk.emitted()} == {start.id}

    async def test_an_answer_after_the_breach_is_late(self, waiting: Desk) -> None:
        await waiting.wait(25 * HOUR)

        told = await waiting.take(accepted(NOON + timedelta(hours=26)))

        assert told == ["met referral_answer late", "set referral_start"]

    async def test_an_answer_read_late_was_not_late(self, waiting: Desk) -> None:
        await waiting.wait(25 * HOUR)

        assert (await waiting.take(accepted(NOON + timedelta(hours=3))))[0] == "met referral_answer"

    async def test_a_breach_that_nobody_looked_at_is_told_by_the_late_answer(self, waiting: Desk) -> None:
        told = await waiting.take(accepted(NOON + timedelta(hours=26)))

        assert told == ["breached referral_answer", "met referral_answer late", "set referral_start"]
        assert await waiting.wait(25 * HOUR) == []

    async def test_tells_more_than_fit_into_one_transaction(self, desk: Desk) -> None:
        many = [routed(case=f"case-{number}", referral=f"referral-{number}") for number in range(1100)]
        await desk.take(*many)

        assert len(await desk.wait(DAY)) == 2200


class TestTheLog:
    async def test_that_is_not_read_tells_nothing(self, waiting: Desk, reading: FakeReading) -> None:
        reading.unknown = True
        with capture_logs() as logs:
            assert await waiting.wait(DAY) == []
        assert ("deadlines_wait", 1) in [(each["event"], each.get("count")) for each in logs]

        reading.unknown = False
        assert await waiting.wait() == ["warned referral_answer half", "breached referral_answer"]

    async def test_that_is_read_up_to_a_time_tells_what_was_due_by_then(
        self, waiting: Desk, reading: FakeReading
    ) -> None:
        reading.behind = NOON + timedelta(hours=13)

        assert await waiting.wait(DAY) == ["warned referral_answer half"]

    async def test_that_holds_an_answer_raises_no_alarm_for_it(
        self, waiting: Desk, reading: FakeReading
    ) -> None:
        reading.behind = NOON
        assert await waiting.wait(3 * DAY) == []
        await waiting.take(accepted(NOON + timedelta(hours=1)))
        reading.behind = None

        await waiting.wait()

        told = [shown(each) for each in await waiting.emitted()]
        assert [each for each in told if "referral_answer" in each] == [
            "set referral_answer",
            "met referral_answer",
        ]


class TestSteps:
    async def test_a_clock_set_back_tells_nothing_again_and_takes_nothing_back(self, waiting: Desk) -> None:
        await waiting.wait(25 * HOUR)
        before = await waiting.table()

        with capture_logs() as logs:
            assert await waiting.wait(-20 * HOUR) == []
        assert await waiting.wait(20 * HOUR) == []

        assert await waiting.table() == before
        assert {
            "event": "clock_stepped",
            "log_level": "warning",
            "service": "deadlines",
            "seconds": -72000.0,
        } in logs

    async def test_a_clock_set_forward_tells_each_once_and_says_so(self, waiting: Desk) -> None:
        await waiting.wait()
        with capture_logs() as logs:
            told = await waiting.wait(365 * DAY)

        assert told == ["warned referral_answer half", "breached referral_answer"]
        assert [each["event"] for each in logs] == ["clock_stepped", "deadlines_told_late"]
        assert await waiting.wait(-365 * DAY) == []


class TestRestarts:
    async def test_what_was_told_is_not_told_by_the_next_process(
        self, waiting: Desk, open_desk: Callable[[], Desk]
    ) -> None:
        await waiting.wait(13 * HOUR)

        restarted = open_desk()

        assert await restarted.wait() == []
        assert await restarted.wait(11 * HOUR) == ["breached referral_answer"]
        assert await waiting.wait() == []

    @pytest.mark.usefixtures("waiting")
    async def test_what_came_due_meanwhile_is_told_then(
        self, open_desk: Callable[[], Desk], clock: FakeClock
    ) -> None:
        clock.advance(30 * HOUR)

        assert await open_desk().wait() == ["warned referral_answer half", "breached referral_answer"]

    async def test_a_transaction_that_fails_has_told_nothing(self, waiting: Desk, database: Database) -> None:
        await database.pool.execute("alter table outbox add constraint full_up check (id < 0) not valid")
        with pytest.raises(Exception, match="full_up"):
            await waiting.wait(13 * HOUR)
        await database.pool.execute("alter table outbox drop constraint full_up")

        assert await waiting.wait() == ["warned referral_answer half"]


class TestReplay:
    async def test_the_same_log_again_changes_nothing(self, desk: Desk) -> None:
        log = [submitted(), routed(), accepted(NOON + timedelta(hours=26))]
        await desk.take(*log)
        before = (await desk.table(), await desk.emitted())

        assert await desk.take(*log) == []

        assert (await desk.table(), await desk.emitted()) == before

    async def test_into_an_empty_schema_tells_nothing_under_another_id(
        self, desk: Desk, database: Database, open_desk: Callable[[], Desk], clock: FakeClock
    ) -> None:
        first, second = (submitted(), routed()), accepted(NOON + timedelta(hours=26))
        await desk.take(*first)
        await desk.wait(25 * HOUR)
        await desk.take(second)
        await desk.wait(80 * DAY)
        once, told = await desk.table(), await desk.emitted()
        await database.pool.execute("truncate inbox, outbox, deadlines, things")
        clock.advance(DAY)

        again = open_desk()
        await again.take(*first, second)
        await again.wait()

        # A warning of what is done by now is not told again; everything else is, under the id it has had.
        assert {each.id for each in await again.emitted()} <= {each.id for each in told}
        assert [each.data for each in await again.emitted() if isinstance(each, DeadlineMet)] == [
            each.data for each in told if isinstance(each, DeadlineMet)
        ]
        assert [(each["deadline"], each["due"], each["ended"]) for each in await again.table()] == [
            (each["deadline"], each["due"], each["ended"]) for each in once
        ]


class TestSeveralProcesses:
    async def test_one_looks_and_the_next_takes_over(
        self, waiting: Desk, database: Database, clock: FakeClock, reading: FakeReading
    ) -> None:
        clock.advance(12 * HOUR)
        tickers = [asyncio.create_task(Ticker(database, clock, FakeIds(), reading).run()) for _ in range(3)]
        await until(partial(_told, waiting, 2))
        clock.advance(12 * HOUR)
        tickers[0].cancel()
        await until(partial(_told, waiting, 3))
        for each in tickers:
            each.cancel()
        await asyncio.gather(*tickers, return_exceptions=True)

        assert [shown(each) for each in await waiting.emitted()] == [
            "set referral_answer",
            "warned referral_answer half",
            "breached referral_answer",
        ]

    async def test_two_that_look_at_once_tell_it_once(
        self, waiting: Desk, database: Database, clock: FakeClock, reading: FakeReading
    ) -> None:
        clock.advance(12 * HOUR)
        both = [Ticker(database, clock, FakeIds(number), reading) for number in range(2)]

        await asyncio.gather(*(each.tick() for each in both))

        assert len(await waiting.emitted()) == 2


async def _told(desk: Desk, count: int) -> bool:
    return len(await desk.emitted()) >= count
