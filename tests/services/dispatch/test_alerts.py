"""What agencies are told of time limits, proposals and steps that nothing followed from; and who is not."""

import json

import pytest

from stafet_schemas.deadline import DeadlineBreached
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import Opener, kinds, written
from tests.services.dispatch.samples import NOON, SECRETS, cases


def body(request: bytes) -> dict[str, object]:
    """Take the JSON out of a request to the Red Cross."""
    read: dict[str, object] = json.loads(request.partition(b"\r\n\r\n")[2])
    return read


class TestADeadline:
    async def test_is_told_to_who_was_brought_something_of_the_case_and_to_nobody_else(
        self, opened: Opener, vault: FakeVault, dsn: str
    ) -> None:
        one, two = await cases(vault, 2)
        async with opened() as (hub, partners), hub.working():
            await hub.take([one.submitted(), one.routed(), two.submitted(), two.status("delivered")])
            await hub.take([one.warned("redcross", "police", "shelter"), two.warned("redcross", "shelter")])
            await hub.until_statuses("delivered", "delivered", "delivered")

            told = (await hub.items())[-1]
            assert (told["recipient"], told["lane"], told["part"], told["purpose"], told["rung"]) == (
                "redcross", one.case, "alert", "alert", "warned",
            )  # fmt: skip
            assert (told["reason"], told["due"], told["referral"]) == ("period_end", NOON, None)
            assert kinds(partners.redcross.requests) == ["notice", "alert"]
            assert len(partners.police.requests) == 1
            assert vault.requests[-1].due == NOON
            whole = await written(dsn) + partners.redcross.requests[-1].decode()
        assert not [secret for secret in SECRETS if secret in whole]

    async def test_that_is_over_is_told_of_the_referral_that_it_is_about(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        late = case.warned(
            kind=DeadlineBreached, owner="redcross", clock="referral_start", subject=case.referral
        )
        async with opened() as (hub, _), hub.working():
            # In one batch: whoever is to be brought the notice takes part when the alert's turn comes.
            await hub.take([case.submitted(), case.routed(), late])
            await hub.until_statuses("delivered", "delivered")

            told = (await hub.items())[-1]
            assert (told["rung"], told["reason"], told["referral"]) == (
                "breached", "referral_start", case.referral,
            )  # fmt: skip

    async def test_that_is_not_to_be_told_is_told_to_nobody(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed(), case.warned("redcross", tells=False)])
            assert [each["part"] for each in await hub.items()] == ["notice"]

    async def test_read_again_tells_nobody_twice(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        events = [case.submitted(), case.routed(), case.warned("redcross")]
        async with opened() as (hub, partners), hub.working():
            await hub.take(events)
            await hub.until_statuses("delivered", "delivered")
            await hub.take(events[2:])
            # As if the log were read from its begin by one that remembers nothing of having read it.
            await hub.database.pool.execute("truncate inbox")
            await hub.take(events[2:])

            assert await hub.statuses() == ["delivered", "delivered"]
            assert kinds(partners.redcross.requests) == ["notice", "alert"]
            assert await hub.lanes() == [("redcross", 0, None)]

    @pytest.mark.parametrize("reason", ["never_sent", "not_concerned"])
    async def test_that_the_vault_keeps_back_ends_and_its_lane_goes_on(
        self, opened: Opener, vault: FakeVault, reason: str
    ) -> None:
        (case,) = await cases(vault, 1)
        vault.block, vault.block_part = reason, "alert"
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed(), case.warned("redcross")])
            await hub.until_statuses("delivered", "ended")
            await hub.take([case.routed("reminder")])
            await hub.until_statuses("delivered", "ended", "delivered")

            assert kinds(partners.redcross.requests) == ["notice", "reminder"]


class TestAProposal:
    async def test_is_told_after_the_notice_and_not_of_what_was_taken_back(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        proposal = {"rung": "handover_proposed"}
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed(), case.routed("alert", **proposal)])
            await hub.until_statuses("delivered", "delivered")
            await hub.take([case.routed("revocation", rung="withdrawn"), case.routed("alert", **proposal)])
            await hub.until_statuses("delivered", "delivered", "delivered", "ended")

            assert kinds(partners.redcross.requests) == ["notice", "alert", "revoked"]
            assert body(partners.redcross.requests[1])["data"] == {
                "stafet_referrals": ["referral-1"], "stafet_rung": "handover_proposed",
            }  # fmt: skip


class TestARefusedStep:
    async def test_is_told_by_its_receipt_with_reason_and_field(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.step_refused("redcross", connected=True)])
            await hub.until_statuses("delivered")

        (request,) = partners.redcross.requests
        assert body(request)["data"] == {
            "stafet_receipt": "6b1f3a52-4444-4000-8000-000000000001", "stafet_rung": "rejected",
            "stafet_reason": "over_cap", "stafet_problems": [{"field": "until", "problem": "over_cap"}],
        }  # fmt: skip
        (asked,) = vault.requests
        assert (asked.case, asked.part, asked.purpose) == (None, "status", "referral_status")

    async def test_that_was_typed_at_the_console_makes_no_delivery(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.step_refused(each, connected=False) for each in ("cmm", "prison")])

            assert (await hub.items(), await hub.told()) == ([], [])
