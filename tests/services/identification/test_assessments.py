from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from stafet.identification.domain import assessments
from stafet.identification.domain.assessments import Verdict
from stafet.identification.domain.context import Said
from tests.services.identification.samples import CASE, NOON, File, day, iso

Decided = dict[str, Any]


@pytest.fixture
def file(file: File) -> File:
    """A case of a person without lawful stay: immigration is competent."""
    file.say("identification_requested")
    file.say("residence_changed", residence="none")
    return file


def decide(file: File, outcome: str, **fields: object) -> list[str]:
    return file.say("assessment_decided", outcome=outcome, **{"agency": "immigration", **fields})


class TestCompetence:
    def test_follows_the_residence_status(self, file: File) -> None:
        assert file.state("authority") == "immigration"
        assert file.say("residence_changed", residence="asylum_seeker", at=day(2)) == [
            "residence_status.changed asylum_seeker",
            "competent_authority.determined immigration asylum_seeker",
        ]

    def test_a_status_that_flips_leaves_the_former_authoritys_assessment_open(self, file: File) -> None:
        file.say("residence_changed", residence="lawful", at=day(1))
        file.say("assessment_requested", party="cmm", at=day(2))

        said = file.say("residence_changed", residence="none", at=day(12))

        assert said == [
            "residence_status.changed none",
            "competent_authority.determined immigration none",
        ]
        assert file.state("assessment", "cmm") == "requested"

    def test_a_status_without_a_rule_is_as_one_that_is_not_known(self, file: File) -> None:
        assert file.say("residence_changed", residence="tolerated", at=day(1)) == [
            "residence_status.changed tolerated",
            "competent_authority.determined cmm tolerated",
        ]

    def test_an_older_status_and_one_to_come_are_refused(self, file: File) -> None:
        file.say("residence_changed", residence="lawful", at=day(5))

        assert file.say("residence_changed", residence="none", starts=iso(4), at=day(6)) == [
            "step.refused residence_changed out_of_order starts"
        ]
        assert file.say("residence_changed", residence="none", starts=iso(9), at=day(6)) == [
            "step.refused residence_changed impossible starts"
        ]
        assert file.say("residence_changed", residence="lawful", starts=iso(5), at=day(6)) == []


class TestDecisions:
    def test_of_several_authorities_stand_beside_one_another(self, file: File) -> None:
        decide(file, "positive")
        said = decide(file, "negative", party="court", agency="cmm", message="m-court")

        assert said == ["final_assessment.decided court negative"]
        assert file.book.get(CASE, "assessment", "immigration").facts["outcome"] == "positive"
        assert file.state("course") == "positive"

    def test_of_the_competent_authority_alone_move_the_course(self, file: File) -> None:
        decide(file, "positive", agency="cmm")

        assert file.state("course") == "suspected"

    def test_name_the_rules_and_the_htcds_codes(self, file: File) -> None:
        known = file.context()
        verdict = Verdict("court", "negative", day(0).date())

        (fact,) = assessments.decided(Said(CASE, "cmm", "m-1", NOON), known, verdict).effects

        told = fact.data.model_dump()
        assert told["rule"] == "identification-1"
        assert (told["htcds"], told["decider"]) == ("NotAVictimOfTrafficking", "CourtOrProsecution")

    def test_need_a_mandate_on_that_day(self, file: File) -> None:
        before = day(0).replace(year=2021)

        assert decide(file, "positive", agency="shelter") == ["step.refused assessment_decided no_mandate"]
        assert decide(file, "positive", agency="shelter", at=before) == [
            "final_assessment.decided shelter positive"
        ]
        assert file.say("assessment_requested", party="police") == [
            "step.refused assessment_requested no_mandate party"
        ]

    @pytest.mark.parametrize(
        ("agency", "party"), [("police", "siri"), ("cmm", "immigration"), ("court", "cmm")]
    )
    def test_of_another_are_entered_by_the_coordinator_for_who_is_not_connected(
        self, file: File, agency: str, party: str
    ) -> None:
        assert decide(file, "positive", agency=agency, party=party) == [
            "step.refused assessment_decided wrong_agency party"
        ]
        assert decide(file, "positive", agency="cmm", party="siri") == [
            "final_assessment.decided siri positive"
        ]

    def test_that_nobody_knows_the_word_for_are_kept(self, file: File) -> None:
        assert decide(file, "partly") == ["final_assessment.decided immigration partly"]
        assert file.state("course") == "undetermined"

    def test_cannot_hold_from_a_day_far_ahead(self, file: File) -> None:
        assert decide(file, "positive", starts="2206-03-02") == [
            "step.refused assessment_decided impossible holds_from"
        ]


class TestAnotherDecisionOfTheSameAuthority:
    def test_stands_after_a_reopening_or_an_appeal(self, file: File) -> None:
        decide(file, "negative")

        said = [
            *file.say("assessment_appealed", party="immigration", agency="legal_aid", at=day(1)),
            *decide(file, "positive", at=day(2), message="m-2"),
            *file.say("assessment_reopened", party="immigration", reason="new", agency="immigration"),
            *decide(file, "negative", at=day(3), message="m-3"),
        ]

        assert said == [
            "final_assessment.appealed immigration negative",
            "final_assessment.decided immigration positive",
            "final_assessment.reopened immigration positive new",
            "final_assessment.decided immigration negative",
        ]
        history = file.book.get(CASE, "assessment", "immigration").facts["history"]
        assert [each["outcome"] for each in history] == ["negative", "positive", "negative"]

    def test_is_refused_without_one_and_kept(self, file: File) -> None:
        decide(file, "negative")

        said = decide(file, "positive", at=day(1), message="m-2")

        assert said == ["step.refused assessment_decided out_of_order"]
        kept = file.book.get(CASE, "assessment", "immigration").facts
        assert kept["outcome"] == "negative"
        assert [each["message"] for each in kept["history"]] == ["m-assessment_decided", "m-2"]

    def test_that_says_the_same_is_no_other(self, file: File) -> None:
        decide(file, "negative")

        assert decide(file, "negative", message="m-2", starts=iso(0)) == []

    def test_in_the_same_second_leaves_the_earlier_receipt_standing_whichever_came_first(self) -> None:
        told: list[Decided] = [
            {"outcome": "positive", "message": "m-1", "at": NOON},
            {"outcome": "negative", "message": "m-2", "at": NOON},
            {"outcome": "undetermined", "message": "m-3", "at": NOON + timedelta(milliseconds=400)},
        ]
        for order in permutations(told):
            file = File()
            file.say("identification_requested")
            file.say("residence_changed", residence="none")
            said = [word for each in order for word in decide(file, **each)]

            kept = file.book.get(CASE, "assessment", "immigration").facts
            assert (kept["outcome"], file.state("course")) == ("positive", "positive")
            assert sorted(each["message"] for each in kept["history"]) == ["m-1", "m-2", "m-3"]
            assert said.count("step.refused assessment_decided out_of_order") == 2


class TestAReversal:
    def reverse(self, file: File, outcome: str, reverses: str) -> list[str]:
        verdict = Verdict("immigration", outcome, day(1).date())
        said = Said(CASE, "immigration", "m-reversal", day(1))
        return file.take(assessments.reversed_by(said, file.context(day(1)), verdict, reverses))

    def test_takes_the_decisions_place(self, file: File) -> None:
        decide(file, "positive", message="m-1")

        assert self.reverse(file, "negative", "m-1") == [
            "final_assessment.reopened immigration positive reversed",
            "final_assessment.decided immigration negative",
        ]
        assert self.reverse(file, "negative", "m-1") == []
        assert file.state("course") == "negative"

    def test_that_came_first_is_the_decision(self, file: File) -> None:
        assert self.reverse(file, "negative", "m-1") == ["final_assessment.decided immigration negative"]
