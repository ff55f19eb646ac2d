"""What Red Cross's simulator does by itself: fetches, refers, changes its key, sends what it should not."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet_connectors.redcross import connector
from stafet_schemas.groups import Group
from stafet_sdk import webhooks
from stafet_sdk.contract import Waiting
from tests.connectors.redcross_agency import message, record, red_cross, referral
from tests.fakes.redcross_hub import RedcrossHub, furnish, open_hub, until


@pytest.fixture
def hub(tmp_path: Path) -> RedcrossHub:
    return furnish(tmp_path)


class TestFetching:
    async def test_content_is_fetched_again_and_again_until_the_hub_hands_it_over(
        self, hub: RedcrossHub
    ) -> None:
        hub.lost = 3
        async with open_hub(hub), red_cross(hub) as agency:
            await agency.send("content", 1)
            await until(lambda: bool(agency.lines("received")))
            (line,) = agency.lines("received")
        assert (line["part"], line["referral"]) == ("content", referral(1))
        assert len(hub.nonces) == 4

    async def test_what_is_gone_is_written_down_and_not_asked_for_again(self, hub: RedcrossHub) -> None:
        async with open_hub(hub):
            async with red_cross(hub) as agency:
                waiting = Waiting("0192f3a0-gone", referral(1), "content")
                told = connector.notify(waiting, agency.partner, datetime.now(UTC))
                await agency.push.send(told, agency.partner)
                await until(lambda: bool(agency.lines("gone")))
            asked = len(hub.nonces)
            async with red_cross(hub) as agency:
                await agency.send("content", 2)
                await until(lambda: bool(agency.lines("received")))
                (gone,) = agency.lines("gone")
        assert (gone["delivery"], gone["status"]) == ("0192f3a0-gone", 410)
        assert len(hub.nonces) == asked + 1

    async def test_goes_on_where_it_was_killed(self, hub: RedcrossHub) -> None:
        hub.lost = 10**9
        async with open_hub(hub):
            async with red_cross(hub) as agency:
                await agency.send("content", 1)
                await until(lambda: len(hub.nonces) > 1)
            hub.lost = 0
            async with red_cross(hub) as agency:
                await until(lambda: bool(agency.lines("received")))
                assert len(agency.lines("received")) == 1

    async def test_an_answer_that_the_hub_has_not_signed_is_not_taken(self, hub: RedcrossHub) -> None:
        stranger = furnish(hub.home / "stranger")
        own = hub.partner
        async with open_hub(hub), red_cross(hub) as agency:
            hub.partner = replace(
                own, keys={**own.keys, "fetch_private": stranger.partner.keys["fetch_private"]}
            )
            await agency.send("content", 1)
            await until(lambda: bool(agency.lines("refused")))
            (refused,) = agency.lines("refused")
            received = agency.lines("received")
        assert (refused["code"], received) == ("signature_invalid", [])

    async def test_content_that_is_sent_is_refused(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub) as agency:
            reply = await agency.push.send(message("content", 1, agency.partner), agency.partner)
        assert reply.status == 422


class TestReferring:
    async def test_refers_as_many_as_asked_the_same_after_a_kill_and_tells_no_value(
        self, hub: RedcrossHub
    ) -> None:
        async with open_hub(hub):
            for _ in range(2):
                async with red_cross(hub, referrals=5) as agency:
                    await until(lambda: len(agency.lines("referred")) == 5)
        text = (hub.home / "redcross" / "record.jsonl").read_text()
        values = json.loads((hub.home / "simulators" / "redcross" / "values.json").read_text())
        assert {each.reference for each in hub.referrals} == {f"RK-1-{number:05d}" for number in range(5)}
        assert {(each.receiver, each.values[Group.ROUTING]["service"]) for each in hub.referrals} <= {
            ("shelter", "accommodation"),
            ("police", "protection"),
        }
        assert len(hub.referrals) == 5
        assert len(values) > 40
        assert not [value for value in values if value in text]


class TestRotation:
    async def test_of_both_sides_under_traffic_loses_no_message(self, hub: RedcrossHub) -> None:
        """The hub changes its key while notices go out, the Red Cross its own while answers come in."""
        own = hub.home / "simulators" / "redcross"
        new_private, new_public = webhooks.generate_webhook_keys()
        old_private = hub.partner.keys["webhook_private"].decode()
        old_public = (own / "hub_webhook_public").read_text().strip()
        stages = (
            (old_private, f"{old_public}\n{new_public}\n"),
            (f"{old_private}\n{new_private}", f"{old_public}\n{new_public}\n"),
            (new_private, f"{old_public}\n{new_public}\n"),
            (new_private, new_public),
        )
        async with open_hub(hub):
            for stage, (private, public) in enumerate(stages):
                keys = {**hub.partner.keys, "webhook_private": private.encode()}
                (own / "hub_webhook_public").write_text(public)
                async with red_cross(hub, "rotation") as agency:
                    partner = replace(agency.partner, keys=keys)
                    for number in range(stage * 5, stage * 5 + 5):
                        reply = await agency.push.send(message("notice", number, partner), partner)
                        connector.read_reply(reply, partner)
                    await until(lambda: len(agency.lines("answered")) == len(agency.lines("received")))
        lines = record(hub)
        held = [line for line in lines if line["kind"] in {"answer_held", "refused"}]
        answered = [line["status"] for line in lines if line["kind"] == "answered"]
        assert (answered, held) == ([202] * 20, [])
        assert len({draft.referral for draft in hub.answers}) == 20


class TestSendingFaults:
    async def test_six_minutes_off_is_refused_and_then_right_is_taken(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub, "clock-skew") as agency:
            await agency.send("notice", 1)
            await until(lambda: bool(agency.lines("answered")))
            skewed, answered = agency.lines("skewed"), agency.lines("answered")
        assert ([each["status"] for each in skewed], answered[0]["status"]) == ([401], 202)

    async def test_other_content_under_an_id_that_was_taken_is_a_conflict(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub, "duplicate-id") as agency:
            await agency.send("notice", 1)
            await until(lambda: bool(agency.lines("conflict")))
            (line,) = agency.lines("conflict")
        assert line["status"] == 409

    async def test_an_answer_before_its_turn_comes_under_an_id_of_its_own(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub, "out-of-order") as agency:
            for number in range(3):
                await agency.send("notice", number)
            await until(lambda: len(agency.lines("answered")) == 3)
            early = {str(line["referral"]) for line in agency.lines("early")}
        assert early
        assert all(hub.rungs(each)[0] == "completed" for each in early)
