"""What an agency says has happened in a case: told by its receipt, as codes, for itself only."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from stafet.gateway.domain import stepped
from stafet_schemas.inbound import MessageRejected
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.step import StepReported
from stafet_sdk.draft import StepDraft
from stafet_sdk.errors import MappingError
from tests.services.gateway.samples import referral, step_event
from tests.services.gateway.serving import Gateway

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ID = "0192f3a0-0000-7000-8000-0000000000b1"
DRAFT = StepDraft("r-1", "period_granted", NOW, {"subject": ID, "until": date(2026, 12, 24)})


class TestStepped:
    def test_words_the_draft_as_it_came(self) -> None:
        data = stepped(DRAFT, case="c-1", agency="immigration", message="m-1", now=NOW)
        assert data.model_dump(exclude_defaults=True) == {
            "case": "c-1", "agency": "immigration", "message": "m-1", "at": NOW, "step": "period_granted",
            "subject": ID, "until": date(2026, 12, 24), "connected": True,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("draft", "fields"),
        [
            (replace(DRAFT, step="danced"), {"step"}),
            (replace(DRAFT, step="Zorabelle Quist"), {"step"}),
            (replace(DRAFT, facts={}), {"subject"}),
            (replace(DRAFT, facts={"subject": "Zorabelle"}), {"subject"}),
            (replace(DRAFT, facts={"subject": ID, "reason": "other"}), {"reason"}),
            (replace(DRAFT, facts={"subject": ID, "behalf": "municipality"}), {"behalf"}),
            (replace(DRAFT, facts={"subject": ID, "agency": "police"}), {"agency"}),
            (replace(DRAFT, facts={"subject": ID, "connected": False}), {""}),
            (replace(DRAFT, facts={"subject": ID, "Zorabelle": "x"}), {""}),
            (replace(DRAFT, at=NOW + timedelta(minutes=1, seconds=1)), {"at"}),
        ],
    )
    def test_names_what_cannot_stand_and_no_value(self, draft: StepDraft, fields: set[str]) -> None:
        with pytest.raises(MappingError) as caught:
            stepped(draft, case="c-1", agency="immigration", message="m-1", now=NOW)
        assert {field for field, _ in caught.value.problems} == fields
        assert "Zorabelle" not in str(caught.value)


class TestAStep:
    async def test_becomes_an_event_of_its_case(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        await gateway.translate()
        [about] = await gateway.events(ReferralSubmitted)
        [received] = await gateway.accept(step_event(about.data.referral), sender="redcross")
        await gateway.translate()
        [event] = await gateway.events(StepReported)
        assert (event.causationid, event.partitionkey) == (received.id, about.data.case)
        assert (event.data.agency, event.data.message) == ("redcross", received.data.message)
        assert (event.data.step, event.data.subject) == ("accommodation_missing", ID)

    async def test_about_a_referral_of_others_is_refused_and_told_by_its_field(
        self, gateway: Gateway
    ) -> None:
        await gateway.accept(step_event("0192f3a0-0000-7000-8000-000000000099"), sender="redcross")
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        assert [(each.field, each.problem) for each in event.data.problems] == [("referral", "unknown")]
        assert await gateway.events(StepReported) == []

    async def test_in_the_future_is_refused(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        await gateway.translate()
        [about] = await gateway.events(ReferralSubmitted)
        later = {"stafet_at": "2999-01-01T00:00:00Z"}
        await gateway.accept(step_event(about.data.referral, **later), sender="redcross")
        await gateway.translate()
        [event] = await gateway.events(MessageRejected)
        assert json.loads(event.data.model_dump_json())["problems"] == [
            {"field": "at", "problem": "in the future"}
        ]
