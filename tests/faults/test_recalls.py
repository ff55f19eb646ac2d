"""A partner that is dead for a content when consent is withdrawn: it is told so, and that never leaves."""

import json
from dataclasses import replace

import pytest

from stafet_connectors.police.simulator_forms import consents
from stafet_connectors.redcross.mapping import WAITING
from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import NeedsAction
from stafet_sdk.transport import HttpPush
from tests.walk.police_desk import desk, planned
from tests.walk.proofs import names_seen
from tests.walk.redcross_desk import withdraw
from tests.walk.whole_hub import WholeHub

MINE = next(each for each in planned(1, 40) if consents(each.reference, each.profile))
SECOND = replace(MINE, transaction=planned(2)[0].transaction, choices="another service")
"""The same person once more, for another service: a case of two referrals, and one consent."""
NARRATIVE = "cas_OutgoingReferralDetails"
DEAD = "select lane, referral from dispatch.items where part = 'content' and status = 'failed'"
REVOKED = "select lane, referral from dispatch.items where part = 'content' and cause = 'revoked'"
RECALLED = "select lane from dispatch.items where part = 'withdrawal'"


class Gone(HttpPush):
    """A way to partners on which the word that a content waits finds nobody, while `dead` is set."""

    dead = False

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Send all but the word of contents."""
        if self.dead and WAITING.encode() in outbound.body:
            raise NeedsAction("http_404")
        return await super().send(outbound, partner)


class TestARecall:
    async def test_overtakes_the_content_that_is_dead_and_that_never_leaves(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stafet_cli.hub.HttpPush", Gone)
        async with hub.up(), hub.agencies(), desk(hub) as police:
            await hub.ready()
            await police.send(MINE)
            # What was never fetched is not taken back: there must be something that it holds.
            (held,) = await hub.recorded("redcross", "received", part="content")

            monkeypatch.setattr(Gone, "dead", True)
            await police.send(SECOND)
            (dead,) = await hub.until_rows(DEAD)
            status, _ = await withdraw(hub, held["referral"])
            (told,) = await hub.recorded("redcross", "withdrawal")
            (never,), recalled = await hub.until_rows(REVOKED), await hub.rows(RECALLED)
            received = hub.record("redcross", "received")

        assert status == 202
        assert recalled == [{"lane": dead["lane"]}]
        assert json.loads(told["groups"]) == ["narrative"]
        assert NARRATIVE in names_seen(held)
        assert never == dead
        assert dead["referral"] not in [each["referral"] for each in received if each["part"] == "content"]
        assert await hub.leaks() == []
