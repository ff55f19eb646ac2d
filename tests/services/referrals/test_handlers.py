"""What the service makes of the events of other services, on PostgreSQL and through the runtime."""

import asyncio

import pytest

from stafet_runtime.consumer import Processor
from stafet_schemas.referral import ReferralEvent, ReferralRefused, ReferralRouted
from tests.services.referrals.samples import Desk, Life, records

CLIMBED = ["routed", "delivered", "accepted", "in_progress", "completed"]
WHOLE = [
    "routed redcross notice",
    "delivered",
    "routed police status delivered",
    "accepted",
    "routed redcross content",
    "routed police status accepted",
    "started",
    "routed police status in_progress",
    "completed",
    "routed police status completed",
    "loop_closed completed",
]


class TestOnReferralSubmitted:
    async def test_routes_a_notice_by_the_rules_of_the_day_it_was_sent(self, desk: Desk) -> None:
        submitted = Life(1).submitted()

        assert await desk.take(submitted) == ["routed redcross notice"]
        (routed,) = await desk.emitted()
        assert isinstance(routed, ReferralRouted)
        assert routed.data.rule == "routing-3/asylum_centre"
        assert (routed.causationid, routed.partitionkey) == (submitted.id, "case-1")

    async def test_refuses_to_the_sender_what_no_rule_allows(self, desk: Desk) -> None:
        life = Life(1)

        emitted = await desk.take(life.submitted(receiver="police"), life.told("rejected"))

        assert emitted == [
            "refused police no_recipient",
            "routed police status rejected not_reachable",
            "loop_closed rejected",
        ]

    async def test_a_submission_before_the_rules_is_refused(self, desk: Desk) -> None:
        early = Life(1).submitted()
        early = early.model_copy(update={"time": early.time.replace(year=2025)})

        assert (await desk.take(early))[0] == "refused police no_mandate"


class TestAnswers:
    async def test_a_whole_life_in_one_batch(self, desk: Desk) -> None:
        assert await desk.take(*Life(1).completed()) == WHOLE
        assert await desk.states() == {"referral-1": (CLIMBED, True)}

    async def test_a_whole_life_event_by_event_says_the_same(self, desk: Desk) -> None:
        emitted = [word for event in Life(1).completed() for word in await desk.take(event)]

        assert emitted == WHOLE
        assert await desk.states() == {"referral-1": (CLIMBED, True)}

    async def test_a_rejection_ends_it_with_its_reason_even_an_unlisted_one(self, desk: Desk) -> None:
        life = Life(1)
        await desk.take(life.submitted(), life.delivered("notice"))

        emitted = await desk.take(life.answered("rejected", reason="renovating"), life.told("rejected"))

        assert emitted == [
            "rejected renovating",
            "routed police status rejected renovating",
            "loop_closed rejected",
        ]

    async def test_an_answer_that_overtakes_the_delivery_implies_it(self, desk: Desk) -> None:
        life = Life(1)
        await desk.take(life.submitted())

        assert await desk.take(life.answered("accepted")) == WHOLE[1:6]
        assert await desk.take(life.delivered("notice")) == []

    async def test_what_does_not_fit_is_refused_by_the_answers_own_id(self, desk: Desk) -> None:
        life = Life(1)
        await desk.take(life.submitted(), life.delivered("notice"))

        assert await desk.take(
            life.answered("completed"),
            life.answered("accepted", agency="police"),
            Life(2).answered("rejected"),
        ) == [
            "refused redcross out_of_order",
            "refused police wrong_agency",
            "refused redcross unknown_referral",
        ]
        refused = [each.data for each in await desk.emitted() if isinstance(each, ReferralRefused)]
        assert [each.message for each in refused] == ["rk-1-completed", "rk-1-accepted", "rk-2-rejected"]
        assert await desk.states() == {"referral-1": (["routed", "delivered"], False)}

    async def test_deliveries_of_nothing_of_ours_pass(self, desk: Desk) -> None:
        stranger = Life(1).delivered("status", "police", "parse_rejected", lane="tx-1")
        nameless = stranger.model_copy(
            update={"id": Life(2).submitted().id, "data": stranger.data.model_copy(update={"referral": None})}
        )

        assert await desk.take(stranger, nameless, Life(3).delivered("notice")) == []
        assert (await desk.states(), await desk.parked()) == ({}, 0)


class TestRepetition:
    async def test_the_same_records_again_change_nothing(self, processor: Processor, desk: Desk) -> None:
        told = records(Life(1).completed())
        await processor.process(told)

        await processor.process(told)
        for each in told:
            await processor.process([each])

        assert len(await desk.emitted()) == len(WHOLE)

    async def test_the_same_facts_as_new_events_change_nothing(self, desk: Desk) -> None:
        await desk.take(*Life(1).completed())

        assert await desk.take(*Life(1).completed()) == []
        assert await desk.states() == {"referral-1": (CLIMBED, True)}

    @pytest.mark.parametrize("cut", range(1, 9))
    async def test_a_batch_cut_anywhere_and_read_again_from_its_start(
        self, processor: Processor, desk: Desk, cut: int
    ) -> None:
        told = records(Life(1).completed())
        await processor.process(told[:cut])

        await processor.process(told)

        assert len(await desk.emitted()) == len(WHOLE)
        assert await desk.states() == {"referral-1": (CLIMBED, True)}


class TestManyReferrals:
    async def test_two_of_one_case_go_their_own_ways(self, desk: Desk) -> None:
        one, two = Life(1, "case-9"), Life(2, "case-9")

        await desk.take(
            one.submitted(), two.submitted(service="health"), two.answered("rejected"),
            one.answered("accepted"), two.told("rejected"), one.answered("completed"),
        )  # fmt: skip

        assert await desk.states() == {
            "referral-1": (["routed", "delivered", "accepted", "completed"], False),
            "referral-2": (["routed", "delivered", "rejected"], True),
        }

    async def test_a_night_of_two_hundred_in_interleaved_batches(self, desk: Desk) -> None:
        lives = [Life(number, f"case-{number}").completed() for number in range(200)]
        steps = [event for step in zip(*lives, strict=True) for event in step]

        for start in range(0, len(steps), 500):
            await desk.take(*steps[start : start + 500])

        emitted = await desk.emitted()
        assert len(emitted) == 200 * len(WHOLE)
        assert set(map(str, (await desk.states()).values())) == {str((CLIMBED, True))}
        assert all(isinstance(each, ReferralEvent) for each in emitted)
        assert await desk.parked() == 0

    async def test_two_processes_at_once_tell_each_rung_once(self, processor: Processor, desk: Desk) -> None:
        lives = [Life(number, f"case-{number}") for number in range(20)]
        await desk.take(*(life.submitted() for life in lives))
        notices = records([life.delivered("notice") for life in lives], 100)
        answers = records([life.answered("accepted") for life in reversed(lives)], 200)

        await asyncio.gather(processor.process(notices), processor.process(answers))

        assert len(await desk.emitted()) == 20 * 6
        assert set(map(str, (await desk.states()).values())) == {str((CLIMBED[:3], False))}
