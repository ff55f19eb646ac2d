"""Persons whom the police leave to the hub: it chooses, on the real hub, and the loop closes all the same."""

from dataclasses import replace

import pytest

from tests.walk.police_desk import desk, planned
from tests.walk.proofs import CONTENT_NAMES, names_seen
from tests.walk.whole_hub import WholeHub

THE_HUB = "7c1f0a52-0000-4000-8000-00000000ac99"
PERSONS = 24
SENT = [replace(each, receiver="hub") for each in planned(seed=7, referrals=PERSONS)]
ROUTED = """
    select r.receiver, r.rungs[cardinality(r.rungs)] as state, r.closed, o.age_group, o.residence, o.service
    from referrals.referrals r join referrals.routings o using (referral)
"""


@pytest.fixture(autouse=True)
def may_choose(hub: WholeHub) -> None:
    """Let the police name the hub itself as receiver."""
    for known in (
        hub.home / "partners" / "police" / "partner.toml",
        hub.home / "simulators" / "police" / "identifiers.toml",
    ):
        with known.open("a", encoding="utf-8") as file:
            file.write(f'agency_hub = "{THE_HUB}"\n')


class TestLeftToTheHub:
    async def test_everybody_has_somebody_and_whoever_is_connected_answers(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agencies(), desk(hub) as clerk:
            answers = [await clerk.send(each) for each in SENT]
            persons = len({each.reference for each in SENT})
            await hub.until_rows(f"{ROUTED} where receiver <> 'redcross' or closed", count=persons)
            routed = await hub.rows(ROUTED)
            leaks = await hub.leaks()

        assert {each.code for each in answers} == {"MODTAGET"}
        assert leaks == []
        theirs = [each for each in routed if each["receiver"] == "redcross"]
        assert {(each["state"], each["closed"]) for each in theirs} == {("completed", True)}
        assert {each["residence"] for each in theirs} <= {"asylum_seeker", "none"}
        assert {each["age_group"] for each in theirs if each["residence"] == "none"} <= {"child"}
        others = [each for each in routed if each["receiver"] != "redcross"]
        assert {each["state"] for each in others} == {"logged"}
        assert {each["receiver"] for each in others} <= {"cmm", "health", "legal_aid", "municipality"}
        seen = hub.record("redcross", "received")
        assert len({each["referral"] for each in seen}) == len(theirs) > 0
        contents = [each for each in seen if each["part"] == "content"]
        assert len(contents) == len(theirs)
        assert any(names_seen(each) & CONTENT_NAMES for each in contents)
