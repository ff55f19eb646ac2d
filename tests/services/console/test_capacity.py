"""The places of agencies' units: the newest word of each, how old it is, and nothing left open about it."""

import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from stafet.console.adapters.traces import PostgresTraces
from stafet.console.domain.capacity import STALE_AFTER, newest
from stafet.console.domain.details import details
from stafet.console.domain.standing import state_of
from stafet.console.domain.steps import step_of
from stafet.console.domain.words import describe, places_text
from stafet.console.ports import Page
from tests.services.console.samples import night, stopped, withdrawn_twice
from tests.services.console.serving import Record

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TONIGHT = NOW - timedelta(hours=8)


class TestNewest:
    def test_word_of_a_unit_counts_whatever_the_order(self) -> None:
        events = [
            each for number in range(1, 4) for each in night(number, TONIGHT + timedelta(days=number)).events
        ]
        random.Random(7).shuffle(events)
        [found] = newest(step_of(each) for each in events)
        assert (found.unit, found.at) == ("kc_7", TONIGHT + timedelta(days=3))

    def test_word_is_stale_after_a_missing_night(self) -> None:
        [found] = newest(step_of(each) for each in night(1, NOW - STALE_AFTER).events)
        assert not found.is_stale(NOW)
        assert found.is_stale(NOW + timedelta(seconds=1))


class TestWords:
    @pytest.mark.parametrize(("free", "total", "text"), [
        (3, 12, "3 of 12 free"), (0, None, "0 free"), (None, 1, "1 place"),
        (None, None, "number of places not said"),
    ])  # fmt: skip
    def test_say_what_is_known(self, free: int | None, total: int | None, text: str) -> None:
        assert places_text(free, total) == text

    def test_name_unit_and_status(self) -> None:
        step = step_of(night(1, NOW).last)
        assert describe(step) == "Shelter reported places of kc_7: capacity"
        assert details(step) == ("3 of 12 free", "for: female, child")


class TestRecord:
    async def test_keeps_the_newest_of_each_unit_in_any_order(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        newer, older = night(1, TONIGHT, free=0), night(2, TONIGHT - timedelta(days=1))
        other = night(3, TONIGHT, unit="kc_8", free=None, total=None)
        await record(newer.events)
        await record([*older.events, *other.events])
        found = [(each.unit, each.at, each.free, each.total) for each in await traces.capacities()]
        assert found == [("kc_7", TONIGHT, 0, 12), ("kc_8", TONIGHT, None, None)]
        assert {each.accepts for each in await traces.capacities()} == {("female", "child")}

    async def test_a_message_that_is_settled_is_in_no_list(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        await record([*night(1, TONIGHT).events, *stopped(2, TONIGHT).events])
        overview = await traces.newest(Page(limit=9))
        assert (overview.total, len(overview.cases)) == (1, 1)
        found = await traces.case("row-1")
        assert found is not None
        assert state_of(found.progress) == "noted"

    async def test_a_message_is_settled_also_before_it_is_received(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        for event in reversed(night(1, TONIGHT).events):
            await record([event])
        assert (await traces.newest(Page(limit=9))).total == 0

    async def test_a_consent_that_was_withdrawn_before_belongs_to_its_case(
        self, record: Record, traces: PostgresTraces
    ) -> None:
        story = withdrawn_twice(1, TONIGHT)
        await record(story.events)
        overview = await traces.newest(Page(limit=9))
        assert [(each.case, each.events) for each in overview.cases] == [(story.case, len(story.events))]
        assert describe(step_of(story.last)) == "Message from Red Cross said nothing new"


class TestPage:
    async def test_shows_each_unit_with_its_age(self, client: httpx.AsyncClient, record: Record) -> None:
        await record([*night(1, TONIGHT).events, *night(2, NOW - timedelta(hours=40), unit="kc_8").events])
        page = (await client.get("/capacity")).text
        assert "3 of 12 free" in page
        assert page.count("Stale: ask by telephone") == 1
        assert page.index("kc_8") < page.index("Stale: ask by telephone")

    async def test_is_reached_from_every_page(self, client: httpx.AsyncClient) -> None:
        for path in ("/", "/capacity"):
            assert 'href="/capacity"' in (await client.get(path)).text

    async def test_says_so_when_nothing_is_known(self, client: httpx.AsyncClient) -> None:
        assert "No unit has said yet" in (await client.get("/capacity")).text
        assert (await client.get("/capacity.json")).json() == {"capacities": []}

    async def test_is_there_as_json(self, client: httpx.AsyncClient, record: Record) -> None:
        await record(night(1, NOW - timedelta(hours=37)).events)
        [found] = (await client.get("/capacity.json")).json()["capacities"]
        assert (found["agency"], found["unit"], found["free"], found["stale"]) == ("shelter", "kc_7", 3, True)

    async def test_of_the_message_says_that_nothing_is_open(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        await record(night(1, TONIGHT).events)
        page = (await client.get("/cases/row-1")).text
        assert "Message without a case" in page
        assert "Noted" in page
