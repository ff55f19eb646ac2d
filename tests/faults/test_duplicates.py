"""The same message again, at once, later and after a restart; and other content under an id that is taken."""

import asyncio

import pytest

from tests.walk.police_desk import desk, planned
from tests.walk.whole_hub import WholeHub

MINE = planned()[0]


class TestAMessageThatComesAgain:
    async def test_gets_the_first_receipt_and_makes_one_referral(self, hub: WholeHub) -> None:
        async with hub.agencies(), desk(hub) as clerk:
            async with hub.up():
                answers = await asyncio.gather(*(clerk.send(MINE) for _ in range(5)))
                await hub.until_state(MINE.transaction, "loop_closed")
                answers.append(await clerk.send(MINE))
            async with hub.up():
                answers.append(await clerk.send(MINE))
                other = await clerk.send(MINE, conflict=True)
                await hub.until_state(MINE.transaction, "loop_closed")
                leaks = await hub.leaks()

        assert {(each.status, each.code) for each in answers} == {(200, "MODTAGET")}
        assert len({each.receipt for each in answers}) == 1
        assert (other.status, other.code, other.receipt) == (409, "conflict", "")
        assert len(await hub.rows("select from gateway.messages where agency = 'police'")) == 1
        assert len(await hub.rows("select from gateway.referrals")) == 1
        assert len(await hub.rows("select from vault.records")) == 1
        assert [each["part"] for each in hub.record("redcross", "received")] == ["notice", "content"]
        assert [each["code"] for each in hub.record("police", "receipt")] == [
            "MODTAGET",
            "ACCEPTERET",
            "AFLEVERET",
        ]
        assert leaks == []


class TestAnAnswerThatComesAgain:
    async def test_gets_the_first_receipt_and_changes_nothing(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stafet_connectors.redcross.simulator_answers.TWICE_SHARE", 1.0)
        async with hub.up(), hub.agencies(referrals=2):
            judgement = await hub.judged(2)
            again = await hub.recorded("redcross", "answered_again", count=6)

        assert judgement.problems == ()
        assert {(each["status"], each["same_receipt"]) for each in again} == {(202, True)}
        assert len(await hub.rows("select from gateway.messages where agency = 'redcross'")) == 6
