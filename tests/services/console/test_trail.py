"""Recording: once, linked, and in any order."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from stafet.console.adapters.traces import PostgresTraces
from stafet.console.domain.standing import state_of
from stafet.console.ports import Page
from stafet_runtime.database import Database
from stafet_schemas import delivery, inbound
from stafet_schemas.case import CaseErased
from tests.services.console.samples import (
    Story,
    closed,
    decided,
    delivered,
    erased,
    rejected,
    stopped,
    too_late,
    unusable,
)
from tests.services.console.serving import Record

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
EVERYTHING = Page(limit=100)


async def listed(traces: PostgresTraces) -> dict[str, tuple[int, str]]:
    overview = await traces.newest(EVERYTHING)
    return {each.case: (each.events, state_of(each.progress)) for each in overview.cases}


class TestRecord:
    async def test_every_event_of_a_case_is_in_its_chain(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = closed(1, START)

        await record(story.events)

        assert [step.id for step in await traces.steps(story.case, 500)] == [
            event.id for event in story.events
        ]
        assert await listed(traces) == {story.case: (len(story.events), "loop_closed")}

    async def test_a_second_time_changes_nothing(self, record: Record, traces: PostgresTraces) -> None:
        story = closed(1, START)
        await record(story.events)
        before = await traces.newest(EVERYTHING)

        await record(story.events)

        assert await traces.newest(EVERYTHING) == before

    async def test_the_same_event_twice_in_a_batch_counts_once(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = delivered(1, START)

        await record([*story.events, *story.events])

        assert await listed(traces) == {story.case: (len(story.events), "delivered")}

    async def test_the_numbers_of_trouble_are_counted(self, record: Record, traces: PostgresTraces) -> None:
        await record([*stopped(1, START).events, *closed(2, START).events])

        overview = await traces.newest(EVERYTHING)

        assert (overview.total, overview.stopped, overview.waiting, overview.parked) == (2, 1, 0, 0)

    async def test_an_erased_case_keeps_its_steps_and_no_id_that_an_agency_gave(
        self, record: Record, traces: PostgresTraces, database: Database
    ) -> None:
        story, other = erased(1, START), closed(2, START)

        await record([*story.events, *other.events])
        await record(story.events[:1])

        assert (await listed(traces))[story.case] == (len(story.events), "erased")
        kept = str(await database.pool.fetch("select * from events"))
        kept += str(await database.pool.fetch("select * from cases"))
        for name in ("tx-{}", "POL-000{}", "a-{}", "s-{}", "c-{}"):
            assert f"'{name.format(1)}'" not in kept.replace('"', "'")
            assert f"'{name.format(2)}'" in kept.replace('"', "'")

    async def test_a_decision_is_in_its_case_and_of_an_erased_one_no_receipt_stays(
        self, record: Record, traces: PostgresTraces, database: Database
    ) -> None:
        story = decided(1, START)
        await record(story.events)
        assert await listed(traces) == {story.case: (len(story.events), "delivered")}

        story.add(CaseErased, reason="no_longer_needed", recipients=())
        await record(story.events[-1:])

        kept = str(await database.pool.fetch("select * from events")).replace('"', "'")
        assert "identification.decision_reversed" in kept
        assert "'i-1'" not in kept
        assert "'j-1'" not in kept

    async def test_of_an_erased_case_no_receipt_stays_that_stood_for_it(
        self, record: Record, traces: PostgresTraces, database: Database
    ) -> None:
        story = too_late(1, START)
        story.add(CaseErased, reason="no_longer_needed", recipients=())

        await record(story.events)

        assert await listed(traces) == {story.case: (len(story.events), "erased")}
        kept = str(await database.pool.fetch("select message, correlation, matter, data from events"))
        assert "01a22e2f-0001" not in kept


class TestLink:
    async def test_a_message_follows_an_effect_that_comes_later(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = Story(1, START)
        story.submit()
        received, opened, submitted = story.events
        await record([received])
        alone = await listed(traces)

        await record([opened])
        await record([submitted])

        assert alone == {"tx-1": (1, "received")}
        assert await listed(traces) == {story.case: (3, "submitted")}

    async def test_a_message_follows_an_effect_that_came_first(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = Story(1, START)
        story.submit()
        received, opened, submitted = story.events
        await record([submitted])
        await record([opened])

        await record([received])

        assert await listed(traces) == {story.case: (3, "submitted")}

    async def test_an_answer_is_linked_by_its_message_when_no_cause_is_named(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = delivered(1, START)
        received = story.message("redcross", "a-1")
        story.add(delivery.DeliveryAccepted, agency="redcross", message="a-1")

        await record([received])
        await record([each for each in story.events if each is not received])

        assert await listed(traces) == {story.case: (len(story.events), "delivered")}

    async def test_a_submission_is_linked_by_the_senders_request_when_no_cause_is_named(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = Story(1, START)
        received = story.message("police", story.placer)
        submitted = story.submit().model_copy(update={"causationid": None})

        await record([submitted])
        await record([received])

        assert await listed(traces) == {story.case: (2, "submitted")}

    async def test_what_is_told_about_a_message_is_in_the_case_of_that_message(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = too_late(1, START)

        await record(story.events)

        assert await listed(traces) == {story.case: (len(story.events), "cancelled")}

    async def test_another_agencys_message_of_the_same_name_stays_outside(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        await record([Story(2, START).message("redcross", "tx-1")])

        assert await listed(traces) == {
            story.case: (len(story.events), "loop_closed"), "tx-1": (1, "received")
        }  # fmt: skip

    async def test_two_agencies_that_name_a_message_alike_are_told_apart_by_cause(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story, other = closed(1, START), Story(2, START)
        stranger = other.message("redcross", "tx-1")
        await record([stranger, story.events[0]])

        await record(story.events[1:])

        assert await listed(traces) == {
            story.case: (len(story.events), "loop_closed"), "tx-1": (1, "received")
        }  # fmt: skip

    async def test_a_message_without_a_case_keeps_its_whole_chain(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = unusable(1, START)

        for event in reversed(story.events):
            await record([event])

        assert await listed(traces) == {"tx-1": (5, "sender_told")}

    async def test_a_rejected_message_whose_case_becomes_known_moves_with_its_cause(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = delivered(1, START)
        received = story.message("redcross", "odd")
        bad = story.add(inbound.MessageRejected, received, agency="redcross", message="odd", problems=())
        await record([received, bad])

        effect = story.add(delivery.DeliveryRejected, bad, agency="redcross", message="x", reason="other")
        await record([effect])

        assert {case: events for case, (events, _) in (await listed(traces)).items()} == {story.case: 3}

    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("tell", [closed, rejected, stopped, unusable, too_late])
    async def test_any_order_in_any_batches_gives_the_same(
        self,
        record: Record,
        traces: PostgresTraces,
        tell: Callable[[int, datetime], Story],
        seed: int,
    ) -> None:
        chance = random.Random(seed)
        events = [*tell(1, START).events, *tell(2, START).events]
        await record(events)
        expected = await traces.newest(EVERYTHING)
        chains = [await traces.steps(each.case, 500) for each in expected.cases]
        async with traces._pool.acquire() as connection:  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - start anew
            await connection.execute("truncate events, cases")

        chance.shuffle(events)
        while events:
            size = chance.randint(1, 9)
            await record(events[:size])
            del events[:size]

        assert await traces.newest(EVERYTHING) == expected
        assert [await traces.steps(each.case, 500) for each in expected.cases] == chains

    async def test_cause_and_effect_recorded_at_the_same_moment_find_each_other(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        stories = [delivered(number, START) for number in range(8)]

        await asyncio.gather(*(record([event]) for story in stories for event in story.events[:3]))

        assert await listed(traces) == {story.case: (3, "submitted") for story in stories}


class TestTraces:
    async def test_the_list_is_paged_newest_first(self, record: Record, traces: PostgresTraces) -> None:
        stories = [delivered(number, START.replace(minute=number)) for number in range(5)]
        await record([event for story in stories for event in story.events])
        first = await traces.newest(Page(limit=3))
        last = first.cases[-1]
        second = await traces.newest(Page(limit=3, before=(last.opened, last.case)))

        names = [story.case for story in reversed(stories)]
        assert [each.case for each in (*first.cases, *second.cases)] == names
        assert (first.more, second.more) == (True, False)

    async def test_only_those_in_trouble_are_listed_on_demand(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        held = stopped(1, START)
        await record([*held.events, *closed(2, START).events])

        overview = await traces.newest(Page(limit=3, trouble_only=True))

        assert [each.case for each in overview.cases] == [held.case]

    async def test_every_kind_of_id_leads_to_the_case(self, record: Record, traces: PostgresTraces) -> None:
        story = closed(1, START)
        await record(story.events)

        for reference in (story.case, story.referral, story.placer, "tx-1", "a-1", story.last.id):
            assert await traces.resolve(reference) == story.case

    async def test_an_unknown_id_leads_nowhere(self, traces: PostgresTraces) -> None:
        assert await traces.resolve("nothing") is None
        assert await traces.case("nothing") is None
        assert await traces.steps("nothing", 10) == []

    async def test_the_newest_steps_are_given_when_there_are_more(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        assert [step.id for step in await traces.steps(story.case, 2)] == [
            each.id for each in story.events[-2:]
        ]

    async def test_a_thousand_cases_are_read_from_indexes(self, record: Record, database: Database) -> None:
        stories = [delivered(number, START) for number in range(300)]
        await record([event for story in stories for event in story.events])
        queries = (
            "select * from events where matter = 'x' order by time desc, id desc limit 9",
            "select * from cases where state <> 'noted' order by opened desc, matter desc limit 9",
        )
        async with database.pool.acquire() as connection:
            await connection.execute("analyze events, cases")
            plans = [await connection.fetchval("explain (format json) " + each) for each in queries]

        assert all("Seq Scan" not in plan and "Index Scan" in plan for plan in plans)
