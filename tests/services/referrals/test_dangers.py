"""A person is not sent to whoever endangers them: not chosen, not named, not proposed, and taken back."""

from datetime import timedelta

import pytest

from stafet_schemas.event import Event
from stafet_schemas.safety import SafetyConflictNoted
from stafet_schemas.step import StepRefused, StepReported, StepReportedData
from tests.services.referrals.raid import Person, reported
from tests.services.referrals.samples import NOON, Desk, Life, event_of

CASE = "case-001"
WOMAN = Person(1, "tha", "adult", "female", "lawful")


def noted(party: str | None = "shelter", case: str = CASE, **changes: object) -> Event:
    """Let the police warn of the shelter, or as the changes say."""
    said: dict[str, object] = {
        "case": case,
        "agency": "police",
        "message": "warning-1",
        "at": NOON,
        "step": "safety_conflict_noted",
        "party": party,
        "reason": "relative_works_there",
    }
    return event_of(StepReported, StepReportedData.model_validate(said | changes))


class TestSafetyConflict:
    async def test_it_is_told_and_kept(self, desk: Desk) -> None:
        await desk.take(noted())

        (fact,) = await desk.emitted()
        assert isinstance(fact, SafetyConflictNoted)
        assert (fact.data.party, fact.data.agency, fact.data.message) == ("shelter", "police", "warning-1")
        assert await desk.take(noted(message="warning-2")) == []

    async def test_the_hub_chooses_somebody_else(self, desk: Desk) -> None:
        await desk.take(noted(), reported("north", 5), WOMAN.submitted())

        assert await desk.units() == {WOMAN.referral: None}
        assert (await desk.states())[WOMAN.referral][0] == ["logged"]

    async def test_whoever_names_it_is_refused_and_others_are_proposed(self, desk: Desk) -> None:
        await desk.take(noted("redcross", case="case-1"))

        assert await desk.take(Life(1).submitted()) == [
            "refused police no_recipient",
            "routed police status rejected safety_conflict",
        ]

    async def test_other_cases_go_on(self, desk: Desk) -> None:
        await desk.take(noted("redcross", case="case-2"))

        assert await desk.take(Life(1).submitted()) == ["routed redcross notice"]

    async def test_what_it_has_not_answered_is_taken_back_before_the_content_goes(self, desk: Desk) -> None:
        await desk.take(reported("north", 5), WOMAN.submitted())

        told = await desk.take(noted())
        late = await desk.take(WOMAN.answered("shelter"))

        assert told == [
            "noted police relative_works_there",
            "withdrawn safety_conflict",
            "routed shelter revocation withdrawn",
            "routed police status withdrawn safety_conflict",
            "reroute_proposed",
        ]
        assert late == ["refused shelter out_of_order"]

    async def test_what_it_has_accepted_is_for_the_coordinator_to_end(self, desk: Desk) -> None:
        await desk.take(reported("north", 5), WOMAN.submitted(), WOMAN.answered("shelter"))

        assert await desk.take(noted()) == ["noted police relative_works_there", "reroute_proposed"]

    @pytest.mark.parametrize(
        ("wrong", "reason", "field"),
        [
            (noted(party=None), "missing", "party"),
            (noted(party="hub"), "impossible", "party"),
            (noted(at=NOON + timedelta(days=1)), "impossible", "at"),
            (noted(behalf="union"), "wrong_agency", "behalf"),
            (noted(agency="cmm", behalf="redcross"), "wrong_agency", "behalf"),
        ],
    )
    async def test_what_cannot_be_is_refused_to_whoever_said_it(
        self, desk: Desk, wrong: Event, reason: str, field: str
    ) -> None:
        await desk.take(wrong)

        (refused,) = await desk.emitted()
        assert isinstance(refused, StepRefused)
        assert (refused.data.reason, refused.data.field) == (reason, field)

    async def test_the_coordinator_warns_for_who_is_not_connected(self, desk: Desk) -> None:
        await desk.take(noted(agency="cmm", behalf="health"))

        (fact,) = await desk.emitted()
        assert isinstance(fact, SafetyConflictNoted)
        assert fact.data.agency == "health"
