"""A partner that is dead for content when consent is withdrawn, and alive again after: it is told first."""

import json

import pytest

from stafet_connectors.police.simulator_forms import consents
from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import NeedsAction
from stafet_sdk.transport import HttpPush
from tests.walk.police_desk import desk, planned
from tests.walk.proofs import names_seen
from tests.walk.redcross_desk import withdraw
from tests.walk.whole_hub import WholeHub

MINE = next(each for each in planned(1, 40) if consents(each.reference, each.profile))
NARRATIVE = "cas_OutgoingReferralDetails"
DEAD = "select lane, referral from dispatch.items where part = 'content' and status = 'failed'"
AGAIN = """
    with again as (
        update dispatch.items set status = 'waiting', failures = 0
        where lane = $1 and status = 'failed' returning lane, recipient
    )
    update dispatch.lanes l set due_at = now() from again
    where l.lane = again.lane and l.recipient = again.recipient
"""


class Gone(HttpPush):
    """A way to partners on which contents find nobody, while `dead` is set."""

    dead = True

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Send all but contents."""
        if self.dead and b"referral.content" in outbound.body:
            raise NeedsAction("http_410")
        return await super().send(outbound, partner)


class TestARecall:
    async def test_overtakes_the_content_that_is_dead_and_that_leaves_narrower_later(
        self, hub: WholeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stafet_cli.hub.HttpPush", Gone)
        async with hub.up(), hub.agencies(), desk(hub) as police:
            await hub.ready()
            await police.send(MINE)
            (dead,) = await hub.until_rows(DEAD)
            status, _ = await withdraw(hub, dead["referral"])
            (told,) = await hub.recorded("redcross", "withdrawal")
            still = await hub.rows(DEAD)

            monkeypatch.setattr(Gone, "dead", False)
            await hub.rows(AGAIN, dead["lane"])
            (content,) = await hub.recorded("redcross", "received", part="content")

        assert status == 202
        assert still == [dead]
        assert json.loads(told["groups"]) == ["narrative"]
        assert NARRATIVE not in names_seen(content)
        assert await hub.leaks() == []
