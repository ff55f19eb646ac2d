"""Taking a referral back from its receiver: it is told first, and sent nothing more of it."""

import json
from datetime import timedelta

import pytest

from tests.fakes.partner_server import answers
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import TAKES, Opener, Turns, kinds
from tests.services.dispatch.samples import cases

REVOKED = {"rung": "withdrawn"}


class TestARevocation:
    @pytest.mark.parametrize("reason", ["no_mandate", "no_policy"])
    async def test_passes_a_dead_head_and_ends_it(
        self, opened: Opener, vault: FakeVault, reason: str
    ) -> None:
        (case,) = await cases(vault, 1)
        vault.block, vault.block_part = reason, "notice"
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            await hub.until_statuses("failed")
            await hub.take([case.routed("revocation", **REVOKED)])
            await hub.until_statuses("ended", "delivered")
            failed = [data for kind, data in await hub.told() if kind == "failed"]

            assert [(each["cause"], each["part"]) for each in failed] == [
                (reason, "notice"),
                ("revoked", "notice"),
            ]
            assert await hub.lanes() == [("redcross", 0, None)]
        (request,) = partners.redcross.requests
        sent = json.loads(request.partition(b"\r\n\r\n")[2])
        assert sent["type"] == "dk.cmm.stafet.partner.referral.revoked.v1"
        assert sent["data"]["stafet_rung"] == "withdrawn"

    async def test_what_waits_for_its_time_is_not_sent_after_it(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened(Turns(answers("503 Later"), TAKES)) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            await hub.until_told("deferred")
            await hub.take([case.routed("revocation", **REVOKED)])
            await hub.until_statuses("ended", "delivered")
            await hub.later(timedelta(days=1).total_seconds())

            assert kinds(partners.redcross.requests) == ["notice", "revoked"]

    async def test_what_comes_later_of_the_referral_is_not_sent_either(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.accepted(), case.routed("revocation", **REVOKED)])
            await hub.take([case.routed("content")])
            await hub.until_statuses("delivered", "ended")

            assert kinds(partners.redcross.requests) == ["revoked"]

    async def test_another_referral_of_the_case_goes_on(self, opened: Opener, vault: FakeVault) -> None:
        one, two = await cases(vault, 2)
        async with opened() as (hub, partners), hub.working():
            await hub.take([one.submitted(), two.submitted(), one.routed("revocation", **REVOKED)])
            await hub.take([two.routed()])
            await hub.until_statuses("delivered", "delivered")

            assert sorted(kinds(partners.redcross.requests)) == ["notice", "revoked"]

    async def test_one_that_was_never_sent_is_told_to_nobody(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        vault.block, vault.block_part = "never_sent", "revocation"
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed("revocation", **REVOKED)])
            await hub.until_statuses("ended")

            assert partners.redcross.requests == []
            assert await hub.lanes() == [("redcross", 0, None)]
