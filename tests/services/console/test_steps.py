"""What is kept of an event."""

from datetime import UTC, datetime

import pytest

from stafet.console.adapters.rows import COLUMNS
from stafet.console.domain.steps import Step, step_of
from stafet_schemas import delivery
from tests.services.console.samples import Story, closed, unusable

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_columns_of_a_step_are_its_fields_in_their_order() -> None:
    assert tuple(COLUMNS) == Step._fields


class TestStepOf:
    def test_a_message_belongs_to_itself_until_a_case_is_known(self) -> None:
        step = step_of(closed(1, START).events[0])

        assert (step.matter, step.anchored, step.message) == ("tx-1", False, "tx-1")

    def test_a_submission_names_its_case_and_the_senders_request(self) -> None:
        story = closed(1, START)
        step = next(each for each in map(step_of, story.events) if each.type == "referral.submitted")

        assert (step.matter, step.anchored, step.message) == (story.case, True, story.placer)
        assert step.agency == "police"

    def test_a_delivery_without_a_case_belongs_to_its_message(self) -> None:
        step = step_of(unusable(1, START).last)

        assert (step.matter, step.anchored, step.agency, step.rung) == (
            "tx-1",
            True,
            "police",
            "parse_rejected",
        )

    def test_the_end_of_a_loop_is_about_the_sender_and_its_outcome(self) -> None:
        step = step_of(closed(1, START).last)

        assert (step.agency, step.rung) == ("police", "completed")

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("full\x00up", "full\N{REPLACEMENT CHARACTER}up"),
            ("\x00\x00", "\N{REPLACEMENT CHARACTER}" * 2),
            ("\\\x00", "\\\N{REPLACEMENT CHARACTER}"),
            (r"\u0000", r"\u0000"),
            ("æøå", "æøå"),
        ],
    )
    def test_a_nul_that_postgresql_cannot_hold_is_replaced(self, sent: str, kept: str) -> None:
        event = Story(1, START).add(delivery.DeliveryRejected, agency="redcross", message="m", reason=sent)

        step = step_of(event)

        assert (step.reason, step.data["reason"]) == (kept, kept)
