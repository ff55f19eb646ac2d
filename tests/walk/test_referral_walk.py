"""One referral through the sixteen steps of docs/walk.md, each seen where it leaves its mark."""

from stafet.vault.domain.ledger import FIRST
from stafet_schemas.groups import Group
from stafet_schemas.inbound import MessageReceived
from stafet_schemas.referral import ReferralRouted, ReferralSubmitted
from tests.walk.police_desk import planned
from tests.walk.proofs import (
    CONTENT_NAMES,
    LADDER,
    NOTICE_NAMES,
    climb,
    ledger_chain,
    names_seen,
    printed_trace,
    said_of,
)
from tests.walk.valves import held
from tests.walk.whole_hub import WholeHub

MINE = planned()[0]


class TestOneReferral:
    async def test_comes_in_by_one_commit_and_becomes_references_only(self, hub: WholeHub) -> None:
        async with hub.up(), held(hub) as valves, hub.agency("police", referrals=1):
            # Steps 1 and 2: sealed, receipted and told of in one commit; the police hold the receipt.
            (received,) = await valves.until("gateway", "message.received")
            (answer,) = await hub.recorded("police", "answer", code="MODTAGET")
            (message,) = await hub.rows("select * from gateway.messages")
            assert (message["agency"], message["message"]) == ("police", MINE.transaction)
            assert answer["receipt"] == str(message["receipt"])
            assert said_of(MINE, message["sealed"]) == []
            assert await valves.commits("gateway.messages") == await valves.commits("gateway.outbox")

            # Step 3: published without content.
            await valves.step("gateway", "message.received")
            assert isinstance(received, MessageReceived)
            assert received.partitionkey == "police"
            assert set(received.data.model_dump()) == {"agency", "message", "size"}

            # Steps 4 to 7: the values are in the vault, references come out, the sealed bytes are gone.
            (submitted,) = await valves.until("gateway", "referral.submitted")
            opened, duty = await valves.until("vault", "case.opened", "consent.given")
            assert {opened.causationid, duty.causationid} == {received.id}
            assert isinstance(submitted, ReferralSubmitted)
            assert submitted.causationid == received.id
            assert submitted.data.case == opened.partitionkey
            assert set(submitted.data.groups) >= {Group.IDENTITY, Group.CONTACT, Group.NARRATIVE}
            assert said_of(MINE, submitted.model_dump_json().encode()) == []
            (record,) = await hub.rows("select * from vault.records join vault.messages using (record_id)")
            assert (str(record["record_id"]), record["digest"]) == (
                submitted.data.record,
                submitted.data.digest,
            )
            values = await hub.rows("select ciphertext from vault.record_values")
            assert len(values) == len(submitted.data.groups)
            assert [said for each in (record, *values) for said in said_of(MINE, each["ciphertext"])] == []
            (kept,) = await hub.rows("select sealed from gateway.messages")
            assert kept["sealed"] is None
            step_seven = await valves.commits("gateway.outbox")
            assert await valves.commits("gateway.messages") == step_seven
            assert await valves.commits("gateway.referrals") == step_seven

    async def test_goes_out_as_a_notice_with_routing_facts_only(self, hub: WholeHub) -> None:
        async with hub.up(), held(hub) as valves, hub.agencies(referrals=1):
            await valves.step("gateway", "message.received")
            (submitted,) = await valves.step("gateway", "referral.submitted")

            # Steps 8 and 9: decided, and stored together with what is to be told.
            (routed,) = await valves.until("referrals", "referral.routed")
            assert isinstance(routed, ReferralRouted)
            assert (routed.data.recipient, routed.data.part) == ("redcross", "notice")
            assert routed.causationid == submitted.id
            assert await valves.commits("referrals.referrals") == await valves.commits("referrals.outbox")
            assert hub.record("redcross", "received") == []

            # Step 10: into the lane; 12 and 13: worded and pushed, written down before and after.
            await valves.step("referrals", "referral.routed")
            events = await valves.until("dispatch", "delivery.queued", "delivery.sent", "delivery.delivered")
            assert [each.causationid for each in events] == [routed.id, *(each.id for each in events[:2])]
            (attempt,) = await hub.rows(
                "select * from dispatch.attempts join dispatch.items using (delivery)"
            )
            assert (attempt["lane"], attempt["recipient"]) == (routed.data.case, "redcross")
            assert (attempt["attempt"], attempt["outcome"]) == (1, "delivered")
            assert (await valves.commits("dispatch.outbox"))[-1:] == await valves.commits("dispatch.attempts")
            (notice,) = hub.record("redcross", "received")
            assert (notice["delivery"], notice["part"]) == (routed.id, "notice")
            assert names_seen(notice) <= NOTICE_NAMES
            assert names_seen(notice).isdisjoint(CONTENT_NAMES)

            # Step 11: the ledger and disclosure.made, committed before anything left.
            await valves.until("vault", "case.opened", "consent.given", "disclosure.made")
            (row,) = await hub.rows("select * from vault.disclosures")
            assert (row["delivery"], row["outcome"], row["number"]) == (routed.id, "made", 1)
            assert row["prev_hash"] == FIRST
            assert {each.partition(".")[0] for each in row["fields"]} == {Group.ROUTING}
            assert await valves.commits("vault.disclosures") == (await valves.commits("vault.outbox"))[-1:]
            assert row["at"] > attempt["began_at"]
            assert row["at"].isoformat() < notice["at"]

    async def test_comes_back_opens_the_content_and_closes_the_loop(self, hub: WholeHub) -> None:
        async with hub.up(), held(hub) as valves, hub.agencies(referrals=1):
            await valves.to_the_notice()

            # Step 14: the answer came by the same door and means something.
            (received,) = await valves.step("gateway", "message.received")
            (accepted,) = await valves.until("gateway", "delivery.accepted")
            assert received.partitionkey == "redcross"
            assert accepted.causationid == received.id
            assert [each["part"] for each in hub.record("redcross", "received")] == ["notice"]

            # Step 15: a rung up, by one commit: the state, the content for one, the status for the other.
            await valves.step("referrals", "referral.delivered", "referral.routed")
            await valves.step("gateway", "delivery.accepted")
            rung = await valves.until("referrals", "referral.accepted", "referral.routed", "referral.routed")
            parts = [each.data.part for each in rung if isinstance(each, ReferralRouted)]
            assert parts == ["content", "status"]
            assert {each.causationid for each in rung} == {accepted.id}
            state = await valves.commits("referrals.referrals")
            assert set(await valves.commits("referrals.outbox")) == set(state)

            # Step 16: all of it is to be seen, with times and causes.
            await valves.let_go()
            case = await hub.until_state(MINE.transaction, "loop_closed")
            await hub.until_rows("select from vault.disclosures", count=6)
            trace = await printed_trace(hub, MINE.transaction)

            assert [each["part"] for each in hub.record("redcross", "received")] == ["notice", "content"]
            assert names_seen(hub.record("redcross", "received")[1]) >= CONTENT_NAMES
            receipts = [each["code"] for each in hub.record("police", "receipt")]
            assert receipts == ["MODTAGET", "ACCEPTERET", "AFLEVERET"]
            assert [each["type"] for each in case["events"] if each["type"] in LADDER] == list(LADDER)
            assert case["trouble"] == []
            released = await ledger_chain(hub, case["case"])
            # That work has begun was released for the police as well, whose protocol has no word for it.
            assert sorted(released) == ["content", "notice", "status", "status", "status", "status"]
            assert "Loop closed: Police knows the outcome, completed" in trace
            assert await hub.leaks() == []

    async def test_leaves_an_unbroken_chain_of_causes(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agencies(referrals=1):
            await hub.judged(1)
            case = await hub.until_state(MINE.transaction, "loop_closed")

        events = {each["id"]: each for each in case["events"]}
        assert case["shown"] == case["events_total"] == len(events)
        assert all(each["causation"] in {None, each["parent"]} for each in events.values())
        roots = {each["type"] for each in events.values() if each["causation"] is None}
        assert roots == {"message.received"}
        closed = next(each for each in events.values() if each["type"] == "referral.loop_closed")
        assert [each["type"] for each in climb(closed, events)] == [
            "referral.loop_closed",
            "delivery.delivered",
            "delivery.sent",
            "delivery.queued",
            "referral.routed",
            "delivery.completed",
            "message.received",
        ]
