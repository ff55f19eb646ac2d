import pytest

from stafet_cli.demo import records as lines
from stafet_cli.demo.disclosures import groups_of
from stafet_cli.demo.report import LedgerFound
from stafet_schemas import case as cases
from stafet_schemas import consent
from tests.cli.demo.played import CONSENTED, Played, whole

AGAIN = "unlawful: 1 x release of what was withdrawn before"
OWN = "unlawful: 1 x arrival at Red Cross without a release of its own"
SAID = "unlawful: 1 x content with what was withdrawn before Red Cross said yes"


def spoilt(number: int = 1, withdrawn: str | None = "early") -> Played:
    """Play one referral whose person withdraws, and the end of the demo."""
    played = Played()
    played.refer(number, withdrawn=withdrawn)
    played.places()
    played.police.append(lines.Done())
    return played


class TestWithdrawals:
    def test_before_and_after_sending_are_told_apart(self) -> None:
        early, late = spoilt().judge(), spoilt(withdrawn="late").judge()

        assert early.problems == late.problems == ()
        assert (early.report.withdrawn_before_sending, early.recalled) == (1, 0)
        assert (late.report.withdrawn_before_sending, late.recalled) == (0, 1)

    def test_of_who_consented_to_nothing_change_nothing(self) -> None:
        played = spoilt(withdrawn=None)
        played.redcross.insert(1, lines.Withdrawn("r-1", lines.TAKEN))
        judged = played.judge()

        assert judged.problems == ()
        assert judged.report.withdrawn_before_sending == 0

    def test_without_effect_fail_the_demo(self) -> None:
        played = spoilt().without(consent.ConsentWithdrawn)
        judged = played.judge()

        assert judged.problems == ("missing: 1 x consent.withdrawn at the hub",)
        assert (judged.report.lost, judged.report.withdrawn_before_sending) == (1, 0)
        assert judged.report.effect_p99_ms is None
        assert played.outstanding() == {"consent.withdrawn at the hub": 1}

    def test_of_what_was_served_are_told_to_red_cross(self) -> None:
        judged = spoilt(withdrawn="late").without(lines.Recalled).judge()

        assert judged.problems == ("missing: 1 x the notice of withdrawal at Red Cross",)

    def test_that_the_hub_refuses_fail_the_demo(self) -> None:
        played = spoilt(withdrawn=None)
        played.redcross.append(lines.Withdrawn("r-1", 422))

        assert played.judge().problems == (
            "unexpected: 1 x the hub refused Red Cross's word of a withdrawal (422)",
        )

    def test_of_people_referred_twice_are_not_counted_as_they_consent_again(self) -> None:
        played = spoilt()
        played.refer(2, case="case-1")
        judged = played.judge()

        assert judged.problems == ()
        assert judged.report.withdrawn_before_sending == 0


class TestUnlawful:
    def test_is_a_release_after_the_withdrawal(self) -> None:
        played = spoilt(withdrawn="late")
        played.release("r-1", "content", "case-1", CONSENTED)

        assert played.judge().problems == (AGAIN,)

    @pytest.mark.parametrize("kind", [consent.ConsentNarrowed, consent.ConsentExpired])
    def test_is_a_release_after_any_end(self, kind: type[cases.CaseEvent]) -> None:
        played = spoilt(withdrawn="late").without(consent.ConsentWithdrawn).without(lines.Withdrawn)
        ended = played.say(kind, "case-1")
        if kind is consent.ConsentNarrowed:
            narrower = ended.model_copy(
                update={"data": ended.data.model_copy(update={"groups": ("health",)})}
            )
            played.events[-1] = narrower
        played.release("r-1", "content", "case-1", CONSENTED)

        assert played.judge().problems == (AGAIN,)

    def test_is_none_after_consent_was_given_again(self) -> None:
        played = spoilt(withdrawn="late")
        played.say(consent.ConsentGiven, "case-1")
        played.release("r-1", "content", "case-1", CONSENTED)

        assert played.judge().problems == ()

    def test_is_a_body_that_was_kept_and_sent_again(self) -> None:
        played = spoilt(withdrawn="late")
        played.arrive("r-1", "content", CONSENTED)

        assert played.judge().problems == (OWN,)

    def test_is_a_field_that_the_release_does_not_name(self) -> None:
        played = spoilt().without(lines.Received, part="content")
        played.arrive("r-1", "content", CONSENTED)

        assert played.judge().problems == (SAID, OWN)

    def test_is_what_came_against_red_crosss_word_although_the_hub_knew_it_later(self) -> None:
        played = (
            spoilt().without(lines.Received, part="content").without(cases.DisclosureMade, part="content")
        )
        before = next(each for each in played.events if isinstance(each, consent.ConsentWithdrawn))
        played.release("r-1", "content", "case-1", CONSENTED)
        played.arrive("r-1", "content", CONSENTED)
        played.events.remove(before)
        played.events.append(before)

        assert played.judge().problems == (SAID,)


class TestDisclosures:
    def test_are_counted_once_however_often_they_are_attempted(self) -> None:
        played = whole()
        played.release("r-1", "content", "case-1")

        assert played.judge().report.disclosures_made == whole().judge().report.disclosures_made == 11

    def test_are_blocked_with_a_reason(self) -> None:
        played = whole()
        for _ in range(2):
            to = {"case": "case-1", "referral": "r-1", "recipient": "redcross", "part": "content"}
            played.event(cases.DisclosureBlocked, purpose="support", policy="p", reason="no_mandate", **to)
        judged = played.judge()

        assert judged.report.disclosures_blocked == 1
        assert judged.blocked == {"no_mandate": 1}

    def test_need_a_ledger_that_is_as_it_was_written(self) -> None:
        judged = whole().judge(ledger=LedgerFound(40, ("row 3 of lane x: missing",)))

        assert judged.problems == ("ledger: row 3 of lane x: missing",)
        assert judged.report.ledger_verified == 0
        assert whole().judge(ledger=None).report.ledger_verified is None


class TestGroupsOf:
    def test_knows_a_group_by_its_fields(self) -> None:
        assert groups_of("cas_OutgoingReferralDetails prs_Gender stafet_purpose") == {"narrative", "routing"}
        assert groups_of("stafet_health_care_needs prs_Citizenship vic_MethodsOfControl") == {
            "health", "identity", "exploitation",
        }  # fmt: skip
        assert groups_of("") == frozenset()
