"""What agencies and the coordinator may say of a referral, and what everybody learns of it."""

from dataclasses import replace

import pytest

from stafet.referrals.domain.ending import case_closed, case_erased, unconsented
from stafet.referrals.domain.handover import handed_over
from stafet.referrals.domain.onward import redirected
from stafet.referrals.domain.parties import MAY
from stafet.referrals.domain.reported import STEPS, reported
from stafet.referrals.domain.silence import breached, warned
from stafet.referrals.domain.state import Answer, Decision, Referral, Refusal
from stafet_schemas.referral import ReferralSubmittedData
from stafet_schemas.steps import steps
from tests.services.referrals.samples import event_of, said, shown, state

ANSWER = "referral_answer"
ASKED = state("routed", "delivered")
AGREED = state("routed", "delivered", "accepted")
ESCALATED = replace(state("routed", "delivered", "escalated"), deadline="d-1")
LOGGED = replace(state("logged"), channel="phone")


def spoken(step: str, agency: str, **more: str | tuple[str, ...]) -> Answer:
    """Let an agency say a step."""
    return replace(Answer("case-1", "referral-1", agency, f"m-{step}-{agency}", step), **more)  # type: ignore[arg-type] # fields by name


def taken(known: Referral, answer: Answer) -> Decision:
    """Take a step that fits."""
    decision = reported(known, answer, None, ())
    assert isinstance(decision, Decision)
    return decision


def refusal(known: Referral, answer: Answer) -> str:
    """Take a step that does not fit; return why."""
    decision = reported(known, answer, None, ())
    assert isinstance(decision, Refusal)
    return decision.reason


class TestSteps:
    def test_every_step_of_the_service_is_known_and_has_somebody_who_may_say_it(self) -> None:
        ours = {
            name for name, kind in steps().items() if kind.service == "referrals" and kind.subject != "case"
        }

        assert set(STEPS) == ours
        assert set(MAY) == set(STEPS.values())

    @pytest.mark.parametrize(
        ("known", "step", "agency", "emitted"),
        [
            (
                ASKED, "info_requested", "redcross",
                ["info_requested", "routed police status info_requested"],
            ),
            (
                state("routed", "delivered", "info_requested"), "info_supplied", "police",
                ["info_supplied", "routed redcross reminder"],
            ),
            (AGREED, "held", "redcross", ["held waiting", "routed police status on_hold waiting"]),
            (AGREED, "failed", "redcross", ["failed waiting", "routed police status failed waiting"]),
            (
                ASKED, "withdrawn", "police",
                [
                    "withdrawn waiting", "routed redcross revocation withdrawn",
                    "routed police status withdrawn waiting",
                ],
            ),
            (
                AGREED, "cancelled", "police",
                [
                    "cancelled waiting", "routed redcross revocation cancelled",
                    "routed police status cancelled waiting",
                ],
            ),
            (
                AGREED, "cancelled", "redcross",
                ["cancelled waiting", "routed police status cancelled waiting"],
            ),
            (
                ESCALATED, "expired", "cmm",
                ["expired", "routed redcross revocation expired", "routed police status expired"],
            ),
        ],
    )  # fmt: skip
    def test_both_sides_learn_what_they_must(
        self, known: Referral, step: str, agency: str, emitted: list[str]
    ) -> None:
        assert said(taken(known, spoken(step, agency, reason="waiting"))) == emitted

    def test_after_a_hold_it_goes_on(self) -> None:
        held = taken(AGREED, spoken("held", "redcross")).referral

        assert taken(held, spoken("resumed", "redcross")).referral.state == "in_progress"

    def test_one_that_is_told_status_only_never_learns_why_nor_what_is_asked(self) -> None:
        hotline = replace(ASKED, sender="hotline", status_only=True)

        rejected = taken(hotline, spoken("rejected", "redcross", reason="person_declined"))
        asked = taken(hotline, spoken("info_requested", "redcross", codes=("language",)))

        assert said(rejected)[-1] == "routed hotline status rejected"
        assert getattr(asked.effects[-1].data, "wanted", None) == ()

    def test_a_sender_that_no_system_reaches_is_sent_nothing(self) -> None:
        assert said(taken(replace(ASKED, reached="phone"), spoken("rejected", "redcross"))) == [
            "rejected unknown"
        ]

    @pytest.mark.parametrize(
        ("known", "answer"),
        [
            (ASKED, spoken("accepted", "police")),
            (ASKED, spoken("withdrawn", "redcross")),
            (ASKED, spoken("expired", "police")),
            (ASKED, spoken("accepted", "cmm")),
            (ASKED, spoken("accepted", "cmm", behalf="redcross")),
            (LOGGED, spoken("accepted", "police", behalf="redcross")),
            (ASKED, spoken("withdrawn", "cmm", behalf="police")),
        ],
    )
    def test_nobody_speaks_for_others_that_can_speak_themselves(
        self, known: Referral, answer: Answer
    ) -> None:
        assert refusal(known, answer) == "wrong_agency"

    @pytest.mark.parametrize(
        ("known", "step", "agency"),
        [
            (AGREED, "withdrawn", "police"),
            (ASKED, "cancelled", "police"),
            (ASKED, "expired", "cmm"),
            (ASKED, "info_supplied", "police"),
            (state("routed", "delivered", "escalated", "expired"), "accepted", "redcross"),
            (state("routed", "delivered", "redirected"), "rejected", "redcross"),
            (state("routed", "withdrawn"), "accepted", "redcross"),
        ],
    )
    def test_what_is_out_of_order_or_late_is_refused_with_that_reason(
        self, known: Referral, step: str, agency: str
    ) -> None:
        assert refusal(known, spoken(step, agency)) == "out_of_order"

    def test_the_same_message_counts_once_even_where_the_step_may_be_taken_again(self) -> None:
        asked = spoken("info_requested", "redcross")
        supplied = taken(taken(ASKED, asked).referral, spoken("info_supplied", "police")).referral

        assert taken(supplied, asked) == Decision(supplied)
        again = replace(asked, message="another")
        assert taken(supplied, again).referral.state == "info_requested"


class TestNotConnected:
    def test_the_coordinator_hands_it_over_and_enters_the_answer(self) -> None:
        over = taken(LOGGED, spoken("handed_over", "cmm", channel="letter"))
        answered = taken(over.referral, spoken("accepted", "cmm", behalf="redcross"))

        assert said(over) == ["handed_over", "routed police status delivered"]
        assert said(answered) == ["accepted", "routed police status accepted"]
        assert answered.referral.rungs == ("logged", "delivered", "accepted")

    def test_an_answer_says_that_it_was_handed_over(self) -> None:
        answered = taken(LOGGED, spoken("rejected", "cmm", behalf="redcross", reason="no_capacity"))

        assert said(answered)[0] == "handed_over"
        assert answered.referral.rungs == ("logged", "delivered", "rejected")


class TestSilence:
    def test_each_warning_reminds_once(self) -> None:
        first = warned(ASKED, ANSWER, "d-1", "half")

        assert said(first) == ["reminded", "routed redcross reminder"]
        assert warned(first.referral, ANSWER, "d-1", "half").effects == ()
        assert said(warned(first.referral, ANSWER, "d-1", "last")) == ["reminded", "routed redcross reminder"]

    def test_who_was_asked_is_reminded_and_whom_no_system_reaches_by_the_coordinator(self) -> None:
        asked = warned(state("routed", "delivered", "info_requested"), "referral_info", "d-1", "half")
        handed = warned(replace(state("logged", "delivered"), channel="phone"), ANSWER, "d-1", "half")

        assert said(asked) == ["reminded", "routed police status info_requested"]
        assert said(handed) == ["reminded"]
        assert getattr(handed.effects[0].data, "to", None) == ("cmm",)

    def test_the_breach_gives_it_to_the_coordinator_with_others_to_choose_from(self) -> None:
        decision = breached(ASKED, ANSWER, "d-1", ("shelter",))

        assert said(decision) == ["escalated", "reroute_proposed shelter"]
        assert (decision.referral.state, decision.referral.owner) == ("escalated", "cmm")
        assert breached(decision.referral, ANSWER, "d-1", ()) == Decision(decision.referral)

    @pytest.mark.parametrize("known", [AGREED, state("routed", "delivered", "rejected"), ESCALATED])
    def test_whoever_answered_is_left_alone(self, known: Referral) -> None:
        assert warned(known, ANSWER, "d-2", "half") == breached(known, ANSWER, "d-2", ()) == Decision(known)

    def test_an_answer_still_counts_after_the_breach(self) -> None:
        assert taken(ESCALATED, spoken("accepted", "redcross")).referral.state == "accepted"

    def test_a_notice_that_lands_after_the_breach_puts_the_receiver_in_charge_again(self) -> None:
        late = state("routed", "escalated")

        assert taken(late, spoken("accepted", "redcross")).referral.rungs[-2:] == ("delivered", "accepted")


class TestRedirected:
    FACTS = ReferralSubmittedData(
        case="case-1", referral="referral-1", sender="police", placer="POL-1", receiver="redcross",
        record="record-1", version=1, groups=("routing",), digest="9f2b", service="accommodation",
        priority="acute", age_group="adult", sex="female",
    ).model_dump(mode="json")  # fmt: skip
    KNOWN = replace(ASKED, facts=FACTS)
    ONWARD = spoken("redirected", "cmm", party="shelter")

    def test_the_old_one_ends_and_a_successor_is_submitted_for_the_same_record(self) -> None:
        decision = redirected(self.KNOWN, self.ONWARD, None, ())

        assert isinstance(decision, Decision)
        assert said(decision)[1:] == [
            "routed redcross revocation redirected", "routed police status redirected", "submitted",
        ]  # fmt: skip
        successor = decision.effects[-1].data
        assert isinstance(successor, ReferralSubmittedData)
        assert (successor.referral, successor.receiver) == (self.ONWARD.message, "shelter")
        assert (successor.sender, successor.placer, successor.record) == ("police", "POL-1", "record-1")

    def test_a_receiver_that_refers_it_onward_is_not_told_what_it_said(self) -> None:
        decision = redirected(self.KNOWN, spoken("redirected", "redcross", party="shelter"), None, ())

        assert isinstance(decision, Decision)
        assert not [each for each in said(decision) if "revocation" in each]

    @pytest.mark.parametrize(
        ("answer", "barred", "others", "reason"),
        [
            (spoken("redirected", "cmm", party="redcross"), None, (), "impossible"),
            (ONWARD, "no_mandate", (), "no_mandate"),
            (ONWARD, None, (replace(ASKED, referral="r-2", receiver="shelter"),), "already_open"),
            (spoken("redirected", "police", party="shelter"), None, (), "wrong_agency"),
        ],
    )
    def test_it_is_refused_before_anything_ends(
        self, answer: Answer, barred: str | None, others: tuple[Referral, ...], reason: str
    ) -> None:
        decision = redirected(self.KNOWN, answer, barred, others)

        assert isinstance(decision, Refusal)
        assert decision.reason == reason


class TestHandover:
    PROPOSED = spoken("handover_proposed", "police")
    ACCEPTED = spoken("handover_accepted", "redcross")

    def test_a_case_is_owned_after_a_yes_and_by_one_agency(self) -> None:
        proposed = taken(ASKED, self.PROPOSED)
        before = replace(AGREED, referral="r-2", receiver="shelter", handover="handover_accepted")

        assert said(proposed) == ["handover_proposed", "routed redcross alert handover_proposed"]
        assert refusal(proposed.referral, self.ACCEPTED) == "out_of_order"
        agreed = taken(proposed.referral, spoken("accepted", "redcross")).referral
        decision = handed_over(agreed, self.ACCEPTED, (before, agreed))
        assert isinstance(decision, Decision)
        assert [shown(event_of(each.kind, each.data)) for each in decision.effects] == ["handover_accepted"]
        assert decision.beside == (replace(before, handover=""),)

    def test_one_that_is_not_connected_is_told_by_the_coordinator(self) -> None:
        assert said(taken(replace(ASKED, channel="mail"), self.PROPOSED)) == ["handover_proposed"]

    def test_nobody_takes_over_what_was_not_proposed(self) -> None:
        assert refusal(AGREED, self.ACCEPTED) == "out_of_order"


class TestEndings:
    def test_a_consent_that_is_withdrawn_ends_what_it_was_for(self) -> None:
        assert said(unconsented(ASKED, "e-1", ("redcross",), ("support",))) == [
            "cancelled consent_withdrawn",
            "routed redcross revocation cancelled",
            "routed police status cancelled consent_withdrawn",
        ]

    @pytest.mark.parametrize(
        ("known", "named", "purposes"),
        [
            (replace(ASKED, duty=True), ("redcross",), ("support",)),
            (ASKED, ("shelter",), ("support",)),
            (ASKED, ("redcross",), ("investigation",)),
            (state("routed", "delivered", "rejected"), ("redcross",), ("support",)),
        ],
    )
    def test_a_duty_another_agency_or_purpose_and_what_is_over_go_on(
        self, known: Referral, named: tuple[str, ...], purposes: tuple[str, ...]
    ) -> None:
        assert unconsented(known, "e-1", named, purposes) == Decision(known)

    def test_a_closed_case_ends_it_and_an_erased_one_forgets_what_was_asked(self) -> None:
        known = replace(ASKED, facts={"record": "record-1"})

        assert said(case_closed(known, "e-1"))[0] == "cancelled case_closed"
        erased = case_erased(known, "e-1")
        assert (said(erased), erased.referral.facts) == (["cancelled case_erased"], {})
