"""Red Cross's simulator over real sockets, against a hub that accepts by the real connector."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet_connectors.redcross import connector, mapping, simulator
from stafet_connectors.redcross.samples import release
from stafet_schemas.codes import REJECTIONS
from stafet_sdk import webhooks
from stafet_sdk.cloudevents_http import CONTENT_TYPE, PartnerEvent, build
from stafet_sdk.contract import Outbound
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction, Retriable, Throttled
from stafet_sdk.simulator import SimulatorOptions
from tests.connectors.redcross_agency import message, red_cross, referral, who_withdraws
from tests.fakes.redcross_hub import RedcrossHub, furnish, open_hub, until

CANARIES = ("Zuzanna", "vesen", "1999-02-28", "2802991234", "+4500112233", "nail bar")


@pytest.fixture
def hub(tmp_path: Path) -> RedcrossHub:
    return furnish(tmp_path)


class TestLadder:
    async def test_every_notice_is_decided_and_every_content_carried_to_the_end(
        self, hub: RedcrossHub
    ) -> None:
        numbers = range(60)
        async with open_hub(hub), red_cross(hub) as agency:
            for number in numbers:
                connector.read_reply(await agency.send("notice", number), agency.partner)
            await until(lambda: len(hub.answers) == len(numbers))
            accepted = [number for number in numbers if hub.rungs(referral(number)) == ["accepted"]]
            for number in accepted:
                connector.read_reply(await agency.send("content", number), agency.partner)
            await until(lambda: len(agency.lines("answered")) == 60 + 2 * len(accepted))
            await until(lambda: bool(agency.lines("answered_again")))
            twice = agency.lines("answered_again")
            received = agency.lines("received")
            inversions = agency.lines("inversion")
        assert all(
            hub.rungs(referral(number)) == ["accepted", "in_progress", "completed"] for number in accepted
        )
        rejected = [draft for draft in hub.answers if draft.rung == "rejected"]
        assert len(rejected) == 60 - len(accepted)
        assert 1 <= len(rejected) <= 20
        assert all(draft.reason in REJECTIONS.codes for draft in rejected)
        assert all(line["status"] == 202 and line["same_receipt"] for line in twice)
        effects = Counter((line["referral"], line["part"]) for line in received if not line["repeated"])
        assert set(effects.values()) == {1}
        assert len(effects) == 60 + len(accepted)
        assert [line["sequence"] for line in received] == list(range(1, len(received) + 1))
        assert not inversions

    async def test_the_record_names_fields_and_holds_no_value(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub) as agency:
            await agency.send("notice", 1)
            await agency.send("content", 1)
            await until(lambda: len(agency.lines("received")) == 2)
            (notice, content) = agency.lines("received")
        text = (hub.home / "redcross" / "record.jsonl").read_text()
        assert not [canary for canary in CANARIES if canary in text]
        assert "prs_FirstName" in str(content["groups_seen"])
        assert "prs_FirstName" not in str(notice["groups_seen"])


class TestReceiving:
    async def test_a_repetition_is_taken_without_effect(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub) as agency:
            replies = [await agency.send("notice", 1) for _ in range(3)]
            await until(lambda: bool(hub.answers))
            repeated = [line["repeated"] for line in agency.lines("received")]
        assert [reply.status for reply in replies] == [200, 200, 200]
        assert repeated == [False, True, True]
        assert len(hub.answers) == 1

    async def test_a_webhook_of_another_key_is_refused(self, hub: RedcrossHub) -> None:
        stranger = furnish(hub.home / "stranger")
        async with open_hub(hub), red_cross(hub) as agency:
            forged = message("notice", 1, stranger.partner)
            reply = await agency.push.send(forged, agency.partner)
            (refused,) = agency.lines("refused")
            received = agency.lines("received")
        assert (reply.status, refused["code"], received) == (401, "signature_invalid", [])

    async def test_a_status_is_written_down_and_changes_nothing(self, hub: RedcrossHub) -> None:
        async with open_hub(hub):
            async with red_cross(hub) as agency:
                replies = [await agency.tell(name) for name in ("parse_rejected", "refused")]
            async with red_cross(hub) as agency:
                replies.append(await agency.tell("refused"))
                told = [(line["message"], line["rung"], line["reason"]) for line in agency.lines("status")]
                repeated = [line["repeated"] for line in agency.lines("status")]
                problems = json.loads(str(agency.lines("status")[0]["problems"]))
                connector.read_reply(await agency.send("notice", 1), agency.partner)
                await until(lambda: bool(hub.answers))
        assert [reply.status for reply in replies] == [200, 200, 200]
        receipt = "0192f3a0-0000-7000-8000-0000000000aa"
        assert told == [
            ("answer-rejected", "parse_rejected", None),
            (receipt, "rejected", "out_of_order"),
            (receipt, "rejected", "out_of_order"),
        ]
        assert repeated == [False, False, True]
        assert problems[0] == {"field": "data.stafet_reason", "problem": "malformed"}
        assert [draft.referral for draft in hub.answers] == [referral(1)]

    async def test_a_recall_is_written_down_once_also_over_a_restart(self, hub: RedcrossHub) -> None:
        async with open_hub(hub):
            async with red_cross(hub) as agency:
                replies = [await agency.tell(name) for name in ("withdrawal", "erasure", "alert")]
            async with red_cross(hub) as agency:
                replies.append(await agency.tell("withdrawal"))
                lines = agency.lines("withdrawal")
                erased, alerts = agency.lines("erasure"), agency.lines("alert")
        assert [reply.status for reply in replies] == [200, 200, 200, 200]
        assert [(line["rung"], line["reason"]) for line in alerts] == [("warned", "period_end")]
        assert [line["repeated"] for line in lines] == [False, True]
        assert json.loads(str(lines[0]["groups"])) == ["health", "narrative"]
        assert (len(erased), erased[0]["groups"]) == (1, None)

    async def test_a_status_about_no_message_is_refused(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub) as agency:
            told = release("refused")
            data = {"stafet_referral": told.referral}
            event = PartnerEvent(told.delivery, "urn:hub", mapping.TYPES["status"], data)
            headers = webhooks.sign(
                hub.partner.keys["webhook_private"], told.delivery, datetime.now(UTC), build(event)
            )
            outbound = Outbound({"content-type": CONTENT_TYPE, **headers}, build(event))
            reply = await agency.push.send(outbound, agency.partner)
            (refused,) = agency.lines("refused")
        assert (reply.status, refused["code"]) == (422, "invalid")

    async def test_content_before_its_notice_is_an_inversion(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub) as agency:
            await agency.send("content", 1)
            await until(lambda: bool(agency.lines("received")))
            (inversion,) = agency.lines("inversion")
        assert (inversion["why"], inversion["referral"]) == ("before_notice", referral(1))


class TestAnswering:
    async def test_waits_for_a_hub_that_is_not_there_yet(self, hub: RedcrossHub) -> None:
        async with open_hub(hub) as port:
            pass
        hub.unavailable = 3
        async with red_cross(hub) as agency:
            await agency.send("notice", 1)
            await until(lambda: bool(agency.lines("answering")))
            async with open_hub(hub, port):
                await until(lambda: bool(agency.lines("answered")))
        assert hub.requests >= 4
        assert len(hub.answers) == 1

    async def test_goes_on_where_it_was_killed(self, hub: RedcrossHub) -> None:
        hub.unavailable = 10**9
        async with open_hub(hub):
            async with red_cross(hub) as agency:
                for number in range(5):
                    await agency.send("notice", number)
                await until(lambda: hub.requests > 5)
            assert not hub.answers
            hub.unavailable = 0
            async with red_cross(hub) as agency:
                await until(lambda: len(agency.lines("answered")) == 5)
                again = await agency.send("notice", 1)
                repeated = agency.lines("received")[-1]["repeated"]
        assert (again.status, repeated) == (200, True)
        assert sorted(draft.referral for draft in hub.answers) == [referral(number) for number in range(5)]

    async def test_stops_the_ladder_when_the_hub_refuses_an_answer(self, hub: RedcrossHub) -> None:
        hub.refuse = True
        async with open_hub(hub), red_cross(hub) as agency:
            await agency.send("notice", 1)
            await agency.send("content", 1)
            await until(lambda: bool(agency.lines("answered")))
            (answered,) = agency.lines("answered")
        assert answered["status"] == 409


class TestWithdrawing:
    async def test_some_withdraw_before_the_yes_and_some_after_the_content_and_all_come_to_the_end(
        self, hub: RedcrossHub
    ) -> None:
        numbers = range(30)
        async with open_hub(hub), red_cross(hub, withdrawals=60) as agency:
            for number in numbers:
                await agency.send("notice", number)
            await until(lambda: len(hub.answers) == len(numbers))
            early = {*hub.withdrawn}
            accepted = [number for number in numbers if hub.rungs(referral(number)) == ["accepted"]]
            for number in accepted:
                await agency.send("content", number)
            await until(lambda: len(agency.lines("answered")) == 30 + 2 * len(accepted))
            lines = agency.lines("withdrawn")
        late = hub.withdrawn.keys() - early
        assert early <= {referral(number) for number in accepted}
        assert 3 <= len(early) <= 15
        assert 3 <= len(late) <= 15
        assert set(hub.withdrawn.values()) == {0, 1}
        assert {line["referral"]: line["status"] for line in lines} == dict.fromkeys(hub.withdrawn, 202)

    async def test_who_withdraws_is_the_same_in_another_run_where_the_hub_has_other_ids(
        self, hub: RedcrossHub, tmp_path: Path
    ) -> None:
        again = furnish(tmp_path / "again")
        found = [await who_withdraws(each, ids) for each, ids in ((hub, 0), (again, 1000))]
        assert found[0] == found[1] != []

    async def test_goes_on_where_it_was_killed(self, hub: RedcrossHub) -> None:
        hub.unavailable = 10**9
        async with open_hub(hub):
            async with red_cross(hub, withdrawals=100) as agency:
                for number in range(20):
                    await agency.send("notice", number)
                await until(lambda: bool(agency.lines("withdrawing")))
            hub.unavailable = 0
            async with red_cross(hub, withdrawals=100) as agency:
                await until(lambda: len(agency.lines("answered")) == 20)
                begun = [str(line["referral"]) for line in agency.lines("withdrawing")]
        assert sorted(hub.withdrawn) == sorted(begun)
        assert len(set(begun)) == len(begun) >= 1


class TestFaults:
    @pytest.mark.parametrize(
        ("script", "error"),
        [
            ("html", ContractBroken),
            ("redirect", ContractBroken),
            ("gone", NeedsAction),
            ("throttled", Throttled),
            ("flaky:100", Retriable),
        ],
    )
    async def test_a_first_attempt_fails_and_the_next_lands(
        self, hub: RedcrossHub, script: str, error: type[DeliveryError]
    ) -> None:
        async with open_hub(hub), red_cross(hub, script) as agency:
            with pytest.raises(error):
                connector.read_reply(await agency.send("notice", 1), agency.partner)
            assert not agency.lines("received")
            connector.read_reply(await agency.send("notice", 1), agency.partner)
            assert len(agency.lines("received")) == 1

    async def test_a_slow_one_took_it_all_the_same(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub, "slow-29s", deadline_s=0.5) as agency:
            with pytest.raises(Retriable, match="timeout"):
                await agency.send("notice", 1)
            connector.read_reply(await agency.send("notice", 1), agency.partner)
            assert [line["repeated"] for line in agency.lines("received")] == [False, True]

    async def test_flaky_fails_about_one_in_twenty(self, hub: RedcrossHub) -> None:
        async with open_hub(hub), red_cross(hub, "flaky") as agency:
            replies = [await agency.send("notice", number) for number in range(100)]
        failed = [reply.status for reply in replies if reply.status != 200]
        assert 1 <= len(failed) <= 12
        assert set(failed) <= {429, 500}

    async def test_an_unknown_script_is_named(self, hub: RedcrossHub) -> None:
        with pytest.raises(ValueError, match="unknown fault script rain: choose of "):
            await simulator.run(SimulatorOptions("redcross", hub.home, hub.url, port=0, faults=("rain",)))
