"""SIGTERM in the middle of the work: `stafet up` ends by itself; the next start goes on where it was."""

import asyncio
import signal

from tests.faults.hub_process import process_of
from tests.walk.valves import PRODUCERS
from tests.walk.whole_hub import WholeHub

REFERRALS = 12


class TestAStoppedHub:
    async def test_leaves_nothing_unpublished_and_loses_and_doubles_nothing(self, hub: WholeHub) -> None:
        async with hub.agencies(referrals=REFERRALS):
            async with process_of(hub) as process:
                await hub.recorded("redcross", "received", count=2)
                process.send_signal(signal.SIGTERM)
                code = await asyncio.to_thread(process.wait, 30)
            left = [await hub.rows(f"select from {each}.outbox") for each in PRODUCERS]
            finals = len(hub.record("police", "receipt"))

            async with hub.up():
                judgement = await hub.judged(REFERRALS)

        assert code == 0
        assert left == [[], [], [], []]
        assert finals < 3 * REFERRALS
        assert judgement.problems == ()
        assert judgement.report.submitted == REFERRALS
