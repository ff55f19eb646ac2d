"""How each kind of trouble with a partner ends: in the table, and as an event."""

from dataclasses import replace

import pytest

from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.partner_server import Script, answers, hangs, resets
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import SCHEDULE_S, TAKES, Opener, Turns, make_hub, serving
from tests.services.dispatch.samples import cases

HTML = answers("200 OK", "content-type: text/html\r\n", b"<html>Velkommen</html>")
DATED = "date: Wed, 25 Nov 2026 12:00:00 GMT\r\nretry-after: Wed, 25 Nov 2026 12:01:30 GMT\r\n"


class TestTrouble:
    @pytest.mark.parametrize(
        ("script", "failure", "cause", "wait_s"),
        [
            (answers("500 Oh"), "retriable", "http_500", 1.0),
            (answers("503 Later", "retry-after: 40\r\n"), "retriable", "http_503", 40.0),
            (answers("429 Busy", "retry-after: 7\r\n"), "throttled", "http_429", 7.0),
            (answers("429 Busy", "retry-after: 0\r\n"), "throttled", "http_429", 1.0),
            (answers("429 Busy", "retry-after: 90000\r\n"), "throttled", "http_429", 3600.0),
            (answers("429 Busy"), "throttled", "http_429", 1.0),
            (answers("429 Busy", DATED), "throttled", "http_429", 90.0),
            (resets, "unknown", "broken_answer", 1.0),
            (hangs, "unknown", "timeout", 1.0),
        ],
    )
    async def test_that_passes_is_waited_out(
        self, opened: Opener, vault: FakeVault, script: Script, failure: str, cause: str, wait_s: float
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened(Turns(script, TAKES), deadline_s=0.5) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            told = await hub.until_told("deferred")
            (item,) = await hub.items()
            await hub.later(wait_s)
            await hub.until_statuses("delivered")

            first, second = await hub.attempts()
            assert (told["failure"], told["cause"], told["wait_s"], told["attempt"]) == (
                failure,
                cause,
                wait_s,
                1,
            )
            assert (item["status"], item["failure"], item["cause"]) == ("waiting", failure, cause)
            assert (first["outcome"], first["cause"], first["wait_s"]) == ("deferred", cause, wait_s)
            assert (second["attempt"], second["outcome"]) == (2, "delivered")
            assert len({delivery for delivery, _, _ in partners.deliveries()}) == 1

    @pytest.mark.parametrize(
        ("script", "failure", "cause"),
        [
            (HTML, "contract_broken", "html_answer"),
            (answers("302 Found", "location: /login\r\n"), "contract_broken", "redirect"),
            (answers("422 No"), "refused", "http_422"),
        ],
    )
    async def test_that_does_not_pass_is_a_dead_end_with_its_reason(
        self, opened: Opener, vault: FakeVault, script: Script, failure: str, cause: str
    ) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with opened(script) as (hub, partners), hub.working():
            await hub.take([case.submitted(), routed])
            await hub.until_statuses("failed")

            (item,) = await hub.items()
            assert (item["failure"], item["cause"], item["attempts"]) == (failure, cause, 1)
            assert (await hub.told())[-1] == (
                "failed",
                {
                    "delivery": routed.id, "lane": case.case, "referral": case.referral,
                    "recipient": "redcross", "part": "notice", "rung": None, "attempt": 1,
                    "failure": failure, "cause": cause, "ends": False,
                },
            )  # fmt: skip
            assert len(partners.redcross.requests) == 1

    async def test_a_partner_that_is_down_is_tried_until_it_is_up(
        self, database: Database, clock: FakeClock, ids: FakeIds, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with serving(TAKES) as up:
            down = replace(up.configured["redcross"], endpoint="https://127.0.0.1:1")
            lost = replace(up, configured={**up.configured, "redcross": down})
            hub = make_hub(database, clock, ids, vault, lost)
            async with hub.working():
                await hub.take([case.submitted(), case.routed()])
                told = await hub.until_told("deferred")
            found = make_hub(database, clock, ids, vault, up)
            clock.advance(1)
            async with found.working():
                await found.until_statuses("delivered")

            assert (told["failure"], told["cause"]) == ("retriable", "connect")
            assert len(up.redcross.requests) == 1

    async def test_the_end_of_the_schedule_is_a_dead_end(self, opened: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        async with opened(answers("500 Oh")) as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            for count, wait in enumerate(SCHEDULE_S, start=1):
                await hub.until_told("deferred", count)
                await hub.later(wait)
            told = await hub.until_told("failed")

            waits = [data["wait_s"] for kind, data in await hub.told() if kind == "deferred"]
            assert waits == list(SCHEDULE_S)
            assert (told["failure"], told["cause"], told["attempt"]) == ("exhausted", "http_500", 4)
            assert len(partners.redcross.requests) == 4

    async def test_nothing_is_tried_before_its_time(self, opened: Opener, vault: FakeVault) -> None:
        away, other = await cases(vault, 2)
        busy = answers("429 Busy", "retry-after: 7\r\n")
        async with opened(Turns(busy, TAKES)) as (hub, partners), hub.working():
            await hub.take([away.submitted(), other.submitted(), away.routed()])
            await hub.until_told("deferred")
            await hub.later(6.9)
            await hub.take([other.routed()])
            await hub.until_statuses("waiting", "delivered")
            asked = len(partners.redcross.requests)
            await hub.later(0.1)
            await hub.until_statuses("delivered", "delivered")

            assert asked == 2


class TestRelease:
    async def test_a_blocked_disclosure_is_a_dead_end_and_nothing_leaves(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        vault.block = "not_accepted"
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed("content")])
            told = await hub.until_told("failed")

            assert (told["failure"], told["cause"]) == ("policy", "not_accepted")
            assert partners.redcross.requests == []

    async def test_a_vault_that_is_away_is_waited_for_beyond_the_schedule(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        vault.closed = True
        async with opened() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            for count in range(1, len(SCHEDULE_S) + 3):
                told = await hub.until_told("deferred", count)
                assert (told["failure"], told["cause"]) == ("retriable", "vault_unavailable")
                vault.closed = count < len(SCHEDULE_S) + 2
                await hub.later(told["wait_s"])
            await hub.until_statuses("delivered")

            (item,) = await hub.items()
            assert (item["attempts"], item["failures"]) == (len(SCHEDULE_S) + 3, 0)
            assert len(partners.redcross.requests) == 1

    async def test_a_bug_of_a_connector_stops_its_own_lane_with_its_type_only(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        wrong, right = await cases(vault, 2)
        async with opened() as (hub, _), hub.working():
            # A status without a rung is no status: the connector of the police says that it is a bug of ours.
            await hub.take([wrong.submitted(), right.submitted()])
            await hub.take([wrong.routed("status", "police"), right.routed()])
            await hub.until_statuses("failed", "delivered")

            (item, _other) = await hub.items()
            assert (item["failure"], item["cause"]) == ("bug", "ValueError")

    async def test_a_recipient_that_nobody_configured_is_a_dead_end_before_any_release(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _), hub.working():
            await hub.take([case.submitted(), case.routed(recipient="shelter")])
            told = await hub.until_told("failed")

            assert (told["failure"], told["cause"]) == ("needs_action", "no_partner")
            assert vault.requests == []
