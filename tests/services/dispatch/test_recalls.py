"""Telling who holds values that they may not be used, or kept, any more."""

import json
from uuid import UUID

import pytest

from stafet.dispatch.domain import Failed, recalls
from stafet_schemas.case import CaseErased
from stafet_schemas.consent import ConsentWithdrawn
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import Opener
from tests.services.dispatch.samples import cases, cut, erased

EVENT = "01930000-0000-7000-8000-000000000001"


class TestRecalls:
    def test_the_same_event_makes_the_same_deliveries_one_for_each_recipient(self) -> None:
        once = recalls("withdrawal", EVENT, "case-1", ("redcross", "cmm"))
        assert once == recalls("withdrawal", EVENT, "case-1", ("redcross", "cmm"))
        assert len({UUID(each.delivery) for each in once}) == 2
        assert {(each.lane, each.part, each.purpose) for each in once} == {
            ("case-1", "withdrawal", "consent_withdrawn")
        }


class TestFailed:
    @pytest.mark.parametrize(
        ("failure", "cause", "ends"),
        [
            ("policy", "no_consent", True),
            ("policy", "erased", True),
            ("policy", "no_mandate", False),
            ("bug", "no_consent", False),
        ],
    )
    def test_ends_what_nobody_may_send_any_more(self, failure: str, cause: str, ends: bool) -> None:
        assert Failed(failure, cause).ends == ends


class TestAWithdrawal:
    async def test_is_told_to_each_recipient_of_the_event_once(self, opened: Opener) -> None:
        event = cut(ConsentWithdrawn, "case-1", "redcross")
        async with opened() as (hub, partners), hub.working():
            await hub.take([event])
            await hub.take([event])
            await hub.until_statuses("delivered")
        (request,) = partners.redcross.requests
        sent = json.loads(request.partition(b"\r\n\r\n")[2])
        assert sent["type"] == "dk.cmm.stafet.partner.consent.withdrawn.v1"
        assert sent["data"]["stafet_groups"] == ["health"]

    async def test_to_nobody_makes_no_item(self, opened: Opener) -> None:
        async with opened() as (hub, _):
            await hub.take([cut(ConsentWithdrawn, "case-1")])
            assert await hub.items() == []

    @pytest.mark.parametrize("reason", ["no_consent", "erased"])
    async def test_passes_what_it_has_blocked_and_that_is_told(
        self, opened: Opener, vault: FakeVault, reason: str
    ) -> None:
        (case,) = await cases(vault, 1)
        vault.block, vault.block_part = reason, "notice"
        async with opened() as (hub, partners):
            await hub.take([case.submitted(), case.routed(), cut(ConsentWithdrawn, case.case, "redcross")])
            async with hub.working():
                await hub.until_statuses("ended", "delivered")
            failed = [data for kind, data in await hub.told() if kind == "failed"]
            lane = await hub.database.pool.fetchrow("select depth, due_at from lanes")
        assert [(each["failure"], each["cause"], each["part"]) for each in failed] == [
            ("policy", reason, "notice")
        ]
        assert len(partners.redcross.requests) == 1
        assert lane is not None
        assert tuple(lane) == (0, None)

    async def test_waits_behind_what_a_human_must_look_at(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        vault.block, vault.block_part = "no_mandate", "notice"
        async with opened() as (hub, _), hub.working():
            await hub.take([case.submitted(), case.routed(), cut(ConsentWithdrawn, case.case, "redcross")])
            await hub.until_statuses("failed", "waiting")
            assert await hub.statuses() == ["failed", "waiting"]


class TestAnErasure:
    async def test_is_told_by_referrals_without_a_pseudonym(self, opened: Opener) -> None:
        async with opened() as (hub, partners), hub.working():
            await hub.take([erased("case-1", "redcross")])
            await hub.until_statuses("delivered")
        (request,) = partners.redcross.requests
        sent = json.loads(request.partition(b"\r\n\r\n")[2])
        assert (sent["type"], sent["data"]) == (
            "dk.cmm.stafet.partner.case.erased.v1",
            {"stafet_purpose": "erasure", "stafet_referrals": ["referral-1"]},
        )
        assert CaseErased.topic == ConsentWithdrawn.topic
