"""The clocks' file: what is wrong with it is said by name, and what is not wrong is in force by its dates."""

from datetime import UTC, date, datetime

import pytest

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.domain.clocks import parse_clocks
from stafet.deadlines.domain.watching import Plan, started
from stafet_runtime.dated import DataError
from stafet_schemas.codes import AGENCIES, PRIORITIES
from tests.services.deadlines.samples import NOON, event, routed

PLAN = load_plan()
HEAD = """
version = "t-1"
ends = []
closed = []
hours = []
memories = []
"""
CLOCK = """
[[clocks]]
clock = "held"
title = "Somebody who is held"
subject = "custody"
starts = ["custody.started"]
stops = ["custody.ended"]
limit = { hours = 72 }
owner = ["cmm"]
force = "practice"
citation = "a report"
valid_from = 2026-01-01
"""


class TestTheFile:
    def test_names_agencies_that_there_are(self) -> None:
        named = {each for clock in PLAN.clocks.clocks for each in (*clock.owner, *clock.notify)}

        assert {each for each in named if not each.startswith("$")} <= AGENCIES.codes

    def test_has_a_limit_for_every_priority(self) -> None:
        by = [each for each in PLAN.clocks.clocks if each.by == "priority"]

        assert by
        assert all(each.limits.keys() == PRIORITIES.codes for each in by)

    def test_has_each_clock_once_on_any_day(self) -> None:
        today = [each.clock for each in PLAN.clocks.clocks if each.holds(date(2026, 11, 30))]

        assert sorted(set(today)) == sorted(today)

    def test_gives_every_stage_of_a_clock_a_name_of_its_own(self) -> None:
        for clock in PLAN.clocks.clocks:
            for warnings in (clock.warnings, *(each.warnings or () for each in clock.starts)):
                stages = [each.stage for each in warnings]
                assert len(set(stages)) == len(stages)


class TestParseClocks:
    def test_takes_a_clock(self) -> None:
        assert parse_clocks("mine.toml", HEAD + CLOCK).clocks[0].limit.hours == 72

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('"custody.started"', '"custody.begun"', "held: no event custody.begun"),
            ('subject = "custody"', 'subject = "cell"', "held: custody.ended has no field cell"),
            ("hours = 72", 'until = "end"', "held: custody.started has no field end"),
            ("hours = 72", "hours = 72, days = 3", "clocks.0.limit: Value error, say exactly one of"),
            ("hours = 72", "hours = 0", "greater than or equal to 1"),
            ('"practice"', '"custom"', "clocks.0.force: Input should be 'statute', 'practice' or 'target'"),
            ('citation = "a report"', "", "clocks.0.citation: Field required"),
            ("valid_from", "valid_form", "clocks.0.valid_form: Extra inputs are not permitted"),
            ('"custody.ended"', '{ event = "custody.ended", when = { who = "x" } }', "no field who"),
            ("limit = {", 'renews = ["custody.begun"]\nlimit = {', "held: no event custody.begun"),
            ("limit = {", 'renews = ["case.closed"]\nlimit = {', "held: case.closed has no field custody"),
            ('version = "t-1"', "version =", "mine.toml is no TOML"),
        ],
    )
    def test_says_what_is_wrong(self, old: str, new: str, said: str) -> None:
        with pytest.raises(DataError, match=r".") as raised:
            parse_clocks("mine.toml", (HEAD + CLOCK).replace(old, new, 1))

        assert said in str(raised.value)


class TestDates:
    @pytest.mark.parametrize(
        ("at", "running"),
        [
            (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), False),
            (datetime(2025, 12, 31, 23, tzinfo=UTC), True),
            (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), True),
            (datetime(2026, 12, 31, 23, tzinfo=UTC), False),
        ],
    )
    def test_a_clock_is_in_force_by_the_danish_day_it_starts(self, at: datetime, running: bool) -> None:
        clocks = parse_clocks("mine.toml", HEAD + CLOCK + "valid_to = 2027-01-01")
        (clock,) = clocks.clocks
        held = event("custody.started", at, case="case-1", agency="cmm", message="rk-1", custody="c-1")

        new = started(Plan(clocks, PLAN.calendar), clock, clock.starts[0], held, {})

        assert (new is not None) is running

    def test_a_day_of_25_hours_makes_no_longer_24_hours(self) -> None:
        (clock,) = [each for each in PLAN.clocks.clocks if each.clock == "referral_answer"]
        before = datetime(2026, 10, 24, 12, tzinfo=UTC)

        hours = started(PLAN, clock, clock.starts[0], routed(before), {"priority": "acute"})
        days = started(PLAN, clock, clock.starts[0], routed(before), {"priority": "routine"})

        assert hours is not None
        assert days is not None
        assert hours.due == datetime(2026, 10, 25, 12, tzinfo=UTC)
        assert days.due == datetime(2026, 11, 7, 23, tzinfo=UTC)

    def test_ids_follow_from_clock_subject_and_cause(self) -> None:
        (clock,) = [each for each in PLAN.clocks.clocks if each.clock == "referral_answer"]
        start = routed(NOON)

        one, same = (started(PLAN, clock, clock.starts[0], start, {}) for _ in range(2))
        other = started(PLAN, clock, clock.starts[0], routed(NOON), {})

        assert one == same
        assert one is not None
        assert other is not None
        assert one.deadline != other.deadline
