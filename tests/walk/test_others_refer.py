"""Referrals that the Red Cross and the immigration service send, through the whole hub and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from stafet_cli.demo.hub_facts import HubFacts
from stafet_cli.demo.topic_reader import hub_reader
from tests.walk.proofs import ledger_chain
from tests.walk.whole_hub import WholeHub, make_hub, until

OTHERS: Final = ("redcross", "shelter", "immigration")
EACH: Final = 2
REDCROSS_SEED: Final = 6
IMMIGRATION_SEED: Final = 4
"""By these seeds the two refer adults, who consent to more than what always leaves: one to each receiver."""
ROUTES: Final = [
    ("immigration", "redcross"),
    ("immigration", "shelter"),
    ("redcross", "police"),
    ("redcross", "shelter"),
]
TOLD: Final = {
    "redcross": ["delivered", "accepted", "in_progress", "completed"],
    "immigration": ["delivered", "accepted", "completed"],
}
"""What a sender hears of a referral, in this order."""
WORDLESS: Final = {"immigration": 1, "redcross": 0}
"""How many statuses of each referral have no word: the immigration service's protocol knows no beginning."""
RUNGS: Final = {"accepted", "in_progress", "completed"}
CODES: Final = {
    ("ACCEPTERET", "Forretning"): "accepted",
    ("AFLEVERET", "Teknisk"): "in_progress",
    ("AFLEVERET", "Forretning"): "completed",
}
"""How the police say a rung."""

Delivery = tuple[str, str, str]
"""Its recipient, the hub's id of it, and its part."""


@pytest.fixture
async def wide(
    kafka: str, dsn: str, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WholeHub:
    """Make a hub with all agencies around it, all of which say yes."""
    for module in ("redcross.simulator_answers", "police.simulator_decisions", "shelter.simulator"):
        monkeypatch.setattr(f"stafet_connectors.{module}.REJECTED_SHARE", 0.0)
    return await make_hub(tmp_path, kafka, dsn, topic_prefix, receivers=OTHERS)


def sent(hub: WholeHub) -> dict[tuple[str, str], str]:
    """Give the receiver of what each agency sent, by sender and own id, as far as its own record says it."""
    items = hub.record("immigration", "item")
    return {
        **{("redcross", each["message"]): each["receiver"] for each in hub.record("redcross", "referring")},
        **{
            ("immigration", f"{each['item']}:{each['version']}"): ""
            for each in items
            if each["type"] == "suspectedVictim"
        },
    }


def told(hub: WholeHub, sender: str, message: str) -> list[str]:
    """List what a sender wrote down that it was told of one of its referrals, oldest first."""
    if sender == "redcross":
        return [each["rung"] for each in hub.record(sender, "status") if each["message"] == message]
    received = hub.record(sender, "received")
    return [each["rung"] for each in received if each["part"] == "status" and each["about"] == message]


def said(hub: WholeHub, receiver: str, referral: str) -> set[str]:
    """Name the rungs that a receiver wrote down that the hub has taken from it."""
    kind, taken = ("told", 200) if receiver == "police" else ("answered", 202)
    lines = [
        each for each in hub.record(receiver, kind) if (each["referral"], each["status"]) == (referral, taken)
    ]
    return {CODES[each["code"], each["type"]] if receiver == "police" else each["rung"] for each in lines}


def arrived(hub: WholeHub) -> Iterator[Delivery]:
    """Give what the agencies wrote down that came to them from the hub."""
    for each in hub.record("police", "object"):
        yield "police", each["delivery"], each["part"]
    for kind in ("received", "status"):
        for each in hub.record("redcross", kind):
            yield "redcross", each["delivery"], each.get("part", kind)
    for each in hub.record("shelter", "received"):
        yield "shelter", each["delivery"], each["part"]
    for each in hub.record("immigration", "received"):
        yield "immigration", each["request"], each["part"]


async def all_closed(hub: WholeHub) -> HubFacts:
    """Wait until every loop is closed and no lane has anything to send; return what the hub says happened."""
    async with hub_reader(hub.settings.kafka, hub.settings.topic_prefix) as reader:

        async def look() -> HubFacts | None:
            hub.complain()
            facts = await reader.read()
            assert (facts.rejected, facts.refused, facts.unroutable, facts.failed) == (set(), [], set(), {})
            return facts if len(facts.closed) == len(ROUTES) and not facts.waiting() else None

        found = await until(look)
        assert found is not None
        return found


class TestReferralsOfOthers:
    # Four answers a referral, two of them by files that are fetched twice a second.
    @pytest.mark.timeout(180)
    async def test_go_all_the_way_and_every_record_agrees(self, wide: WholeHub) -> None:
        async with (
            wide.up(),
            wide.agency("police"),
            wide.agency("shelter"),
            wide.agency("immigration", referrals=EACH, seed=IMMIGRATION_SEED),
            wide.agency("redcross", referrals=EACH, seed=REDCROSS_SEED),
        ):
            facts = await all_closed(wide)
            messages = await wide.rows("select agency, message, receipt from gateway.messages")
            ledger = await wide.rows("select * from vault.disclosures")
            parts = {case: await ledger_chain(wide, case) for case in set(facts.cases.values())}
            leaks = await wide.leaks()

        # Who referred to whom, by the senders' records and by the hub's events.
        receipts = {(each["agency"], each["message"]): str(each["receipt"]) for each in messages}
        own = sent(wide)
        made = {key: facts.referrals[key[0], receipts[key]] for key in own}
        assert [len(each) for each in made.values()] == [1] * len(ROUTES)
        routes = {key: facts.receivers[referral] for key, (referral,) in made.items()}
        assert sorted((sender, receiver) for (sender, _), receiver in routes.items()) == ROUTES
        assert {key: own[key] or receiver for key, receiver in routes.items()} == routes
        assert facts.closed == {referral for (referral,) in made.values()}

        # Each sender heard how its own went, each receiver said so, and the hub knows the same.
        for (sender, message), (referral,) in made.items():
            assert told(wide, sender, message) == TOLD[sender]
            assert said(wide, routes[sender, message], referral) == RUNGS == facts.answers[referral]

        # What came to them is what the hub says it delivered, and what the ledger says was released.
        came = list(arrived(wide))
        assert len(came) == len(set(came))
        released = {(each["recipient"], each["delivery"], each["part"]) for each in ledger}
        # The ledger tells of a release before anything is worded: also of what turned out to have no word.
        assert {each for each in released if each[1] not in facts.wordless} == set(came)
        assert {each[1:] for each in released - set(came)} == {(each, "status") for each in facts.wordless}
        assert {each["outcome"] for each in ledger} == {"made"}
        queued = {delivery: recipient for (_, recipient), ids in facts.lanes.items() for delivery in ids}
        assert {(queued[each], each) for each in facts.delivered} == {each[:2] for each in came}
        assert queued.keys() == facts.delivered | facts.wordless
        for (sender, _), (referral,) in made.items():
            statuses = ["status"] * (len(TOLD[sender]) + WORDLESS[sender])
            assert sorted(parts[facts.cases[referral]]) == ["content", "notice", *statuses]
        assert leaks == []
