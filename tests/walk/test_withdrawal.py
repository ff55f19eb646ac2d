"""A consent from the police's form to its withdrawal by the Red Cross, through the whole hub."""

import json

from stafet_connectors.police.simulator_forms import consents
from tests.walk.police_desk import desk, planned
from tests.walk.proofs import names_seen
from tests.walk.redcross_desk import withdraw
from tests.walk.whole_hub import WholeHub

MINE = next(each for each in planned(1, 40) if consents(each.reference, each.profile))
NARRATIVE = "cas_OutgoingReferralDetails"
EFFECT = """
    select extract(epoch from c.recorded_at - m.received_at)::float8 as seconds
    from vault.consents c, gateway.messages m
    where c.statement = 'withdrawn' and m.message = 'desk-withdrawal-1'
"""


class TestAWithdrawal:
    async def test_closes_what_consent_opened_and_tells_who_was_served(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agencies(), desk(hub) as police:
            await hub.ready()
            assert (await police.send(MINE)).code == "MODTAGET"
            (content,) = await hub.recorded("redcross", "received", part="content")
            assert NARRATIVE in names_seen(content)

            status, _ = await withdraw(hub, content["referral"])
            assert status == 202
            (told,) = await hub.recorded("redcross", "withdrawal")
            assert json.loads(told["groups"]) == ["narrative"]
            assert json.loads(told["referrals"]) == [content["referral"]]

            (effect,) = await hub.rows(EFFECT)
            assert 0 < effect["seconds"] < 30
            shown = await hub.until_case(
                content["referral"],
                lambda case: [
                    each
                    for each in case["events"]
                    if each["type"] == "delivery.delivered" and each["part"] == "withdrawal"
                ],
            )
            by_id = {each["id"]: each for each in shown["events"]}
            (withdrawn,) = [each for each in shown["events"] if each["type"] == "consent.withdrawn"]
            assert withdrawn["data"]["recipients"] == ["redcross"]
            assert by_id[withdrawn["causation"]]["type"] == "message.received"
            queued = [each for each in shown["events"] if each["causation"] == withdrawn["id"]]
            # Whoever has it is told; and a referral that nothing opens any more is taken back.
            assert sorted(each["type"] for each in queued) == [
                "delivery.queued", "referral.cancelled", "referral.routed", "referral.routed",
            ]  # fmt: skip
        assert await hub.leaks() == []
