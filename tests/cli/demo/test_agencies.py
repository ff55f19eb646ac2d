import pytest

from stafet_cli.demo import records as lines
from stafet_schemas import delivery, identification, support
from tests.cli.demo.played import everywhere


class TestOtherAgencies:
    """Shelters and the immigration service beside the Red Cross."""

    def test_is_counted_by_agency(self) -> None:
        judged = everywhere().judge()
        none = {"capacities": 0, "decided": 0, "reversed": 0}

        assert judged.problems == ()
        assert (judged.report.closed, judged.report.answered, judged.report.delivered) == (9, 9, 9)
        assert judged.report.agencies == {
            "redcross": {"referred": 6, "delivered": 6, "accepted": 5, "rejected": 1, "completed": 5, **none},
            "shelter": {
                "referred": 1, "delivered": 1, "accepted": 1, "rejected": 0, "completed": 1, **none,
                "capacities": 1,
            },
            "immigration": {
                "referred": 2, "delivered": 2, "accepted": 2, "rejected": 0, "completed": 2, **none,
                "decided": 2, "reversed": 1,
            },
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "having", "problem"),
        [
            (support.SupportCapacityReported, {}, "missing: 1 x the shelters' places"),
            (lines.Taken, {"referral": "r-7", "part": "notice"}, "missing: 1 x the notice at shelter"),
            (lines.Taken, {"referral": "r-8", "part": "content"}, "missing: 1 x the content at immigration"),
            (
                delivery.DeliveryCompleted,
                {"referral": "r-7"},
                "missing: 1 x shelter's completed at the hub",
            ),
            (
                identification.IdentificationDecided,
                {"referral": "r-8"},
                "missing: 1 x identification.decided at the hub",
            ),
            (
                identification.IdentificationDecisionReversed,
                {"referral": "r-9"},
                "missing: 1 x identification.decision_reversed at the hub",
            ),
        ],
    )
    def test_fails_when_something_is_missing_elsewhere(
        self, kind: type, having: dict[str, object], problem: str
    ) -> None:
        assert everywhere().without(kind, **having).judge().problems == (problem,)

    def test_fails_when_another_agency_was_told_twice_or_refused(self) -> None:
        played = everywhere()
        played.others["shelter"] += [
            lines.Taken("notice", "r-7-again", "r-7"),
            lines.Refusal("bad_trigger"),
            lines.Taken("notice", "r-99-notice", "r-99"),
        ]

        assert played.judge().problems == (
            "doubled: 1 x part of a referral at another agency",
            "unexpected: 1 x a notice at shelter of a referral that the hub does not know",
            "unexpected: 1 x shelter refused a delivery (bad_trigger)",
        )

    def test_are_not_waited_for_where_they_do_not_run(self) -> None:
        played = everywhere().without(support.SupportCapacityReported)
        played.receivers = ("redcross",)

        assert (played.outstanding(), played.judge().problems) == ({}, ())
