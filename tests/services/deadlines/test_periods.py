"""What runs of a reflection or recovery period: its last day, and the answer to a request for a later one."""

from datetime import UTC, date, datetime, timedelta

from stafet_schemas.deadline import DeadlineWarned
from tests.services.deadlines.samples import DAY, FACT, NOON, Desk, dues, event, granted


class TestAPeriod:
    async def test_is_warned_of_on_the_days_that_matter_and_is_over_at_midnight(self, desk: Desk) -> None:
        await desk.take(granted(date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29)))

        told = {day: said for day in range(1, 40) if (said := await desk.wait(DAY))}

        # Seen each day at noon; the first is the second day.
        assert told == {
            19: ["warned period_end day_20"],
            24: ["warned period_end day_25"],
            27: ["warned period_end day_28"],
            30: ["breached period_end"],
        }

    async def test_ends_with_its_breach(self, desk: Desk) -> None:
        await desk.take(granted(date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29)))
        await desk.wait(31 * DAY)
        ended = event(
            "period.ended_early", NOON + timedelta(days=32), **FACT, period="p-1", kind="reflection", rule="r"
        )

        assert await desk.take(ended) == ["met period_cap"]

    async def test_that_is_extended_is_set_anew(self, desk: Desk) -> None:
        first, cap = date(2026, 3, 2), date(2026, 6, 29)
        await desk.take(granted(first, date(2026, 3, 31), cap))

        told = await desk.take(
            granted(first, date(2026, 5, 10), cap, NOON + timedelta(days=28), "period.extended")
        )

        assert told == ["met period_end", "set period_end"]
        assert (await dues(desk))["period_end"] == datetime(2026, 5, 10, 22, tzinfo=UTC)
        assert "warned period_end days_left_10" in await desk.wait(59 * DAY)

    async def test_warns_whom_it_is_told_to_and_repeats_no_warning(self, desk: Desk) -> None:
        days = date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29)
        await desk.take(granted(*days, agency="immigration", notify=("shelter",)))
        first = await desk.wait(20 * DAY)

        told = await desk.take(granted(*days, name="period.contacts_changed", notify=("redcross",)))

        assert (first, told) == (["warned period_end day_20"], [])
        assert await desk.wait() == []
        assert await desk.wait(5 * DAY) == ["warned period_end day_25"]
        warned = [each for each in await desk.emitted() if isinstance(each, DeadlineWarned)]
        assert [each.data.notify for each in warned] == [
            ("shelter", "immigration"),
            ("redcross", "immigration"),
        ]

    async def test_changes_contacts_of_no_other_period(self, desk: Desk) -> None:
        days = date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29)
        await desk.take(granted(*days, notify=("shelter",)))

        await desk.take(
            granted(*days, name="period.contacts_changed", notify=("redcross",), period="p-2"),
        )

        await desk.wait(20 * DAY)
        (warned,) = [each for each in await desk.emitted() if isinstance(each, DeadlineWarned)]
        assert warned.data.notify == ("shelter",)

    async def test_whose_extension_nobody_answers_is_the_coordinators(self, desk: Desk) -> None:
        days = date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29)
        asked_at = NOON + timedelta(days=25)
        await desk.take(granted(*days))

        # A Friday: its fifth working day is Wednesday 8 April, because of Easter.
        assert await desk.take(granted(*days, asked_at, "period.extension_requested")) == [
            "set period_extension"
        ]
        assert (await dues(desk))["period_extension"] == datetime(2026, 4, 8, 22, tzinfo=UTC)
        assert "breached period_extension" in await desk.wait(60 * DAY)
        refused = granted(*days, asked_at + timedelta(days=40), "period.extension_refused")
        assert await desk.take(refused) == ["met period_extension late"]
