from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from stafet.contacts.adapters import load_hours
from stafet.contacts.domain.hours import parse_hours
from stafet_runtime.dated import DataError

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOURS = load_hours()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


class TestHours:
    @pytest.mark.parametrize(
        ("when", "is_open"),
        [
            ("2026-03-02 08:29", False),
            ("2026-03-02 08:30", True),
            ("2026-03-02 15:59", True),
            ("2026-03-02 16:00", False),
            ("2026-03-07 08:59", False),
            ("2026-03-07 09:00", True),
            # Easter Monday has the hours of a weekend.
            ("2026-04-06 08:45", False),
            ("2026-04-06 09:00", True),
            # The day summer time begins, and the evening it has ended.
            ("2026-03-29 09:00", True),
            ("2026-10-25 14:59", True),
        ],
    )
    def test_are_in_danish_time(self, when: str, is_open: bool) -> None:
        assert HOURS.turn("hotline", at(when)).open is is_open

    def test_give_outreach_its_own_at_any_hour(self) -> None:
        turn = HOURS.turn("massage_clinic", at("2026-03-02 23:59"))

        assert (turn.agency, turn.open) == ("outreach", True)

    def test_give_a_venue_that_no_line_names_to_the_first(self) -> None:
        assert HOURS.turn("ship", at("2026-03-02 10:00")).agency == "cmm"


class TestAFileOfHours:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('to = "16:00"', 'to = "08:00"', "closes before it opens"),
            ('agency = "outreach"', 'agency = "circus"', "no such code"),
            ('version = "hours-1"', "", "version"),
            ("[[lines]]", "[[lines", "no TOML"),
        ],
    )
    def test_that_is_none_says_why(self, old: str, new: str, said: str) -> None:
        from importlib import resources  # noqa: PLC0415 - the text of one test

        text = (resources.files("stafet.contacts") / "hours.toml").read_text(encoding="utf-8")

        with pytest.raises(DataError, match=said):
            parse_hours("hours.toml", text.replace(old, new))
