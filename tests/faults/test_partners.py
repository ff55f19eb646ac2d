"""Partners that are down, slow or answer nonsense: what passes by is waited out, what does not is shown."""

import io
from functools import partial

import pytest
from rich.console import Console

from stafet_cli.doctor_checks import Surroundings
from stafet_cli.doctor_partners import check_endpoints
from stafet_cli.partner import enable_command, list_command
from stafet_sdk.transport import HttpPush
from tests.walk.police_desk import planned
from tests.walk.whole_hub import Json, WholeHub

REFERRALS = 4
TROUBLE = """
    select recipient, part, attempt, outcome, attempts.cause, wait_s
    from dispatch.attempts join dispatch.items using (delivery) where recipient = $1
    order by position, attempt
"""
REASONS = {"html": "html answer", "redirect": "redirect"}


def dead_end(case: Json) -> list[str]:
    """Name the deliveries that stand still in a case, as the console tells it, without the clocks at risk."""
    stopped = [each["text"] for each in case["trouble"] if each["level"] == "stopped"]
    return [each for each in stopped if not each.startswith("Deadline at risk")]


class TestTroubleThatPasses:
    async def test_a_partner_that_is_down_is_tried_until_it_is_there(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STAFET_DISPATCH_SCHEDULE_S", str([0.5] * 60))
        async with hub.up(), hub.agency("police", referrals=REFERRALS):
            waiting = "select from dispatch.attempts where outcome = 'deferred' and cause = 'connect'"
            await hub.until_rows(waiting, count=REFERRALS)
            async with hub.agency("redcross"):
                judgement = await hub.judged(REFERRALS)

        assert judgement.problems == ()
        assert judgement.report.closed == REFERRALS

    @pytest.mark.usefixtures("impatient")
    async def test_errors_and_wishes_to_wait_delay_and_neither_lose_nor_double(self, hub: WholeHub) -> None:
        redcross = hub.agency("redcross", faults=("flaky:100",))
        police = hub.agency("police", referrals=REFERRALS, faults=("error-first", "throttle", "down-first"))
        async with hub.up(), redcross, police:
            judgement = await hub.judged(REFERRALS)
            # For the begin of a service their protocol has no word: nothing is sent.
            tried = [each for each in await hub.rows(TROUBLE, "police") if each["cause"] != "no_word"]

        assert judgement.problems == ()
        assert judgement.report.closed == REFERRALS
        rungs = 3 * REFERRALS
        assert len(tried) == 4 * rungs
        causes = ["http_500", "http_429", "http_503", None]
        assert [each["cause"] for each in tried] == causes * rungs
        assert {each["wait_s"] for each in tried if each["cause"] == "http_429"} == {1.0}
        assert len(hub.record("redcross", "fault")) == 2 * REFERRALS

    @pytest.mark.usefixtures("impatient")
    async def test_a_partner_slower_than_the_deadline_is_asked_again_and_drops_the_repetition(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The deadline is no setting, and a test has no 15 s to wait for it.
        monkeypatch.setattr("stafet_cli.hub.HttpPush", partial(HttpPush, deadline_s=1.0))
        async with hub.up(), hub.agency("redcross", faults=("slow-29s",)), hub.agency("police", referrals=1):
            judgement = await hub.judged(1)
            tried = await hub.rows(TROUBLE, "redcross")

        assert judgement.problems == ()
        assert judgement.repeated == 1
        told = [(each["part"], each["outcome"], each["cause"]) for each in tried]
        assert told == [
            (part, *outcome)
            for part, outcome in (
                ("notice", ("deferred", "timeout")),
                ("notice", ("delivered", None)),
                # It came for the content while its own answer was still waited for.
                ("content", ("delivered", None)),
            )
        ]


class TestAClosedEndpoint:
    @pytest.mark.usefixtures("impatient")
    async def test_holds_all_that_is_for_the_agency_until_a_human_opens_it(self, hub: WholeHub) -> None:
        mine, output = planned()[0].transaction, Console(file=io.StringIO())
        async with hub.up(), hub.agency("redcross", faults=("gone",)), hub.agency("police", referrals=1):
            # The notice, and then the word of the content: each closes the endpoint once.
            for _ in range(2):
                await hub.until_rows("select from dispatch.closed")
                case = await hub.until_case(mine, lambda case: case["trouble"])
                check = await check_endpoints(Surroundings(hub.settings, {}))
                listed = await list_command(hub.settings, output)
                opened = await enable_command(hub.settings, "redcross", output)
                assert (check.ok, listed, opened) == (False, 1, 0)
                assert any("endpoint closed" in each["text"] for each in case["trouble"])
            await hub.until_state(mine, "loop_closed")
            check = await check_endpoints(Surroundings(hub.settings, {}))
            again = await enable_command(hub.settings, "redcross", output)

        assert (check.ok, again) == (True, 1)
        assert len(hub.record("redcross", "fault")) == 2


class TestTroubleThatStays:
    async def test_of_the_receiver_stops_its_case_with_the_reason_and_no_other(self, hub: WholeHub) -> None:
        texts: dict[str, list[str]] = {}
        async with hub.up():
            for seed, fault in enumerate(REASONS, 1):
                mine = planned(seed)[0].transaction
                async with (
                    hub.agency("redcross", faults=(fault,)),
                    hub.agency("police", referrals=1, seed=seed),
                ):
                    texts[fault] = dead_end(await hub.until_case(mine, dead_end))
            async with hub.agency("redcross"), hub.agency("police", referrals=REFERRALS, seed=3):
                for each in planned(3, REFERRALS):
                    await hub.until_state(each.transaction, "loop_closed")
            still = [await hub.until_case(planned(seed)[0].transaction, dead_end) for seed in (1, 2)]
            leaks = await hub.leaks()

        assert texts == {
            fault: [f"Notice could not be delivered to Red Cross: {reason}"]
            for fault, reason in REASONS.items()
        }
        assert [dead_end(each) for each in still] == list(texts.values())
        assert len(hub.record("redcross", "received")) == 2 * REFERRALS
        assert leaks == []

    @pytest.mark.parametrize(
        ("fault", "reason"), [("html-first", "unexpected answer"), ("redirect-first", "redirect")]
    )
    async def test_of_the_sender_stops_its_own_lane_of_the_case_only(
        self, hub: WholeHub, fault: str, reason: str
    ) -> None:
        mine = planned()[0].transaction
        async with hub.up(), hub.agency("redcross"), hub.agency("police", referrals=1, faults=(fault,)):
            await hub.recorded("redcross", "answered", rung="completed")
            case = await hub.until_state(mine, "completed")

        assert dead_end(case) == [f"Status (delivered) could not be delivered to Police: {reason}"]
        assert hub.record("police", "receipt") == []
