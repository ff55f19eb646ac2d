"""How far a service has read, on a real broker: by what stood in the log, not by guesses about time."""

from datetime import timedelta

import pytest

from stafet_runtime.reading import LogReading
from tests.fakes.clock import FakeClock
from tests.runtime.consuming import Group, numbered
from tests.runtime.desk import BEGUN, SERVICE, TOPIC, Desk
from tests.runtime.publishing import case_topic
from tests.runtime.waiting import until

LATER = BEGUN + timedelta(hours=1)


@pytest.fixture
async def group(kafka: str, topic_prefix: str, clock: FakeClock) -> Group:
    """A consumer group on its own empty topic."""
    await case_topic(kafka, topic_prefix)
    return Group(kafka, topic_prefix, clock)


@pytest.fixture
def reading(group: Group) -> LogReading:
    """What tells how far the desk has read."""
    return LogReading(group.bootstrap, SERVICE, [TOPIC], prefix=group.prefix)


class TestUpto:
    async def test_an_empty_log_is_read(self, reading: LogReading) -> None:
        async def known() -> bool:
            # A broker that nobody has asked for a group yet makes its topic of offsets first.
            return await reading.upto(BEGUN) == BEGUN

        await until(known)

    async def test_what_nobody_has_read_is_not(self, reading: LogReading, group: Group) -> None:
        await group.send(numbered(3))

        assert await reading.upto(BEGUN) is None

    async def test_what_was_handled_and_committed_is(
        self, reading: LogReading, group: Group, desk: Desk
    ) -> None:
        await group.send(numbered(30))
        async with group.member(desk):
            await group.until_committed()

        assert await reading.upto(LATER) == LATER

    async def test_holds_for_the_time_it_was_asked_while_more_keeps_coming(
        self, reading: LogReading, group: Group, desk: Desk
    ) -> None:
        await group.send(numbered(10))
        assert await reading.upto(BEGUN) is None
        async with group.member(desk):
            await group.until_committed()
        await group.send(numbered(10, begin=11))

        assert await reading.upto(LATER) == BEGUN

    async def test_is_not_trusted_once_the_clock_was_set_back(
        self, reading: LogReading, group: Group
    ) -> None:
        assert await reading.upto(LATER) == LATER
        await group.send(numbered(1))

        assert await reading.upto(BEGUN) is None

    async def test_stays_as_it_was_while_the_broker_is_away(
        self, reading: LogReading, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nobody = LogReading("127.0.0.1:1", SERVICE, [TOPIC])
        assert await nobody.upto(BEGUN) is None

        assert await reading.upto(BEGUN) == BEGUN
        monkeypatch.setattr(reading, "_bootstrap", ["127.0.0.1:1"])
        assert await reading.upto(LATER) == BEGUN
