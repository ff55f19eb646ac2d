"""A prepared return: on the person's own consent, with a way back until the person has left."""

from datetime import date, timedelta

import pytest

from stafet_schemas.event import Event
from tests.services.support.samples import NOON, Desk, cut, given, step

NEEDS = "step.refused return_accepted needs_consent"


def prepared() -> list[Event]:
    return [
        given(),
        step("return_offered", party="return_agency", message="r-1"),
        step("return_accepted", subject="r-1"),
        step("return_plan_drafted", subject="r-1", party="drc"),
        step("return_travel_booked", "return_agency", subject="r-1", starts=date(2026, 12, 1)),
    ]


class TestReturn:
    async def test_goes_home_and_is_supported_for_six_months(self, desk: Desk) -> None:
        await desk.take(*prepared())
        await desk.take(step("return_departed", "return_agency", subject="r-1", hours=24 * 280))

        departed = await desk.last()
        assert (departed["starts"], departed["until"]) == (date(2027, 8, 31), date(2028, 2, 29))
        assert (departed["consent"], departed["partner"]) == ("c-1", "drc")
        assert await desk.take(
            step("reintegration_started", "drc", subject="r-1", hours=24 * 281),
            step("reintegration_payment_due", "drc", subject="r-1", hours=24 * 290),
            step("reintegration_payment_due", "drc", subject="r-1", hours=24 * 320),
            step("reintegration_ended", "drc", subject="r-1", hours=24 * 460),
        ) == [
            "reintegration.started drc",
            "reintegration.payment_due drc",
            "reintegration.payment_due drc",
            "reintegration.ended drc",
        ]
        assert (await desk.last())["until"] == date(2028, 2, 29)
        assert (await desk.states())["return r-1"] == "closed"

    async def test_is_not_offered_by_who_carries_it_out(self, desk: Desk) -> None:
        assert await desk.take(
            step("return_offered", "return_agency", party="return_agency"),
            step("return_offered", party="tax"),
        ) == [
            "step.refused return_offered no_mandate agency",
            "step.refused return_offered no_mandate party",
        ]

    async def test_cannot_be_booked_for_a_day_that_is_over(self, desk: Desk) -> None:
        await desk.take(*prepared()[:-1])

        assert await desk.take(step("return_travel_booked", subject="r-1", starts=date(2026, 11, 1))) == [
            "step.refused return_travel_booked impossible starts"
        ]

    async def test_may_end_without_a_journey(self, desk: Desk) -> None:
        await desk.take(*prepared())

        assert await desk.take(step("return_ended", subject="r-1", reason="permit_granted")) == [
            "return.ended drc permit_granted"
        ]


class TestConsent:
    @pytest.mark.parametrize(
        "said",
        [
            [],
            [given(purposes=("support",))],
            [given(basis="ground")],
            [given(basis="duty")],
            [given(until=NOON - timedelta(minutes=1))],
            [given(), cut("withdrawn")],
            [given(), cut("narrowed", purposes=("support",))],
            [given(), cut("expired")],
            [given(), cut("withdrawn"), given()],
        ],
        ids=["none", "help", "ground", "duty", "over", "withdrawn", "narrowed", "expired", "late"],
    )
    async def test_without_the_persons_own_in_force_nothing_is_accepted(
        self, desk: Desk, said: list[Event]
    ) -> None:
        await desk.take(step("return_offered", message="r-1"), *said)

        assert await desk.take(step("return_accepted", subject="r-1")) == [NEEDS]
        assert (await desk.states())["return r-1"] == "offered"

    @pytest.mark.parametrize("state", ["withdrawn", "expired", "narrowed"])
    async def test_that_ends_lets_the_return_fall_back_by_itself(self, desk: Desk, state: str) -> None:
        await desk.take(*prepared())
        gone = cut(state, purposes=("support",) if state == "narrowed" else ())

        assert await desk.take(gone) == [f"return.fell_back drc consent_{state}"]
        told = await desk.last()
        assert (told["agency"], told["message"], told["consent"]) == ("hub", gone.id, "c-1")
        assert (told["starts"], told["until"]) == (None, None)
        assert await desk.take(gone, cut(state)) == []
        assert await desk.take(step("return_accepted", subject="r-1")) == [NEEDS]
        assert await desk.take(given("c-2"), step("return_accepted", subject="r-1")) == [
            "return.accepted drc"
        ]
        assert (await desk.last())["consent"] == "c-2"

    async def test_that_is_narrowed_and_still_means_it_holds(self, desk: Desk) -> None:
        await desk.take(*prepared())

        assert await desk.take(cut("narrowed", purposes=("prepared_return",), groups=())) == []
        assert (await desk.states())["return r-1"] == "travel_booked"

    async def test_another_that_stands_carries_it_on(self, desk: Desk) -> None:
        await desk.take(*prepared(), given("c-2"))

        assert await desk.take(cut("withdrawn")) == []
        assert await desk.take(cut("withdrawn", "c-2")) == ["return.fell_back drc consent_withdrawn"]

    async def test_is_asked_for_again_at_the_departure(self, desk: Desk) -> None:
        await desk.take(given(until=NOON + timedelta(hours=1)), *prepared()[1:])

        assert await desk.take(step("return_departed", subject="r-1", hours=2)) == [
            "step.refused return_departed needs_consent"
        ]

    async def test_takes_nobody_back_who_has_left(self, desk: Desk) -> None:
        await desk.take(*prepared(), step("return_departed", subject="r-1", hours=2))

        assert await desk.take(cut("withdrawn")) == []
        assert (await desk.states())["return r-1"] == "departed"

    async def test_the_person_may_think_again_without_withdrawing(self, desk: Desk) -> None:
        await desk.take(*prepared())

        assert await desk.take(
            step("return_fell_back", subject="r-1", reason="afraid"), step("return_departed", subject="r-1")
        ) == ["return.fell_back drc afraid", "step.refused return_departed out_of_order"]
