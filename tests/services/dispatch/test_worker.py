"""Delivering over real sockets: in order per lane, and nobody waits for somebody else's trouble."""

import re

from tests.fakes.partner_server import answers, hangs
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import TAKES, Gate, Opener, Turns, requested
from tests.services.dispatch.samples import cases, unusable

BAD = answers("400 Bad Request")


class TestDelivering:
    async def test_a_notice_is_on_the_wire_when_the_worker_is_told(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), routed])
            await hub.until_statuses("delivered")

            assert partners.deliveries() == [(routed.id, case.referral, "notice")]
            assert [kind for kind, _ in await hub.told()] == ["queued", "sent", "delivered"]

    async def test_the_attempt_is_written_down_before_anything_leaves_and_again_after(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        gate = Gate()
        async with opened(gate) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            await requested(partners.redcross, 1)
            (before,) = await hub.attempts()
            told_before = [kind for kind, _ in await hub.told()]
            gate.opened.set()
            await hub.until_statuses("delivered")

            (after,) = await hub.attempts()
            assert (before["attempt"], before["ended_at"], told_before) == (1, None, ["queued", "sent"])
            assert (after["outcome"], after["ended_at"]) == ("delivered", hub.clock.now())

    async def test_each_event_names_the_one_before_as_its_cause_and_keeps_the_trace(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with opened(Turns(answers("503 Later"), TAKES)) as (hub, _), hub.working():
            await hub.take([case.submitted(), routed])
            await hub.until_told("deferred")
            await hub.later(1)
            await hub.until_statuses("delivered")

            published = await hub.published()
        ids = [headers["ce_id"] for _, headers, _ in published]
        assert [kind for kind, _, _ in published] == ["queued", "sent", "deferred", "sent", "delivered"]
        assert [headers["ce_causationid"] for _, headers, _ in published] == [routed.id, *ids[:-1]]
        assert {headers["ce_traceparent"] for _, headers, _ in published} == {routed.traceparent}

    async def test_the_police_are_told_of_a_message_without_a_case(self, opened: Opener) -> None:
        receipt, own = (f"6b1f3a52-{kind}-4000-8000-000000000007" for kind in ("2222", "3333"))
        rejected = unusable(receipt, own)
        async with opened() as (hub, partners), hub.working():
            await hub.take([rejected])
            await hub.until_statuses("delivered")

            (request,) = partners.police.requests
            assert b"FEJLET" in request
            assert own.encode() in request
            assert receipt.encode() not in request
            assert rejected.id.encode() in request

    async def test_content_is_asked_for_as_accepted_only_once_the_receiver_accepted(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        early, late = await cases(vault, 2)
        async with opened() as (hub, _), hub.working():
            await hub.take([early.submitted(), late.submitted(), late.accepted()])
            await hub.take([early.routed("content"), late.routed("content"), late.status("accepted")])
            await hub.until_statuses("delivered", "delivered", "delivered")

        accepted = {(each.case, each.recipient): each.accepted for each in vault.requests}
        assert accepted == {
            (early.case, "redcross"): False,
            (late.case, "redcross"): True,
            (late.case, "police"): False,
        }


class TestOrder:
    async def test_bursts_of_five_arrive_in_order_for_every_case(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        all_cases = await cases(vault, 12)
        bursts = {case.referral: [case.routed() for _ in range(5)] for case in all_cases}
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted() for case in all_cases])
            for turn in range(5):
                await hub.take([burst[turn] for burst in bursts.values()])
            await hub.until_statuses(*["delivered"] * 60)

            came: dict[str, list[str]] = {}
            for delivery, referral, _ in partners.deliveries():
                came.setdefault(referral, []).append(delivery)
            assert came == {referral: [each.id for each in burst] for referral, burst in bursts.items()}

    async def test_only_the_head_of_a_lane_is_under_way(self, opened: Opener, vault: FakeVault) -> None:
        first, second = await cases(vault, 2)
        async with opened(hangs) as (hub, partners), hub.working():
            await hub.take([first.submitted(), second.submitted()])
            await hub.take([first.routed(), first.routed(), second.routed(), second.routed()])
            await requested(partners.redcross, 2)

            assert await hub.statuses() == ["sending", "waiting", "sending", "waiting"]

    async def test_the_other_recipient_of_the_case_does_not_wait(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened(BAD) as (hub, _), hub.working():
            await hub.take([case.submitted(), case.routed(), case.status("delivered")])

            await hub.until_statuses("failed", "delivered")


class TestTrouble:
    async def test_a_dead_end_holds_its_own_lane_only(self, opened: Opener, vault: FakeVault) -> None:
        stuck, free = await cases(vault, 2)
        async with opened(Turns(BAD, TAKES)) as (hub, _), hub.working():
            await hub.take([stuck.submitted(), free.submitted(), stuck.routed()])
            await hub.until_statuses("failed")
            await hub.take([stuck.routed("content"), free.routed(), free.routed("content")])

            await hub.until_statuses("failed", "waiting", "delivered", "delivered")

    async def test_a_deferred_head_holds_its_own_lane_only(self, opened: Opener, vault: FakeVault) -> None:
        away, free = await cases(vault, 2)
        async with opened(Turns(answers("500 Oh"), TAKES)) as (hub, partners), hub.working():
            await hub.take([away.submitted(), free.submitted(), away.routed(), away.routed()])
            await hub.until_told("deferred")
            await hub.take([free.routed()])
            await hub.until_statuses("waiting", "waiting", "delivered")
            await hub.later(1)
            await hub.until_statuses("delivered", "delivered", "delivered")

            referrals = [referral for _, referral, _ in partners.deliveries()]
            assert referrals == [away.referral, free.referral, away.referral, away.referral]

    async def test_a_recipient_that_hangs_takes_nothing_from_one_that_is_well(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        all_cases = await cases(vault, 60)
        async with opened(TAKES, hangs) as (hub, partners), hub.working():
            await hub.take([case.submitted() for case in all_cases])
            await hub.take([case.status("delivered") for case in all_cases])
            await requested(partners.police, 8)
            await hub.take([case.routed() for case in all_cases])
            await hub.until_counts(
                {("police", "sending"): 8, ("police", "waiting"): 52, ("redcross", "delivered"): 60}
            )

            assert (len(partners.police.requests), len(partners.redcross.requests)) == (8, 60)

    async def test_a_slow_recipient_gets_its_next_item_as_soon_as_one_is_done(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        all_cases = await cases(vault, 9)
        gate = Gate()
        async with opened(gate) as (hub, partners), hub.working():
            await hub.take([case.submitted() for case in all_cases])
            await hub.take([case.routed() for case in all_cases])
            await requested(partners.redcross, 8)
            await hub.until_counts({("redcross", "sending"): 8, ("redcross", "waiting"): 1})
            gate.opened.set()
            await hub.until_statuses(*["delivered"] * 9)

            assert len(partners.redcross.requests) == 9

    async def test_the_same_message_is_sent_at_every_attempt(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with opened(Turns(answers("500 Oh"), TAKES)) as (hub, partners), hub.working():
            await hub.take([case.submitted(), routed])
            await hub.until_told("deferred")
            await hub.later(1)
            await hub.until_statuses("delivered")

            ids = [re.findall(rb"webhook-id: (\S+)", request) for request in partners.redcross.requests]
            bodies = {request.partition(b"\r\n\r\n")[2] for request in partners.redcross.requests}
            assert ids == [[routed.id.encode()]] * 2
            assert len(bodies) == 1
