"""Telling who holds values that they may not be used, or kept, any more."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from stafet.dispatch.domain import Failed, recalls
from stafet_connectors.police import PoliceConnector
from stafet_connectors.police import connector as police
from stafet_schemas.case import CaseErased
from stafet_schemas.consent import ConsentNarrowed, ConsentWithdrawn
from stafet_sdk.contract import Outbound, Partner
from stafet_sdk.draft import Release
from stafet_sdk.errors import NoWord
from tests.fakes.partner_server import Script, answers, hangs
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import CONNECTORS, TAKES, Gate, Opener, Turns, kinds, requested
from tests.services.dispatch.samples import NOON, cases, cut, erased

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
            ("needs_action", "no_word", True),
            ("needs_action", "no_partner", False),
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


class TestOvertaking:
    async def test_passes_a_dead_end_which_stays_one(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        vault.block, vault.block_part = "no_mandate", "notice"
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed(), case.routed("content")])
            await hub.until_statuses("failed", "waiting")
            await hub.take([cut(ConsentWithdrawn, case.case, "redcross")])
            await hub.until_statuses("failed", "waiting", "delivered")
            await hub.later(3600)
            await hub.take([cut(ConsentWithdrawn, case.case, "redcross")])
            await hub.until_statuses("failed", "waiting", "delivered", "delivered")

            assert kinds(partners.redcross.requests) == ["withdrawn", "withdrawn"]
            assert await hub.lanes() == [("redcross", 2, None)]

    async def test_passes_what_waits_for_its_time_and_that_keeps_its_time(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        busy = answers("429 Busy", "retry-after: 40\r\n")
        async with opened(Turns(busy, TAKES)) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            await hub.until_told("deferred")
            await hub.take([cut(ConsentWithdrawn, case.case, "redcross")])
            await hub.until_statuses("waiting", "delivered")
            lanes = await hub.lanes()
            await hub.later(40)
            await hub.until_statuses("delivered", "delivered")

            assert lanes == [("redcross", 1, NOON + timedelta(seconds=40))]
            assert kinds(partners.redcross.requests) == ["notice", "withdrawn", "notice"]

    @pytest.mark.parametrize(
        ("ends", "statuses", "kinds_after"),
        [
            (TAKES, ("delivered", "delivered", "delivered"), ["content"]),
            (answers("500 Oh"), ("waiting", "waiting", "delivered"), []),
            (answers("400 No"), ("failed", "waiting", "delivered"), []),
        ],
    )
    async def test_never_passes_what_is_being_sent_however_that_ends(
        self,
        opened: Opener,
        vault: FakeVault,
        ends: Script,
        statuses: tuple[str, ...],
        kinds_after: list[str],
    ) -> None:
        (case,) = await cases(vault, 1)
        gate = Gate(ends)
        async with opened(gate) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.accepted(), case.routed(), case.routed("content")])
            await requested(partners.redcross, 1)
            await hub.take([cut(ConsentWithdrawn, case.case, "redcross")])
            await hub.later(1800)
            meanwhile = await hub.statuses()
            gate.opened.set()
            await hub.until_statuses(*statuses)

            assert meanwhile == ["sending", "waiting", "waiting"]
            assert kinds(partners.redcross.requests) == ["notice", "withdrawn", *kinds_after]

    async def test_goes_first_when_a_stopped_worker_starts_again(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened(Turns(hangs, TAKES)) as (hub, partners):
            async with hub.working():
                await hub.take([case.submitted(), case.routed()])
                await requested(partners.redcross, 1)
                await hub.take([cut(ConsentWithdrawn, case.case, "redcross")])
            async with hub.working():
                await hub.until_statuses("delivered", "delivered")

            assert kinds(partners.redcross.requests) == ["notice", "withdrawn", "notice"]

    async def test_holds_the_rest_while_it_waits_itself_and_lets_another_recall_pass(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened(Turns(answers("503 Later"), TAKES)) as (hub, partners), hub.working():
            await hub.take([case.submitted(), cut(ConsentWithdrawn, case.case, "redcross"), case.routed()])
            await hub.until_told("deferred")
            await hub.take([cut(ConsentNarrowed, case.case, "redcross")])
            await hub.until_statuses("waiting", "waiting", "delivered")
            lanes = await hub.lanes()
            await hub.later(1)
            await hub.until_statuses("delivered", "delivered", "delivered")

            assert lanes == [("redcross", 2, NOON + timedelta(seconds=1))]
            assert kinds(partners.redcross.requests) == ["withdrawn", "withdrawn", "withdrawn", "notice"]


class Wordless(PoliceConnector):
    """The police as if their protocol had no word for a withdrawal."""

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Word a status, and nothing else."""
        if release.part != "status":
            raise NoWord
        return super().from_hub(release, partner, now)


class TestNoWord:
    async def test_ends_the_recall_as_a_humans_task_and_the_lane_goes_on(
        self, opened: Opener, vault: FakeVault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(CONNECTORS, "police", Wordless(police.manifest))
        (case,) = await cases(vault, 1)
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), cut(ConsentWithdrawn, case.case, "police")])
            await hub.take([case.status("delivered")])
            await hub.until_statuses("ended", "delivered")

            (failed,) = [data for kind, data in await hub.told() if kind == "failed"]
            assert (failed["failure"], failed["cause"], failed["part"]) == (
                "needs_action",
                "no_word",
                "withdrawal",
            )
            assert await hub.lanes() == [("police", 0, None)]
            assert len(partners.police.requests) == 1


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

    async def test_ends_whatever_stood_still_or_waited_in_the_lanes_of_its_case(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        case, other = await cases(vault, 2)
        busy = answers("429 Busy", "retry-after: 3000\r\n")
        async with opened(Turns(answers("400 No"), busy, answers("400 No"), TAKES), busy) as (hub, _):
            await hub.take([case.submitted(), other.submitted()])
            async with hub.working():
                for number, routed in enumerate([case.routed(), case.status("delivered"), other.routed()]):
                    await hub.take([routed])
                    await hub.until_tried(number + 1)
                vault.block, vault.block_part = "erased", None
                await hub.take([case.routed("content"), cut(ConsentWithdrawn, case.case, "redcross")])
                await hub.take([erased(case.case)])
                await hub.until_statuses("ended", "ended", "waiting", "ended", "ended")

            assert await hub.lanes() == [
                ("police", 0, None),
                ("redcross", 0, None),
                ("redcross", 1, NOON + timedelta(seconds=3000)),
            ]

    async def test_ends_also_what_was_being_sent_and_is_refused(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        gate = Gate(answers("400 No"))
        async with opened(gate) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed(), case.routed("content")])
            await requested(partners.redcross, 1)
            vault.block = "erased"
            await hub.take([erased(case.case)])
            gate.opened.set()
            await hub.until_statuses("ended", "ended")

            assert await hub.lanes() == [("redcross", 0, None)]
            assert len(partners.redcross.requests) == 1
