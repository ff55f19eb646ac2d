"""A hub that was told of private agencies by its operator's files alone refers to them, and hears of it."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.tutorial.neighbours import NAMED, SOAP, settle
from tests.tutorial.refuge import asking_for_a_bed, make_hub, refer, tell_the_hub
from tests.walk.police_desk import desk
from tests.walk.whole_hub import WholeHub

BEDS = list(asking_for_a_bed())


@pytest.fixture
async def hub(
    kafka: str, dsn: str, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: None
) -> WholeHub:
    """Make a hub of an operator who followed the page; private agencies always say yes."""
    del installed
    settle(tmp_path / "projects", monkeypatch)
    monkeypatch.setattr("stafet_sdk.jsonagency.REJECTED_SHARE", 0.0)
    home = tmp_path / "home"
    home.mkdir()
    for setting, value in tell_the_hub(home).items():
        monkeypatch.setenv(setting, value)
    return await make_hub(home, kafka, dsn, topic_prefix)


class TestPrivateAgencies:
    async def test_are_sent_referrals_and_answer_up_to_the_end_of_the_loop(self, hub: WholeHub) -> None:
        asked = dict(zip(sorted(NAMED), BEDS, strict=False))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(hub.up())
            for agency in ("police", *asked):
                await stack.enter_async_context(hub.agency(agency))
            police = await stack.enter_async_context(desk(hub))
            for agency, bed in asked.items():
                assert await refer(police, bed, agency) == "MODTAGET"
            for agency, bed in asked.items():
                case = await hub.until_state(bed.transaction, "loop_closed")
                assert case["trouble"] == []
                answered = await hub.recorded(agency, "answered", count=3)
                assert [each["rung"] for each in answered] == ["accepted", "in_progress", "completed"]
                assert {each["status"] for each in answered} == {200 if agency in SOAP else 202}
                assert [each["part"] for each in hub.record(agency, "received")] == ["notice", "content"]
            assert await hub.leaks() == []

    async def test_get_nothing_as_long_as_the_operator_has_not_added_their_rules(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("STAFET_REFERRALS_RULES")
        async with hub.up(), hub.agency("refuge"), hub.agency("police"), desk(hub) as police:
            assert await refer(police, BEDS[0], "refuge") == "MODTAGET"
            await hub.recorded("police", "receipt")
        assert hub.record("refuge", "received") == []
