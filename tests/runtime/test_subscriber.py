"""From the broker to the desk: nothing skipped, nothing twice, offsets committed behind the work."""

import time

import pytest
from structlog.testing import capture_logs

from stafet_runtime import subscriber as subscriber_module
from stafet_runtime.parked import RawRecord, TransientError
from tests.fakes.clock import FakeClock
from tests.runtime.consuming import (
    Group,
    hand_over_in_a_batch,
    inversions,
    numbered,
    until_assigned,
    until_handled,
    until_saving,
)
from tests.runtime.desk import TOPIC, Desk, garbage, record
from tests.runtime.publishing import case_topic
from tests.runtime.waiting import until


@pytest.fixture
async def group(kafka: str, topic_prefix: str, clock: FakeClock) -> Group:
    """A consumer group on its own empty topic."""
    await case_topic(kafka, topic_prefix)
    return Group(kafka, topic_prefix, clock)


class TestBatches:
    async def test_are_handled_and_committed_in_each_partition(self, desk: Desk, group: Group) -> None:
        await group.send(numbered(100))
        async with group.member(desk):
            await group.until_committed()

        assert sorted(await desk.handled()) == list(range(1, 101))
        assert inversions(await desk.handled()) == []

    async def test_survive_what_no_parser_takes(self, desk: Desk, group: Group) -> None:
        odd = [("null", None), ("bytes", b"\xff\xfe")]
        await group.send([record(1, "a"), garbage(2)], extra=odd)
        await group.send([RawRecord(TOPIC, 0, 3, b"a", [], b""), record(4, "a", key=b"")])
        async with group.member(desk):
            await group.until_committed()

        assert sorted(await desk.handled()) == [1, 4]
        assert [each[1:] for each in await desk.parked()] == [("undecodable", False)] * 2

    async def test_begin_where_the_group_ended(self, desk: Desk, group: Group) -> None:
        await group.send(numbered(10))
        async with group.member(desk):
            await group.until_committed()
        await group.send(numbered(10, begin=11))
        async with group.member(desk):
            await group.until_committed()

        assert sorted(await desk.handled()) == list(range(1, 21))
        assert desk.tries == 20

    async def test_wait_for_a_database_that_takes_nothing(
        self, desk: Desk, group: Group, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(subscriber_module, "PAUSE_S", 0.05)
        await desk.database.pool.execute("alter table parked rename to parked_away")
        await group.send(numbered(3))
        async with group.member(desk) as runner:

            async def waits() -> bool:
                return not runner.healthy

            await until(waits)
            lag = await group.lag()
            await desk.database.pool.execute("alter table parked_away rename to parked")
            await group.until_committed()

        assert lag == 3
        assert runner.healthy
        assert sorted(await desk.handled()) == [1, 2, 3]


class TestMembers:
    async def test_that_come_and_go_lose_and_double_and_invert_nothing(
        self, desk: Desk, group: Group
    ) -> None:
        async with group.member(desk, batch=7):
            await group.send(numbered(200))
            async with group.member(desk, batch=7) as second:
                await until_assigned(second)
                await group.send(numbered(200, begin=201))
                await until_handled(desk, 300)
            await group.send(numbered(100, begin=401))
            await group.until_committed()

        handled = await desk.handled()
        assert sorted(handled) == list(range(1, 501))
        assert inversions(handled) == []
        assert await desk.parked() == []

    async def test_that_stop_end_the_running_batch_first(self, desk: Desk, group: Group) -> None:
        desk.gate.clear()
        await group.send(numbered(5))
        async with group.member(desk):
            await until_saving(desk)
            desk.open_soon()

        assert len(await desk.handled()) == 5
        assert await group.lag() == 0

    async def test_that_hand_over_end_the_running_batch_first(self, desk: Desk, group: Group) -> None:
        with capture_logs() as logs:
            await hand_over_in_a_batch(desk, group)

        assert "revoked_while_busy" not in [each["event"] for each in logs]
        assert sorted(await desk.handled()) == list(range(1, 25))
        assert desk.tries == 24

    async def test_that_cannot_end_it_in_time_have_one_effect_all_the_same(
        self, desk: Desk, group: Group, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(subscriber_module, "DRAIN_S", 0)
        desk.gate.clear()
        with capture_logs() as logs:
            async with group.member(desk) as first:
                await until_assigned(first)
                await group.send(numbered(24))
                await until_saving(desk)
                async with group.member(desk):
                    desk.gate.set()
                    await group.until_committed()

        said = [each["event"] for each in logs]
        assert "revoked_while_busy" in said
        # What is left to it is committed, although the rest of the batch is another's now.
        assert "offset_not_committed" not in said
        assert sorted(await desk.handled()) == list(range(1, 25))
        assert inversions(await desk.handled()) == []


class TestRetries:
    async def test_follow_by_themselves(self, desk: Desk, group: Group, clock: FakeClock) -> None:
        desk.fails[1] = [TransientError()] * 2
        await group.send([record(1, "a"), record(2, "a"), record(3, "a")])
        async with group.member(desk):
            await group.until_committed()
            held = await desk.parked()
            clock.advance(1)
            await until_handled(desk, 3)

        assert [each[1] for each in held] == ["transient", "held", "held"]
        assert await desk.handled() == [1, 2, 3]


class TestLastPollAge:
    async def test_is_unknown_before_the_first_and_small_while_it_runs(
        self, desk: Desk, group: Group
    ) -> None:
        await group.send(numbered(12))
        async with group.member(desk) as runner:
            before = runner.last_poll_age_s(time.time() * 1000)
            await group.until_committed()
            after = runner.last_poll_age_s(time.time() * 1000)

        assert before is None
        assert after is not None
        assert after < 10
        assert runner.last_poll_age_s(0) is None
