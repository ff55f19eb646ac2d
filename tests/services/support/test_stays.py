"""Who has a place, by what is asked for and by a referral; who may say so; who disappears."""

from datetime import timedelta

import pytest

from stafet_schemas.codec import data_class
from stafet_schemas.step import StepReported
from tests.services.support.samples import NOON, Desk, capacity, event_of, step, submitted, went

REQUESTED = "accommodation.requested shelter"


async def requested(desk: Desk, provider: str = "shelter") -> str:
    assert await desk.take(step("accommodation_requested", party=provider, message="stay-1"))
    return "stay-1"


class TestStay:
    async def test_goes_from_the_request_to_the_day_the_person_leaves(self, desk: Desk) -> None:
        stay = await requested(desk)

        assert await desk.take(
            step("accommodation_reserved", "shelter", subject=stay),
            step("accommodation_checked_in", "shelter", subject=stay),
            step("accommodation_missing", "shelter", subject=stay, reason="not_back_at_night"),
            step("accommodation_found", "shelter", subject=stay),
            step("accommodation_left", "shelter", subject=stay, reason="moved_on"),
        ) == [
            "accommodation.reserved shelter",
            "accommodation.checked_in shelter",
            "accommodation.missing shelter not_back_at_night",
            "accommodation.found shelter",
            "accommodation.left shelter moved_on",
        ]
        assert await desk.states() == {"stay stay-1": "left"}

    async def test_is_declined_with_a_reason_that_is_on_no_list(self, desk: Desk) -> None:
        stay = await requested(desk)

        emitted = await desk.take(
            step("accommodation_declined", "shelter", subject=stay, reason="Renovering")
        )

        assert emitted == ["accommodation.declined shelter Renovering"]

    async def test_the_same_word_twice_is_one(self, desk: Desk) -> None:
        stay = await requested(desk)
        reserved = step("accommodation_reserved", "shelter", subject=stay, message="m-r")
        again = step("accommodation_reserved", "shelter", subject=stay)
        moved_in = step("accommodation_checked_in", "shelter", subject=stay)
        late = step("accommodation_reserved", "shelter", subject=stay, message="m-r")

        assert len(await desk.take(reserved, again, moved_in, late)) == 2

    async def test_what_was_so_before_what_is_known_is_refused(self, desk: Desk) -> None:
        stay = await requested(desk)
        await desk.take(step("accommodation_checked_in", "shelter", subject=stay, hours=3))

        emitted = await desk.take(step("accommodation_missing", "shelter", subject=stay, hours=1))

        assert emitted == ["step.refused accommodation_missing out_of_order at"]


class TestWhoMaySaySo:
    @pytest.mark.parametrize(
        ("said", "refused"),
        [
            ({"agency": "redcross"}, "wrong_agency agency"),
            ({"agency": "cmm"}, "wrong_agency agency"),
            ({"agency": "cmm", "behalf": "shelter"}, "no_mandate behalf"),
            ({"agency": "police", "behalf": "municipality"}, "no_mandate behalf"),
            ({"agency": "shelter", "subject": "stay-9"}, "unknown_subject subject"),
            ({"agency": "shelter", "subject": None}, "missing subject"),
            ({"agency": "shelter", "outcome": "positive"}, "impossible outcome"),
            ({"agency": "shelter", "at": NOON + timedelta(hours=2)}, "impossible at"),
        ],
    )
    async def test_a_place_is_kept_only_by_whose_it_is(
        self, desk: Desk, said: dict[str, object], refused: str
    ) -> None:
        stay = await requested(desk)
        word = step("accommodation_reserved")
        data = {**word.data.model_dump(), "subject": stay, **said}

        emitted = await desk.take(
            event_of(StepReported, data_class(StepReported).model_validate(data), word.time)
        )

        assert emitted == [f"step.refused accommodation_reserved {refused}"]
        assert await desk.states() == {"stay stay-1": "requested"}

    async def test_nobody_keeps_a_place_who_was_not_asked_for_one(self, desk: Desk) -> None:
        assert await desk.take(
            step("accommodation_requested", "shelter", party="shelter", message="s-1"),
            step("accommodation_reserved", "shelter", subject="s-1"),
        ) == [
            "step.refused accommodation_requested no_mandate agency",
            "step.refused accommodation_reserved unknown_subject subject",
        ]

    async def test_of_two_answers_in_one_second_the_first_stands_and_the_second_is_told(
        self, desk: Desk
    ) -> None:
        stay = await requested(desk)

        assert await desk.take(
            step("accommodation_declined", "shelter", subject=stay, reason="no_capacity"),
            step("accommodation_reserved", "shelter", subject=stay),
        ) == [
            "accommodation.declined shelter no_capacity",
            "step.refused accommodation_reserved out_of_order",
        ]

    async def test_the_coordinator_speaks_for_who_is_not_connected(self, desk: Desk) -> None:
        stay = await requested(desk, "municipality")

        emitted = await desk.take(step("accommodation_reserved", subject=stay, behalf="municipality"))

        assert emitted == ["accommodation.reserved municipality"]
        assert (await desk.last())["agency"] == "cmm"

    async def test_everybody_near_may_say_that_somebody_is_missing(self, desk: Desk) -> None:
        stay = await requested(desk)
        await desk.take(step("accommodation_checked_in", "shelter", subject=stay))

        assert await desk.take(step("accommodation_missing", "cmm", subject=stay)) == [
            "accommodation.missing shelter"
        ]

    @pytest.mark.parametrize("party", ["drc", "cmm", "Hotel.Nord"])
    async def test_nobody_is_asked_for_a_place_who_gives_none(self, desk: Desk, party: str) -> None:
        assert await desk.take(step("accommodation_requested", party=party)) == [
            "step.refused accommodation_requested no_mandate party"
        ]

    async def test_nobody_asks_without_a_mandate_on_that_day(self, desk: Desk) -> None:
        early = step("accommodation_requested", party="shelter", hours=-24 * 400)

        assert (
            await desk.take(step("accommodation_requested", "tax", party="shelter"), early)
            == ["step.refused accommodation_requested no_mandate agency"] * 2
        )


class TestPlacement:
    async def test_nobody_is_sent_where_every_place_is_for_somebody_else(self, desk: Desk) -> None:
        await desk.take(capacity("a", 3, "female"), capacity("b", 1, "female", "child"))
        await desk.take(step("need_assessed", codes=("accommodation", "male", "wheelchair")))

        assert await desk.take(step("accommodation_requested", party="shelter")) == [
            "step.refused accommodation_requested no_recipient party"
        ]

    async def test_a_unit_for_the_person_or_one_that_does_not_say_will_do(self, desk: Desk) -> None:
        await desk.take(capacity("a", 0, "female", "asylum"), submitted(residence="asylum_seeker"))
        assert await desk.take(step("accommodation_requested", party="shelter")) == [REQUESTED]

        await desk.take(capacity("a", 0, "male"), capacity("b", 0))
        assert await desk.take(step("accommodation_requested", party="shelter")) == [REQUESTED]

    async def test_the_last_assessment_counts_and_not_the_referral(self, desk: Desk) -> None:
        await desk.take(capacity("a", 1, "male", "high_security"), submitted(sex="female"))
        assert (await desk.take(step("accommodation_requested", party="shelter")))[0].startswith("step")

        await desk.take(
            step("need_assessed", codes=("female",)), step("need_assessed", codes=("male",), hours=1)
        )
        assert await desk.take(step("accommodation_requested", party="shelter")) == [REQUESTED]


class TestReferral:
    async def test_that_a_shelter_takes_is_a_stay(self, desk: Desk) -> None:
        assert await desk.take(submitted(), went("accepted"), went("started"), went("completed")) == [
            "accommodation.reserved shelter",
            "accommodation.checked_in shelter",
            "accommodation.left shelter",
        ]
        assert (await desk.states())["stay ref-1"] == "left"

    async def test_for_something_else_is_none(self, desk: Desk) -> None:
        assert await desk.take(submitted(service="health"), went("accepted"), went("started")) == []

    @pytest.mark.parametrize("state", ["cancelled", "failed", "entered_in_error"])
    async def test_that_ends_frees_the_place(self, desk: Desk, state: str) -> None:
        await desk.take(submitted(), went("accepted"))

        assert await desk.take(went(state, reason="person_declined")) == [
            "accommodation.left shelter person_declined"
        ]

    async def test_that_fails_because_the_person_disappeared_is_no_leaving(self, desk: Desk) -> None:
        await desk.take(submitted(age_group="child"), went("accepted"), went("started"))

        assert await desk.take(went("failed", reason="disappeared")) == [
            "accommodation.missing shelter disappeared",
            "child.reported_missing accommodation",
        ]

    async def test_that_never_began_fails_without_anybody_missing(self, desk: Desk) -> None:
        await desk.take(submitted(age_group="child"), went("accepted"))

        assert await desk.take(went("failed", reason="disappeared")) == [
            "accommodation.left shelter disappeared"
        ]

    async def test_said_twice_is_one(self, desk: Desk) -> None:
        await desk.take(
            submitted(), went("accepted"), step("accommodation_checked_in", "shelter", subject="ref-1")
        )

        assert await desk.take(went("accepted"), went("started"), submitted()) == []
