"""What becomes of records: done once, parked with the reason, held in order behind what is parked."""

import asyncio

import asyncpg
import pytest

from stafet_runtime.cause import Cause
from stafet_runtime.clock import SystemIds
from stafet_runtime.consumer import Processor
from stafet_runtime.parked import RawRecord
from stafet_runtime.unit import transaction
from stafet_schemas.case import CaseOpened, DisclosureBlocked, DisclosureBlockedData
from stafet_schemas.codec import encode
from tests.fakes.clock import FakeClock
from tests.runtime.desk import TOPIC, Desk, garbage, opened, record, record_of

SECRET = "Zdravka-Petrova-1991"


class TestABatch:
    async def test_is_one_transaction_of_inbox_state_and_outbox(
        self, desk: Desk, processor: Processor
    ) -> None:
        await processor.process([record(1), record(2, "b"), record(3)])

        assert await desk.handled() == [1, 2, 3]
        assert [await desk.count(each) for each in ("inbox", "outbox", "parked")] == [3, 3, 0]
        transactions = await desk.database.pool.fetchval("select count(distinct xmin::text) from handled")
        assert transactions == 1

    async def test_that_comes_again_changes_nothing(self, desk: Desk, processor: Processor) -> None:
        await processor.process([record(1), record(2)])
        await processor.process([record(1), record(2), record(3)])

        assert await desk.handled() == [1, 2, 3]
        assert await desk.count("outbox") == 3

    async def test_with_one_event_at_two_offsets_has_one_effect(
        self, desk: Desk, processor: Processor
    ) -> None:
        await processor.process([record(1), record(2, "b"), record_of(opened(1), 9)])

        assert await desk.handled() == [1, 2]

    async def test_knows_an_id_in_capitals_as_the_same(self, desk: Desk, processor: Processor) -> None:
        capitals = "00000000-0000-0000-0000-0000000000AB"
        await processor.process([record_of(opened(1, event_id=capitals), 1)])
        await processor.process([record_of(opened(1, event_id=capitals.lower()), 2)])

        assert await desk.handled() == [0xAB]

    async def test_that_another_process_is_at_has_one_effect(
        self, desk: Desk, processor: Processor, clock: FakeClock
    ) -> None:
        other = Processor(desk.subscription(), desk.database, clock, SystemIds())
        batch = [record(number, f"case {number % 7}") for number in range(1, 60)]

        await asyncio.gather(processor.process(batch), other.process(batch[10:] + batch[:10]))

        assert sorted(await desk.handled()) == list(range(1, 60))
        assert await desk.count("parked") == 0

    async def test_of_nothing_is_done(self, desk: Desk, processor: Processor) -> None:
        await processor.process([])

        assert await desk.handled() == []

    async def test_passes_over_an_event_without_a_route(self, desk: Desk, processor: Processor) -> None:
        data = DisclosureBlockedData(
            case="a",
            referral="r",
            recipient="redcross",
            part="notice",
            purpose="support",
            policy="1",
            reason="x",
        )
        fields = opened(1).model_dump(exclude={"data", "type"})
        await processor.process([record_of(DisclosureBlocked(**fields, data=data), 1)])

        assert [await desk.count(each) for each in ("inbox", "outbox", "parked")] == [0, 0, 0]


class TestARecordThatIsNoEvent:
    @pytest.mark.parametrize(
        "bad",
        [
            garbage(5),
            RawRecord(TOPIC, 0, 5, b"a", [], b""),
            RawRecord(TOPIC, 0, 5, b"", [("x", b"\xff\xfe")], b"\0\xff"),
            record_of(opened(1, event_id=SECRET), 5),
        ],
        ids=["unknown type", "null value", "foreign bytes", "an id that is no UUID"],
    )
    async def test_is_parked_with_its_reason_and_stops_nobody(
        self, desk: Desk, processor: Processor, bad: RawRecord
    ) -> None:
        await processor.process([record(4), bad, record(6)])

        assert await desk.handled() == [4, 6]
        assert await desk.parked() == [(5, "undecodable", False)]
        reason = await desk.database.pool.fetchval("select reason from parked")
        assert reason
        assert SECRET not in reason

    async def test_is_parked_byte_for_byte(self, desk: Desk, processor: Processor) -> None:
        await processor.process([garbage(5)])
        await processor.process([garbage(5)])

        row = await desk.database.pool.fetchrow("select value, key, type from parked")
        assert row is not None
        assert tuple(row) == (b"{}", b"a", "no�type�")

    async def test_is_not_taken_for_the_one_that_stood_there_before_the_log_was_lost(
        self, desk: Desk, processor: Processor
    ) -> None:
        await processor.process([garbage(5)])
        await processor.process([RawRecord(TOPIC, 0, 5, b"a", [], b"other")])

        assert await desk.count("parked") == 2


class TestAFailingMessage:
    async def test_is_parked_alone_and_leaves_nothing_behind(self, desk: Desk, processor: Processor) -> None:
        desk.fails[2] = [ValueError(SECRET)] * 2
        await processor.process([record(1, "a"), record(2, "b"), record(3, "c")])

        assert await desk.handled() == [1, 3]
        assert await desk.parked() == [(2, "bug", True)]
        assert [await desk.count(each) for each in ("inbox", "outbox")] == [2, 2]

    async def test_is_named_by_type_and_place_only(self, desk: Desk, processor: Processor) -> None:
        desk.fails[1] = [ValueError(SECRET)] * 2
        await processor.process([record(1)])

        reason = await desk.database.pool.fetchval("select reason from parked")
        assert reason.startswith("ValueError at handle:")

    async def test_holds_the_later_ones_of_its_key_in_order(self, desk: Desk, processor: Processor) -> None:
        desk.fails[2] = [ValueError()] * 2
        await processor.process([record(1), record(2), record(3), record(4, "b"), record(5)])
        await processor.process([record(6), record(7, "b")])

        assert await desk.handled() == [1, 4, 7]
        assert await desk.parked() == [
            (2, "bug", True),
            (3, "held", True),
            (5, "held", True),
            (6, "held", True),
        ]

    async def test_holds_a_record_without_a_key_by_its_event(self, desk: Desk, processor: Processor) -> None:
        desk.fails[1] = [ValueError()] * 2
        await processor.process([record(1, "a", key=b""), record(2, "b", key=b""), record(3, "a")])

        assert await desk.handled() == [2]
        assert await desk.parked() == [(1, "bug", True), (3, "held", True)]

    async def test_that_comes_again_stays_parked_once(self, desk: Desk, processor: Processor) -> None:
        desk.fails[2] = [ValueError()] * 2
        batch = [record(1), record(2), record(3)]
        await processor.process(batch)
        await processor.process(batch)

        assert await desk.handled() == [1]
        assert await desk.parked() == [(2, "bug", True), (3, "held", True)]

    async def test_whose_error_looks_like_a_lost_database_does_not_stop_the_others(
        self, desk: Desk, processor: Processor
    ) -> None:
        desk.fails[1] = [FileNotFoundError(SECRET)] * 2
        await processor.process([record(1, "a"), record(2, "b")])

        assert await desk.handled() == [2]
        assert await desk.parked() == [(1, "transient", True)]

    async def test_that_lost_a_race_in_the_database_is_tried_again_by_itself(
        self, desk: Desk, processor: Processor
    ) -> None:
        desk.fails[1] = [asyncpg.DeadlockDetectedError()] * 2
        await processor.process([record(1)])

        assert await desk.parked() == [(1, "transient", True)]


class TestADatabaseThatIsAway:
    async def test_that_can_park_nothing_leaves_all_to_be_done_again(
        self, desk: Desk, processor: Processor
    ) -> None:
        await desk.database.pool.execute("alter table parked rename to parked_away")
        with pytest.raises(asyncpg.UndefinedTableError):
            await processor.process([record(1, "a"), record(2, "b")])
        await desk.database.pool.execute("alter table parked_away rename to parked")
        await processor.process([record(1, "a"), record(2, "b")])

        assert sorted(await desk.handled()) == [1, 2]
        assert await desk.parked() == []

    async def test_for_a_moment_parks_nothing(self, desk: Desk, processor: Processor) -> None:
        desk.cut = {2}
        await processor.process([record(1), record(2), record(3, "b")])

        assert sorted(await desk.handled()) == [1, 2, 3]
        assert await desk.parked() == []


class TestTheOutboxOfAMessage:
    async def test_names_its_cause_and_passes_its_trace_on(self, desk: Desk, processor: Processor) -> None:
        await processor.process([record(1, "a"), record(2, "b")])

        rows = await desk.database.pool.fetch("select key, headers from outbox order by id")
        assert [row["key"] for row in rows] == [b"a", b"b"]
        for row, number in zip(rows, (1, 2), strict=True):
            assert opened(number).id.encode() in row["headers"]
            assert dict(encode(opened(number))[1])["ce_traceparent"] in row["headers"]

    async def test_is_rolled_back_with_it(self, desk: Desk, clock: FakeClock) -> None:
        async def fail() -> None:
            async with transaction(desk.database, clock, SystemIds(), cause=Cause(opened(1).id)) as unit:
                unit.outbox.emit(CaseOpened, opened(1).data)
                raise ValueError("on purpose")

        with pytest.raises(ValueError, match="on purpose"):
            await fail()

        assert await desk.count("outbox") == 0
        assert not desk.database.handoff.woken.is_set()
