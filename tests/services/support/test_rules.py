"""Who may say what, as dated data."""

from datetime import date
from pathlib import Path

import pytest

from stafet.support.adapters import load_rules
from stafet.support.domain.machines import OWN
from stafet.support.domain.rules import parse_rules
from stafet_runtime.dated import DataError
from stafet_schemas.codes import AGENCIES
from tests.guards.rules.tree import ROOT

TODAY = date(2026, 11, 24)
SHIPPED = (ROOT / "services/stafet/support/rules.toml").read_text(encoding="utf-8")


class TestLoadRules:
    def test_name_agencies_that_there_are_and_cite_what_they_stand_on(self) -> None:
        rules = load_rules()
        named = {each.agency for each in rules.channels} | {each.agency for each in rules.providers}
        named |= {agency for each in rules.mandates for agency in each.agencies}

        assert named <= AGENCIES.codes
        assert all(
            each.citation
            for dated in (rules.channels, rules.providers, rules.mandates, rules.duties, rules.reintegration)
            for each in dated
        )

    def test_let_no_agency_say_everything_but_what_is_owed_to_a_child_anybody(self) -> None:
        rules = load_rules()
        said = {
            agency: {step for step in OWN if rules.may_say(step, agency, None, TODAY)}
            for agency in AGENCIES.codes
        }

        assert {step for step in OWN if all(step in each for each in said.values())} == {
            "child_suspected", "child_notification_sent", "child_reported_missing", "child_found"
        }  # fmt: skip
        assert not any(each == OWN for each in said.values())

    def test_hold_from_their_first_day(self) -> None:
        rules = load_rules()

        assert rules.connected("shelter", TODAY)
        assert not rules.connected("shelter", date(2025, 12, 31))
        assert (rules.law("child_suspected", TODAY), rules.law("child_suspected", date(2023, 1, 1))) == (
            "barnets_lov_133",
            None,
        )
        assert (rules.months(TODAY), rules.months(date(2025, 1, 1))) == (6, None)
        assert (rules.giver("representation", TODAY), rules.giver("custody_visit", TODAY)) == (
            "family_court",
            None,
        )

    def test_may_be_the_operators_own(self, tmp_path: Path) -> None:
        own = tmp_path / "rules.toml"
        own.write_text(SHIPPED.replace('agency = "shelter"', 'agency = "hotel"'), encoding="utf-8")

        assert load_rules(own).gives("hotel", "accommodation", TODAY)
        assert not load_rules(own).gives("shelter", "accommodation", TODAY)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"own\.toml cannot be read"):
            load_rules(tmp_path / "own.toml")


class TestParseRules:
    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ('"return_offered", ', "", "nobody may say: return_offered"),
            ('"return_offered"', '"return_dreamt"', "no such code: return_dreamt"),
            ('"representation"]', '"reiki"]', "no such code: reiki"),
            ('channel = "hub"', 'channel = "smoke"', "no such code: smoke"),
            ("months = 6", "months = 0", "reintegration.0.months"),
            ("months = 6", "months = 6\nvalid_to = 2026-01-01", "valid_to is not after valid_from"),
            ("months = 6", "months = 6\nmonth = 6", "reintegration.0.month"),
            ('coordinator = "cmm"', "", "coordinator"),
            ('version = "support-1"', "version =", "is no TOML"),
        ],
    )
    def test_what_says_less_or_something_else_is_refused(self, old: str, new: str, says: str) -> None:
        assert old in SHIPPED
        with pytest.raises(DataError, match=rf"rules\.toml.*{says}"):
            parse_rules("rules.toml", SHIPPED.replace(old, new))
