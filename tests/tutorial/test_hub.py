"""A hub that was told of Refuge by its operator's files alone refers to it, and hears of it."""

from pathlib import Path

import pytest

from tests.tutorial.refuge import asking_for_a_bed, make_hub, refer, tell_the_hub
from tests.walk.whole_hub import WholeHub

BED = next(asking_for_a_bed())


@pytest.fixture
async def hub(
    kafka: str, dsn: str, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: None
) -> WholeHub:
    """Make a hub of an operator who followed the page; its Refuge always says yes."""
    del installed
    monkeypatch.setattr("stafet_sdk.jsonagency.REJECTED_SHARE", 0.0)
    for setting, value in tell_the_hub(tmp_path).items():
        monkeypatch.setenv(setting, value)
    return await make_hub(tmp_path, kafka, dsn, topic_prefix)


class TestAPrivateAgency:
    async def test_is_sent_a_referral_and_answers_up_to_the_end_of_the_loop(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agency("refuge"), hub.agency("police"):
            assert await refer(hub, BED, "refuge") == 200
            case = await hub.until_state(BED.transaction, "loop_closed")
            answered = await hub.recorded("refuge", "answered", count=3)
            assert await hub.leaks() == []

        parts = [each["part"] for each in hub.record("refuge", "received")]
        assert parts == ["notice", "content"]
        assert [(each["rung"], each["status"]) for each in answered] == [
            ("accepted", 202), ("in_progress", 202), ("completed", 202)
        ]  # fmt: skip
        receipts = [each["code"] for each in hub.record("police", "receipt")]
        assert receipts == ["MODTAGET", "ACCEPTERET", "AFLEVERET"]
        assert case["trouble"] == []

    async def test_gets_nothing_as_long_as_the_operator_has_not_added_its_rule(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("STAFET_REFERRALS_RULES")
        async with hub.up(), hub.agency("refuge"), hub.agency("police"):
            assert await refer(hub, BED, "refuge") == 200
            await hub.recorded("police", "receipt")
        assert hub.record("refuge", "received") == []
