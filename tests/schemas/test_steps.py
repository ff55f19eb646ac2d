import pytest

from stafet_schemas.step import StepReportedData
from stafet_schemas.steps import COMMON, StepKind, lacking, steps
from tests.schemas.stored import ROOT

SERVICES = {each.parent.name for each in (ROOT / "services" / "stafet").glob("*/__init__.py")}


@pytest.mark.parametrize("kind", steps().values(), ids=steps())
class TestStep:
    def test_has_a_service_that_decides(self, kind: StepKind) -> None:
        assert kind.service in SERVICES

    def test_speaks_of_fields_that_there_are(self, kind: StepKind) -> None:
        assert kind.needs | kind.may <= set(StepReportedData.model_fields) - COMMON

    def test_needs_nothing_that_it_only_may_have(self, kind: StepKind) -> None:
        assert kind.needs & kind.may == set()


class TestLacking:
    def test_is_nothing_where_all_is_there(self) -> None:
        assert lacking({"step": "referral_rejected", "subject": "r-1", "reason": "no_capacity"}) == ()

    def test_names_what_is_missing_and_what_does_not_belong(self) -> None:
        said = {"step": "referral_rejected", "until": "2026-01-01"}

        assert lacking(said) == (
            ("reason", "missing"),
            ("subject", "missing"),
            ("until", "not of this step"),
        )

    def test_wants_no_subject_where_a_step_begins_it_or_is_about_the_case(self) -> None:
        assert lacking({"step": "interview_offered"}) == ()
        assert lacking({"step": "identification_requested"}) == ()

    def test_does_not_know_every_word(self) -> None:
        assert lacking({"step": "sung"}) == (("step", "unknown"),)
