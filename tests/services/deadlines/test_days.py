"""Danish days: public holidays by year, working days, and days of 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.domain.days import Calendar

CALENDAR = load_plan().calendar

# Easter Sunday by the church's calendar; the others follow from it.
EASTER = {
    2023: (4, 9),
    2024: (3, 31),
    2025: (4, 20),
    2026: (4, 5),
    2027: (3, 28),
    2030: (4, 21),
    2038: (4, 25),
}
AFTER_EASTER = {"maundy": -3, "good_friday": -2, "monday": 1, "ascension": 39, "whit_monday": 50}
FIXED = [(1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)]


class TestHolidays:
    @pytest.mark.parametrize("year", EASTER)
    def test_are_those_of_the_church_and_the_authorities(self, year: int) -> None:
        easter = date(year, *EASTER[year])
        wanted = {easter + timedelta(days=each) for each in AFTER_EASTER.values()}
        wanted |= {date(year, *each) for each in FIXED}
        if year == 2023:
            wanted.add(easter + timedelta(days=26))
        days = [day for each in range(366) if (day := date(year, 1, 1) + timedelta(each)).year == year]

        found = {day for day in days if day.weekday() < 5 and not CALENDAR.works(day)}

        assert found == {day for day in wanted if day.weekday() < 5}

    def test_great_prayer_day_was_abolished_from_2024(self) -> None:
        assert not CALENDAR.works(date(2023, 5, 5))
        assert CALENDAR.works(date(2024, 4, 26))

    def test_the_first_of_may_is_a_working_day(self) -> None:
        assert CALENDAR.works(date(2026, 5, 1))


class TestWorkingDays:
    @pytest.mark.parametrize(
        ("day", "count", "last"),
        [
            (date(2026, 3, 2), 6, date(2026, 3, 10)),
            (date(2026, 3, 31), 6, date(2026, 4, 13)),
            (date(2026, 12, 22), 6, date(2027, 1, 5)),
            (date(2026, 6, 4), 1, date(2026, 6, 8)),
            (date(2023, 5, 4), 1, date(2023, 5, 8)),
        ],
    )
    def test_leave_out_weekends_and_holidays(self, day: date, count: int, last: date) -> None:
        assert CALENDAR.working_day(day, count) == last


class TestSummerTime:
    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
    )
    def test_a_day_is_as_long_as_it_is(self, day: date, hours: int) -> None:
        assert CALENDAR.ends(day) - CALENDAR.begins(day) == timedelta(hours=hours)

    def test_a_day_ends_at_midnight_in_copenhagen(self) -> None:
        assert CALENDAR.ends(date(2026, 3, 28)) == datetime(2026, 3, 28, 23, tzinfo=UTC)
        assert CALENDAR.ends(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC)
        assert CALENDAR.day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 2)

    def test_the_zone_is_of_the_locked_package_whatever_the_machine_has(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("zoneinfo.TZPATH", ())

        assert Calendar().begins(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, tzinfo=UTC)


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "after"),
        [
            (date(2026, 8, 31), 6, date(2027, 2, 28)),
            (date(2026, 1, 15), 6, date(2026, 7, 15)),
            (date(2026, 12, 31), 12, date(2027, 12, 31)),
            (date(2027, 8, 30), 6, date(2028, 2, 29)),
        ],
    )
    def test_end_on_the_same_day_or_the_last(self, day: date, months: int, after: date) -> None:
        assert CALENDAR.months_after(day, months) == after
