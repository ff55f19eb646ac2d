"""Steps, silence and endings through the runtime, on PostgreSQL."""

import asyncio
from datetime import timedelta

from stafet_runtime.consumer import Processor
from stafet_schemas import case, consent, deadline, likeness, step
from stafet_schemas.event import Event, EventData
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.step import StepRefused
from tests.services.referrals.samples import NOON, Desk, Life, event_of, records


def reported(life: Life, name: str, agency: str, **more: object) -> Event:
    """Report a step of a referral."""
    said: dict[str, object] = {
        "case": life.case, "agency": agency, "message": f"m-{name}-{life.number}", "at": NOON, "step": name,
        "subject": life.referral,
    }  # fmt: skip
    return event_of(step.StepReported, step.StepReportedData.model_validate(said | more))


def timed(kind: type[Event], shape: type[EventData], life: Life, **more: object) -> Event:
    """Tell of the deadline of an answer."""
    said: dict[str, object] = {
        "deadline": f"d-{life.number}", "clock": "referral_answer", "rule": "clocks-1", "matter": life.case,
        "subject": life.referral, "owner": "redcross", "due": NOON,
    }  # fmt: skip
    return event_of(kind, shape.model_validate(said | more))


def withdrawn(life: Life) -> Event:
    """Tell that the person took the consent to the Red Cross back."""
    data = consent.ConsentCutData(
        case=life.case, consent="c-1", version=2, basis="consent", named=("redcross",), purposes=("support",),
        groups=("identity",), recipients=(),
    )  # fmt: skip
    return event_of(consent.ConsentWithdrawn, data)


class TestOnStepReported:
    async def test_a_withdrawal_is_told_to_both_sides_though_the_receiver_has_nothing_yet(
        self, desk: Desk
    ) -> None:
        life = Life(1)
        await desk.take(life.submitted())

        assert await desk.take(reported(life, "referral_withdrawn", "police", reason="other")) == [
            "withdrawn other",
            "routed redcross revocation withdrawn",
            "routed police status withdrawn other",
        ]
        assert await desk.take(life.answered("accepted"), life.told("withdrawn")) == [
            "refused redcross out_of_order",
            "loop_closed withdrawn",
        ]

    async def test_what_cannot_be_is_refused_with_its_field(self, desk: Desk) -> None:
        life, stranger = Life(1), Life(2)
        await desk.take(life.submitted(), life.delivered("notice"))

        assert await desk.take(
            reported(life, "referral_withdrawn", "police"),
            reported(life, "referral_accepted", "redcross", at=NOON + timedelta(days=1)),
            reported(life, "referral_accepted", "shelter"),
            reported(life, "referral_completed", "redcross"),
            reported(life, "referral_redirected", "cmm", party="prison"),
            reported(stranger, "referral_accepted", "redcross"),
            reported(life, "period_granted", "redcross"),
            reported(life, "danced", "redcross"),
        ) == [
            "refused police missing",
            "refused redcross impossible",
            "refused shelter wrong_agency",
            "refused redcross out_of_order",
            "refused cmm no_recipient",
            "refused redcross unknown_referral",
            "refused redcross unknown_step",
        ]
        refused = [each.data for each in await desk.emitted() if isinstance(each, StepRefused)]
        assert [each.field for each in refused] == [
            "reason",
            "at",
            "agency",
            None,
            "party",
            "subject",
            "step",
        ]
        assert refused[-1].step == "danced"

    async def test_a_redirection_goes_on_as_a_referral_of_its_own(self, desk: Desk) -> None:
        life = Life(1)
        await desk.take(life.submitted(), life.delivered("notice"))

        emitted = await desk.take(reported(life, "referral_redirected", "redcross", party="shelter"))

        assert emitted[1:] == ["routed police status redirected", "submitted"]
        successor = (await desk.emitted())[-1]
        assert isinstance(successor, ReferralSubmitted)
        assert await desk.take(successor) == ["routed shelter notice"]
        assert {name: rungs[-1] for name, (rungs, _) in (await desk.states()).items()} == {
            "referral-1": "redirected",
            "m-referral_redirected-1": "routed",
        }

    async def test_one_that_is_not_connected_is_logged_and_answered_by_the_coordinator(
        self, desk: Desk
    ) -> None:
        life = Life(1)

        assert await desk.take(
            life.submitted(receiver="municipality", service="housing"),
        ) == ["refused police no_recipient", "routed police status rejected not_reachable"]
        other = Life(2)
        assert await desk.take(
            other.submitted(receiver="health", service="health"),
            reported(other, "referral_handed_over", "cmm", channel="phone"),
            reported(other, "referral_accepted", "cmm", behalf="health"),
        ) == [
            "logged",
            "handed_over",
            "routed police status delivered",
            "accepted",
            "routed police status accepted",
        ]


class TestAlreadyOpen:
    async def test_a_second_for_the_same_is_refused_with_how_far_the_first_is(self, desk: Desk) -> None:
        first, second = Life(1), Life(2)
        await desk.take(first.submitted(), first.delivered("notice"))

        assert await desk.take(second.submitted()) == [
            "refused police already_open",
            "routed police status rejected duplicate",
            "routed police status delivered",
        ]

    async def test_of_two_at_once_one_is_opened(self, processor: Processor, desk: Desk) -> None:
        one, two = (records([Life(number).submitted()], number) for number in (1, 2))

        await asyncio.gather(processor.process(one), processor.process(two))

        assert sorted(rungs[0] for rungs, _ in (await desk.states()).values()) == ["refused", "routed"]
        assert await desk.parked() == 0

    async def test_after_the_end_of_the_first_another_may_be_opened(self, desk: Desk) -> None:
        first, second = Life(1), Life(2)
        await desk.take(first.submitted(), first.answered("rejected"))

        assert await desk.take(second.submitted()) == ["routed redcross notice"]


class TestSilence:
    async def test_a_reminder_then_the_coordinator_with_others_to_choose_from(self, desk: Desk) -> None:
        life = Life(1)
        await desk.take(life.submitted(), life.delivered("notice"))

        emitted = await desk.take(
            timed(deadline.DeadlineWarned, deadline.DeadlineWarnedData, life, stage="half"),
            timed(deadline.DeadlineBreached, deadline.DeadlineData, life),
            timed(deadline.DeadlineBreached, deadline.DeadlineData, life, clock="period_end"),
        )

        assert emitted[:3] == ["reminded", "routed redcross reminder", "escalated"]
        assert emitted[3].startswith("reroute_proposed")
        assert len(emitted) == 4
        assert await desk.take(reported(life, "referral_expired", "cmm")) == [
            "expired",
            "routed redcross revocation expired",
            "routed police status expired",
        ]


class TestEndings:
    async def test_a_withdrawn_consent_ends_what_it_was_for_and_nothing_else(self, desk: Desk) -> None:
        one, two = Life(1), Life(2)
        await desk.take(one.submitted(), two.submitted("shelter"), two.delivered("notice", "shelter"))

        assert await desk.take(withdrawn(one)) == [
            "cancelled consent_withdrawn",
            "routed redcross revocation cancelled",
            "routed police status cancelled consent_withdrawn",
        ]
        assert (await desk.states())["referral-2"][0] == ["routed", "delivered"]

    async def test_a_case_that_is_closed_or_erased_leaves_nothing_open(self, desk: Desk) -> None:
        one, two = Life(1, "case-1"), Life(2, "case-2")
        await desk.take(one.submitted(), two.submitted())
        closed = likeness.CaseClosedData(
            case="case-1", agency="cmm", message="m-1", at=NOON, reason="returned"
        )
        erased = case.CaseErasedData(case="case-2", reason="objection", recipients=())

        emitted = await desk.take(event_of(likeness.CaseClosed, closed), event_of(case.CaseErased, erased))

        assert emitted == [
            "cancelled case_closed",
            "routed redcross revocation cancelled",
            "routed police status cancelled case_closed",
            "cancelled case_erased",
        ]
