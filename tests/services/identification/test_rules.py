from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from stafet.identification.adapters import load_rules, load_vocabularies
from stafet.identification.domain.machines import MACHINES
from stafet.identification.domain.rules import parse_rules
from stafet_runtime.danish import danish_day
from stafet_runtime.dated import DataError
from stafet_schemas.codes import AGENCIES, ASSESSMENTS, IDENTIFICATIONS, PERIODS, RESIDENCE, UNKNOWN
from stafet_schemas.steps import steps
from tests.services.identification.samples import RULES, VOCABULARIES

FILE = Path(__file__).parents[3] / "services/stafet/identification/rules.toml"
TODAY = date(2026, 3, 2)


class TestTheRules:
    @pytest.mark.parametrize(
        ("residence", "authority", "consults", "period"),
        [
            ("lawful", "cmm", None, "recovery"),
            ("none", "immigration", None, "reflection"),
            ("asylum_seeker", "immigration", "cmm", None),
            ("unknown", "cmm", None, None),
        ],
    )
    def test_say_who_is_competent(
        self, residence: str, authority: str, consults: str | None, period: str | None
    ) -> None:
        row = RULES.competent(residence, TODAY)

        assert row is not None
        assert (row.authority, row.consults, row.period) == (authority, consults, period)

    def test_gave_ngos_a_part_in_deciding_to_2021(self) -> None:
        for agency in ("redcross", "shelter", "outreach"):
            assert RULES.may(agency, "decide", date(2021, 12, 31))
            assert not RULES.may(agency, "decide", date(2022, 1, 1))
            assert RULES.may(agency, "interview", TODAY)

    def test_name_codes_that_are_on_the_lists(self) -> None:
        agencies = {each.agency for each in RULES.mandates} | {each.agency for each in RULES.connected}
        agencies |= {each.authority for each in RULES.competence} | set(RULES.htcds.deciders)

        assert agencies <= AGENCIES.codes
        assert {each.residence for each in RULES.competence} == RESIDENCE.codes | {UNKNOWN}
        assert {each.kind for each in RULES.limits} == PERIODS.codes
        assert set(RULES.outcomes) == IDENTIFICATIONS.codes
        assert set(RULES.outcomes.values()) < ASSESSMENTS.codes

    def test_give_whoever_is_competent_a_mandate(self) -> None:
        for each in RULES.competence:
            assert RULES.may(each.authority, "decide", TODAY)
            assert each.period is None or RULES.grants(each.authority, each.period, TODAY)

    def test_have_at_most_one_row_a_day(self) -> None:
        for year in range(2007, 2027):
            on = date(year, 7, 1)
            for kind in PERIODS.codes:
                assert len([row for row in RULES.limits if row.kind == kind and row.holds(on)]) == 1

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("valid_to = 2022-01-01", "valid_to = 2006-01-01", "valid_to is not after valid_from"),
            ('may = ["decide"]', 'may = ["arrest"]', "mandates.1.may"),
            ("cap_days = 100", "cap_days = 0", "limits.0.cap_days"),
            ("version =", "version", "is no TOML"),
        ],
    )
    def test_that_are_none_say_why(self, old: str, new: str, said: str) -> None:
        with pytest.raises(DataError, match=said):
            parse_rules("own.toml", FILE.read_text(encoding="utf-8").replace(old, new, 1))


class TestFiles:
    def test_of_ones_own_are_used_instead(self, tmp_path: Path) -> None:
        own = tmp_path / "own.toml"
        text = FILE.read_text(encoding="utf-8")
        own.write_text(text.replace("identification-1", "own-1"), encoding="utf-8")

        assert load_rules(own).version == "own-1"

    def test_that_cannot_be_read_say_so(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"none\.toml cannot be read"):
            load_rules(tmp_path / "none.toml")
        with pytest.raises(DataError, match="cannot be read"):
            load_vocabularies(tmp_path / "none")
        with pytest.raises(DataError, match="has no vocabulary"):
            load_vocabularies(tmp_path)

    def test_of_vocabularies_are_all_read(self) -> None:
        names = ("unodc", "ilo_forced_labour", "ilo_ec_delphi", "stafet_dimensions")

        assert all(VOCABULARIES.find(name, TODAY) for name in names)


class TestDays:
    @pytest.mark.parametrize(
        ("at", "day"),
        [
            (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 21, 30, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 22, 30, tzinfo=UTC), date(2026, 3, 30)),
            (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), date(2026, 10, 25)),
        ],
    )
    def test_are_danish_in_winter_and_summer(self, at: datetime, day: date) -> None:
        assert danish_day(at) == day


class TestMachines:
    def test_move_by_steps_of_ours_or_by_what_follows_from_them(self) -> None:
        told = {name for name, each in steps().items() if each.service == "identification"}
        moved = {step for machine in MACHINES for step in machine.moves}

        assert moved - told == {
            "assessed_positive",
            "assessed_negative",
            "assessed_undetermined",
            "period_expired",
        }
        assert told - moved == {"indicators_recorded", "residence_changed"}

    def test_can_be_drawn(self) -> None:
        drawn = [machine.mermaid() for machine in MACHINES]

        assert len({machine.name for machine in MACHINES}) == len(drawn) == 5
        assert "extension_requested --> active: period_extended" in drawn[4]
