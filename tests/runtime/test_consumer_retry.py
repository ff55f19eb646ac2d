"""What is parked comes back by itself where it may, in order, and lets go whom it need not hold."""

import asyncio

from stafet_runtime.clock import SystemIds
from stafet_runtime.consumer import Processor
from stafet_runtime.parked import TransientError
from tests.fakes.clock import FakeClock
from tests.runtime.desk import Desk, opened, record


class TestAnIndependentTopic:
    async def test_holds_no_key_for_a_bug(self, desk: Desk, independent: Processor) -> None:
        desk.fails[1] = [ValueError()] * 2
        await independent.process([record(1), record(2)])

        assert await desk.handled() == [2]
        assert await desk.parked() == [(1, "bug", False)]

    async def test_holds_the_key_for_what_passes(self, desk: Desk, independent: Processor) -> None:
        desk.fails[1] = [TransientError()] * 2
        await independent.process([record(1), record(2)])

        assert await desk.handled() == []
        assert await desk.parked() == [(1, "transient", True), (2, "held", True)]

    async def test_lets_the_lane_go_when_a_retry_finds_a_bug(
        self, desk: Desk, independent: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1] = [TransientError(), TransientError(), ValueError()]
        await independent.process([record(1), record(2)])
        clock.advance(1)

        assert await independent.retry_parked() == 1
        assert await independent.retry_parked() == 1
        assert await desk.handled() == [2]
        assert await desk.parked() == [(1, "bug", False)]


class TestRetry:
    async def test_follows_the_schedule(self, desk: Desk, processor: Processor, clock: FakeClock) -> None:
        desk.fails[1] = [TransientError() for _ in range(9)]
        await processor.process([record(1)])
        waits: list[int] = []
        for _ in range(7):
            tried, waited = desk.tries, 0
            while desk.tries == tried:
                clock.advance(1)
                waited += 1
                await processor.retry_parked()
            waits.append(waited)

        assert waits == [1, 2, 5, 10, 30, 60, 60]

    async def test_lets_the_held_ones_follow_in_order_and_at_once(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1] = [TransientError()] * 2
        await processor.process([record(1), record(2), record(3), record(4, "b")])
        await processor.process([record(5)])
        clock.advance(1)
        while await processor.retry_parked():
            pass

        assert await desk.handled() == [4, 1, 2, 3, 5]
        assert await desk.parked() == []

    async def test_keeps_what_arrives_in_between_behind_the_rest(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1] = [TransientError()] * 2
        await processor.process([record(1), record(2)])
        clock.advance(1)
        assert await processor.retry_parked() == 1
        await processor.process([record(3)])
        while await processor.retry_parked():
            pass
        await processor.process([record(4)])

        assert await desk.handled() == [1, 2, 3, 4]

    async def test_of_a_held_one_that_fails_holds_the_rest_again(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1], desk.fails[2] = [TransientError()] * 2, [ValueError()]
        await processor.process([record(1), record(2), record(3)])
        clock.advance(1)
        while await processor.retry_parked():
            pass

        assert await desk.handled() == [1]
        assert await desk.parked() == [(2, "bug", True), (3, "held", True)]

    async def test_leaves_a_bug_to_a_human_until_they_set_its_time(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1] = [ValueError()] * 2
        await processor.process([record(1)])
        clock.advance(86_400)
        assert await processor.retry_parked() == 0
        await desk.database.pool.execute("update parked set retry_at = $1", clock.now())

        assert await processor.retry_parked() == 1
        assert await desk.handled() == [1]

    async def test_by_two_processes_has_one_effect(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        other = Processor(desk.subscription(), desk.database, clock, SystemIds())
        desk.fails[1] = [TransientError()] * 2
        await processor.process([record(1)])
        clock.advance(1)

        moved = await asyncio.gather(processor.retry_parked(), other.retry_parked())

        assert sorted(moved) == [0, 1]
        assert await desk.handled() == [1]

    async def test_keeps_what_it_can_no_longer_read(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1] = [TransientError()] * 2
        await processor.process([record(1), record(2)])
        await desk.database.pool.execute("""update parked set value = '{"' where "offset" = 1""")
        clock.advance(1)
        while await processor.retry_parked():
            pass

        assert await desk.handled() == [2]
        assert await desk.parked() == [(1, "undecodable", False)]

    async def test_of_what_was_done_meanwhile_only_lets_it_go(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        desk.fails[1] = [TransientError()] * 2
        await processor.process([record(1)])
        await desk.database.pool.execute("insert into inbox (event_id) values ($1)", opened(1).id)
        clock.advance(1)

        assert await processor.retry_parked() == 1
        assert await desk.handled() == []
        assert await desk.parked() == []
