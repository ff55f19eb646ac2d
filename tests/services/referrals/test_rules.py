"""Who may be sent what, as dated data."""

from datetime import date
from pathlib import Path

import pytest

from stafet.referrals.adapters.rulesfile import load_rules
from stafet.referrals.domain.routing import Rule, parse_rules
from stafet_runtime.dated import DataError
from stafet_schemas.codes import AGENCIES, SERVICES, UNKNOWN

TODAY = date(2026, 11, 24)
RULE = """
version = "1"
[[rules]]
receiver = "redcross"
services = ["health"]
valid_from = 2026-01-01
citation = "law"
reason = "why"
"""


class TestLoadRules:
    def test_the_red_cross_receives_every_service(self) -> None:
        rules = load_rules()

        assert {service for service in SERVICES.codes if rules.purpose("redcross", service, TODAY)} == {
            "accommodation", "asylum_support", "health", "legal_aid", "contact_person"
        }  # fmt: skip

    def test_others_receive_one_service_for_a_purpose_of_its_own_and_nobody_an_unknown_one(self) -> None:
        rules = load_rules()
        others = AGENCIES.codes - {"redcross"} | {UNKNOWN}

        assert {
            (receiver, service): purpose
            for receiver in others
            for service in SERVICES.codes
            if rules.channel(receiver, TODAY) == "hub"
            if (purpose := rules.purpose(receiver, service, TODAY))
        } == {
            ("shelter", "accommodation"): "support",
            ("immigration", "identification"): "formal_assessment",
            ("police", "protection"): "support",
        }
        assert not rules.purpose("redcross", UNKNOWN, TODAY)

    def test_whoever_is_not_connected_is_reached_by_a_person(self) -> None:
        rules = load_rules()

        assert {each: rules.channel(each, TODAY) for each in {rule.receiver for rule in rules.rules}} == {
            "police": "hub",
            "redcross": "hub",
            "shelter": "hub",
            "immigration": "hub",
            "cmm": "phone",
            "siri": "secure_mail",
            "municipality": "secure_mail",
            "health": "phone",
            "legal_aid": "phone",
            "prison": "secure_mail",
            "return_agency": "secure_mail",
            "drc": "secure_mail",
            "family_court": "letter",
            "outreach": "phone",
        }

    def test_every_service_can_be_asked_of_somebody_and_the_coordinator_can_be_asked_for_all(self) -> None:
        rules = load_rules()

        assert rules.coordinator == "cmm"
        assert all(rules.purpose("cmm", service, TODAY) for service in SERVICES.codes)

    def test_who_detects_is_told_the_status_only(self) -> None:
        rules = load_rules()

        told = {each for each in AGENCIES.codes if rules.tells_only_status(each, TODAY)}
        assert told == {
            "hotline", "police_hotline", "outreach", "labour_inspection", "tax", "food_authority",
            "money_laundering_secretariat", "union",
        }  # fmt: skip
        assert not rules.tells_only_status("union", date(2025, 12, 31))

    def test_every_rule_has_a_citation_and_all_have_a_version(self) -> None:
        rules = load_rules()

        assert rules.version == "routing-3"
        assert {rule.receiver for rule in rules.rules} <= AGENCIES.codes
        assert all(rule.citation and rule.reason for rule in rules.rules)

    def test_the_operators_own_file_may_name_an_agency_that_only_a_private_connector_knows(
        self, tmp_path: Path
    ) -> None:
        own = tmp_path / "rules.toml"
        own.write_text(RULE.replace("redcross", "hotel"), encoding="utf-8")

        assert load_rules(own).purpose("hotel", "health", TODAY) == "support"
        assert not load_rules(own).purpose("redcross", "health", TODAY)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"own\.toml cannot be read"):
            load_rules(tmp_path / "own.toml")


class TestParseRules:
    def test_what_is_left_out_is_denied(self) -> None:
        rules = parse_rules("rules.toml", RULE)

        assert rules.purpose("redcross", "health", TODAY)
        assert not rules.purpose("redcross", "accommodation", TODAY)
        assert not rules.purpose("police", "health", TODAY)

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ('"redcross"', '"Red Cross"', "rules.0.receiver"),
            ('"redcross"', '"unknown"', "no such code: unknown"),
            ('["health"]', '["health", "massage"]', "no such code: massage"),
            ('["health"]', "[]", "rules.0.services"),
            ('["health"]', '["health"]\npurpose = "removal"', "no such code: removal"),
            ('citation = "law"', "", "rules.0.citation"),
            ('reason = "why"', 'reason = ""', "rules.0.reason"),
            ('reason = "why"', "valid_to = 2026-01-01\nreason = 'x'", "valid_to is not after valid_from"),
            ('reason = "why"', "reasons = 1\nreason = 'x'", "rules.0.reasons"),
            ('reason = "why"', "serves = ['teenager']\nreason = 'x'", "no such code: teenager"),
            ('reason = "why"', "sexes = ['woman']\nreason = 'x'", "no such code: woman"),
            ('reason = "why"', "residence = ['tourist']\nreason = 'x'", "no such code: tourist"),
            ('reason = "why"', "channel = 'pigeon'\nreason = 'x'", "no such code: pigeon"),
            ('reason = "why"', "languages = ['dansk']\nreason = 'x'", "rules.0.languages"),
            ('reason = "why"', "report_hours = 0\nreason = 'x'", "rules.0.report_hours"),
            ('"redcross"', '"hub"', "no such code: hub"),
            ("2026-01-01", "2026-02-30", "is no TOML"),
            ("2026-01-01", '"2026-02-30"', "rules.0.valid_from"),
            ("2026-01-01", "2026-01-01T12:00:00Z", "rules.0.valid_from"),
            ('version = "1"', "", "version"),
            ('version = "1"', "version =", "is no TOML"),
        ],
    )
    def test_what_says_less_or_something_else_is_refused(self, old: str, new: str, says: str) -> None:
        with pytest.raises(ValueError, match=rf"rules\.toml.*{says}"):
            parse_rules("rules.toml", RULE.replace(old, new))

    def test_two_rules_of_one_name_could_not_be_told_apart(self) -> None:
        named = RULE.replace("receiver", 'name = "beds"\nreceiver')

        with pytest.raises(DataError, match="more than one rule is named beds"):
            parse_rules("rules.toml", named + named.partition("\n")[2].partition("\n")[2])


class TestRule:
    @pytest.mark.parametrize(
        ("on", "holds"),
        [
            (date(2025, 12, 31), False),
            (date(2026, 1, 1), True),
            (date(2026, 11, 30), True),
            (date(2026, 12, 1), False),
        ],
    )
    def test_it_holds_from_its_first_day_up_to_its_end(self, on: date, holds: bool) -> None:
        rule = Rule(
            receiver="redcross",
            services=frozenset({"health"}),
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 1),
            citation="law",
            reason="why",
        )

        assert rule.holds(on) is holds
