from stafet_schemas.contact import (
    ContactAnonymousReported,
    ContactClosedNoAction,
    ContactReceived,
    ContactReferred,
    ContactRefused,
    ContactTriaged,
)
from tests.services.contacts.samples import NIGHT, Desk, said


class TestAContact:
    async def test_of_the_day_is_the_coordinators_and_becomes_a_referral(self, desk: Desk) -> None:
        told = await desk.hear(
            said("c-1", "received", venue="hotline", source="union", persons=3),
            said("c-1", "triaged", priority="urgent", exploitation=("forced_labour",)),
            said("c-1", "referred", referral="r-1"),
        )

        received, triaged, referred = told
        assert isinstance(received, ContactReceived)
        assert (received.data.open, received.data.route, received.data.persons) == (True, "cmm", 3)
        assert isinstance(triaged, ContactTriaged)
        assert triaged.data.exploitation == ("forced_labour",)
        assert isinstance(referred, ContactReferred)
        assert referred.data.referral == "r-1"

    async def test_of_the_night_is_for_the_police_line(self, desk: Desk) -> None:
        (received,) = await desk.hear(said("c-1", "received", venue="hotline", at=NIGHT))

        assert isinstance(received, ContactReceived)
        assert (received.data.open, received.data.route) == (False, "police_hotline")

    async def test_of_an_adult_who_says_no_is_a_number(self, desk: Desk) -> None:
        told = await desk.hear(
            said("c-1", "received", venue="massage_clinic", persons=2),
            said("c-1", "triaged", priority="routine", exploitation=("sexual",)),
            said("c-1", "closed", reason="declined", consents=False),
        )

        assert isinstance(told[-1], ContactAnonymousReported)
        assert told[-1].data.model_dump(include={"venue", "persons", "exploitation"}) == {
            "venue": "massage_clinic",
            "persons": 2,
            "exploitation": ("sexual",),
        }

    async def test_of_a_child_cannot_end_as_a_number(self, desk: Desk) -> None:
        told = await desk.hear(
            said("c-1", "received", venue="hotline"),
            said("c-1", "triaged", priority="urgent", age_group="child"),
            said("c-1", "closed", reason="declined", consents=False),
            said("c-1", "referred", referral="r-1"),
        )

        assert isinstance(told[2], ContactRefused)
        assert told[2].data.reason == "child"
        assert isinstance(told[3], ContactReferred)

    async def test_can_end_without_anything_to_do(self, desk: Desk) -> None:
        told = await desk.hear(
            said("c-1", "received", venue="hotline"), said("c-1", "closed", reason="prank")
        )

        assert isinstance(told[-1], ContactClosedNoAction)
        assert told[-1].data.reason == "prank"


class TestWhatCannotStand:
    async def test_is_refused_by_its_field(self, desk: Desk) -> None:
        told = await desk.hear(
            said("c-1", "received"),
            said("c-2", "received", venue="hotline", persons=0),
            said("c-3", "triaged", priority="urgent"),
            said("c-3", "sung"),
        )

        refused = [each.data for each in told if isinstance(each, ContactRefused)]
        assert [(each.reason, each.field) for each in refused] == [
            ("missing", "venue"),
            ("impossible", "persons"),
            ("out_of_order", None),
            ("unknown_step", "step"),
        ]

    async def test_changes_nothing_when_it_comes_twice(self, desk: Desk) -> None:
        report = said("c-1", "received", venue="hotline")

        told = await desk.hear(report, report)

        assert len(told) == 1

    async def test_keeps_a_code_that_is_not_on_the_list(self, desk: Desk) -> None:
        (received,) = await desk.hear(said("c-1", "received", venue="ship"))

        assert isinstance(received, ContactReceived)
        assert received.data.venue == "ship"
