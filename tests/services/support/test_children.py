"""What is owed to a child: by law, whoever consents; nothing unanswered goes out of sight."""

import pytest

from stafet_schemas.event import Event
from tests.services.support.samples import Desk, cut, given, step, submitted, went


class TestSuspicion:
    async def test_a_referral_of_a_child_is_one_and_the_first_only(self, desk: Desk) -> None:
        child = {"age_group": "child"}

        emitted = await desk.take(
            submitted(1, **child), submitted(2, **child), step("child_suspected", "redcross")
        )

        assert emitted == ["child.suspected referral"]
        assert await desk.last() | {"at": None} == {
            "case": "case-1", "agency": "police", "message": "POL-1", "at": None,
            "reason": "referral", "law": "barnets_lov_133",
        }  # fmt: skip

    async def test_a_referral_of_an_adult_is_none(self, desk: Desk) -> None:
        assert await desk.take(submitted()) == []

    async def test_anybody_may_suspect_it(self, desk: Desk) -> None:
        assert await desk.take(step("child_suspected", "union", reason="looks_young")) == [
            "child.suspected looks_young"
        ]


class TestConsent:
    @pytest.mark.parametrize(
        "said",
        [
            [],
            [given(purposes=("child_protection",), basis="consent"), cut("withdrawn")],
            [given(), cut("expired")],
        ],
    )
    async def test_gates_none_of_it_and_the_law_stands_on_each(self, desk: Desk, said: list[Event]) -> None:
        await desk.take(*said)
        await desk.take(
            submitted(age_group="child"),
            step("child_notification_sent", "redcross", party="municipality", message="n-1"),
            step("child_acute_assessed", behalf="municipality", subject="n-1", reason="acute"),
            step("child_notification_acknowledged", behalf="municipality", subject="n-1"),
            step("representative_requested", "redcross", message="r-1"),
            step("representative_appointed", behalf="family_court", subject="r-1"),
            step("child_reported_missing", "redcross", message="a-1"),
            step("child_found", "police", subject="a-1"),
        )

        assert [
            (type(each).short_name(), each.data.model_dump()["law"]) for each in await desk.emitted()
        ] == [
            ("child.suspected", "barnets_lov_133"),
            ("child.notification_sent", "barnets_lov_133"),
            ("child.acute_assessed", "barnets_lov_136"),
            ("child.notification_acknowledged", "barnets_lov_136"),
            ("representative.requested", "udl_56_a"),
            ("representative.appointed", "udl_56_a"),
            ("child.reported_missing", "barnets_lov_9"),
            ("child.found", "barnets_lov_9"),
        ]


class TestNotification:
    async def test_eleven_are_eleven_and_the_unanswered_stay_in_sight(self, desk: Desk) -> None:
        sent = [
            step("child_notification_sent", party="municipality", message=f"n-{each:02}")
            for each in range(11)
        ]
        assert len(await desk.take(*sent)) == 11

        await desk.take(
            step("child_notification_acknowledged", behalf="municipality", subject="n-03"),
            step("child_acute_assessed", behalf="municipality", subject="n-03", reason="no_action"),
        )

        states = await desk.states()
        assert sorted(name for name, state in states.items() if state == "sent") == [
            f"notification n-{each:02}" for each in range(11) if each != 3
        ]
        assert states["notification n-03"] == "answered"

    async def test_what_the_municipality_found_is_kept_verbatim(self, desk: Desk) -> None:
        await desk.take(
            step("child_notification_sent", party="municipality", message="n-1", law="serviceloven_153")
        )
        assert (await desk.last())["law"] == "serviceloven_153"

        await desk.take(step("child_acute_assessed", "municipality", subject="n-1", reason="Anbragt_akut"))
        assert (await desk.last())["outcome"] == "Anbragt_akut"

    async def test_nobody_answers_for_the_municipality_and_others_are_not_notified(self, desk: Desk) -> None:
        await desk.take(step("child_notification_sent", party="municipality", message="n-1"))

        assert await desk.take(
            step("child_notification_acknowledged", "redcross", subject="n-1"),
            step("child_notification_acknowledged", subject="n-1"),
            step("child_notification_sent", party="tax"),
        ) == [
            "step.refused child_notification_acknowledged wrong_agency agency",
            "step.refused child_notification_acknowledged wrong_agency agency",
            "step.refused child_notification_sent no_mandate party",
        ]


class TestAbsence:
    async def test_a_child_missing_from_its_place_is_reported_by_itself_once(self, desk: Desk) -> None:
        await desk.take(submitted(age_group="child"), went("accepted"), went("started"))

        assert await desk.take(
            step("accommodation_missing", "shelter", subject="ref-1", message="m-x"),
            step("accommodation_missing", "shelter", subject="ref-1"),
            step("child_reported_missing", "redcross"),
        ) == ["accommodation.missing shelter", "child.reported_missing accommodation"]

    async def test_an_adult_is_not(self, desk: Desk) -> None:
        await desk.take(submitted(), went("accepted"), went("started"))

        assert len(await desk.take(step("accommodation_missing", "shelter", subject="ref-1"))) == 1

    async def test_who_turns_out_to_be_a_child_is_missing_from_then_on(self, desk: Desk) -> None:
        await desk.take(submitted(), went("accepted"), went("started"))
        await desk.take(step("accommodation_missing", "shelter", subject="ref-1"))

        assert await desk.take(step("child_suspected", "redcross")) == [
            "child.suspected",
            "child.reported_missing accommodation",
        ]

    async def test_who_comes_back_is_found(self, desk: Desk) -> None:
        await desk.take(submitted(age_group="child"), went("accepted"), went("started"))
        await desk.take(step("accommodation_missing", "shelter", subject="ref-1"))

        assert await desk.take(step("accommodation_found", "shelter", subject="ref-1")) == [
            "accommodation.found shelter",
            "child.found shelter",
        ]

    async def test_a_child_may_be_found_elsewhere_and_go_missing_again(self, desk: Desk) -> None:
        await desk.take(step("child_suspected"), step("child_reported_missing", "redcross", message="a-1"))

        assert await desk.take(
            step("child_found", "police", subject="a-1", party="municipality"),
            step("child_reported_missing", "municipality", message="a-2"),
            step("child_found", "police", subject="a-2"),
            step("child_found", "police", subject="a-9"),
        ) == [
            "child.found municipality",
            "child.reported_missing",
            "child.found police",
            "step.refused child_found unknown_subject subject",
        ]
