"""`kill -9` of the demo, hub and all, in the middle; started again it comes to the same report."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.demo_process import Demo, Report, demos

TIMES = {"p50_ms", "p99_ms", "effect_p50_ms", "effect_p99_ms", "seconds"}
# The ledger has a row for each attempt, and what was in flight is attempted again.
BY_CHANCE = TIMES | {"ledger_verified"}


@pytest.fixture(scope="module")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Run the demo once from end to end."""
    async with demos(tmp_path_factory.mktemp("undisturbed")) as demo:
        demo.start()
        return await demo.report()


def while_the_police_are_sending(demo: Demo) -> bool:
    """Say whether some messages are answered and others are still to be sent."""
    return demo.lines("police", "answer") >= 10 and demo.lines("police", "done_sending") == 0


def while_answers_come_back(demo: Demo) -> bool:
    """Say whether the Red Cross has some referrals and has begun to answer."""
    return demo.delivered() >= 3 and demo.lines("redcross", "answered") >= 1


@pytest.mark.timeout(150, func_only=True)
class TestAKilledDemo:
    @pytest.mark.parametrize("moment", [while_the_police_are_sending, while_answers_come_back])
    async def test_comes_to_the_same_report_when_it_is_started_again(
        self, undisturbed: Report, tmp_path: Path, moment: Callable[[Demo], bool]
    ) -> None:
        async with demos(tmp_path) as demo:
            demo.start()
            await demo.kill_when(moment)
            delivered = demo.delivered()
            demo.start()
            report = await demo.report()

        assert delivered < undisturbed["delivered"]
        assert {key: report[key] for key in report.keys() - BY_CHANCE} == {
            key: undisturbed[key] for key in undisturbed.keys() - BY_CHANCE
        }
        assert report["ledger_verified"] > report["disclosures_made"] > report["withdrawn_before_sending"] > 0
        assert (report["submitted"], report["lost"], report["duplicates"], report["leaks"]) == (40, 0, 0, 0)
