"""An erased case, through the whole hub: no id that an agency has in its own records leads there any more."""

import io

from rich.console import Console

from stafet_cli.demo.leaks import find_leaks
from stafet_cli.erase import erase_command
from stafet_cli.receipts import receipt_of
from tests.walk.police_desk import desk, planned
from tests.walk.whole_hub import WholeHub

MINE = planned()[0]
KEEPERS = {"gateway.messages", "gateway.referrals"}
OF_AGENCIES = """
    select message from gateway.messages where message is not null
    union all select filler from gateway.referrals where filler is not null
"""
STAYING = "select agency from gateway.messages where receipt is null and message is null order by agency"


async def places(hub: WholeHub, ids: list[str]) -> set[str]:
    """Name the tables, topics and log files in which any of these ids stands."""
    known, logs = hub.settings, [hub.home / "logs"]
    found = await find_leaks(ids, known.kafka, known.topic_prefix, known.postgres, logs)
    return {each.place for each in found}


class TestAnErasedCase:
    async def test_is_led_to_by_no_id_of_an_agency(self, hub: WholeHub) -> None:
        async with hub.up(), hub.agencies(), desk(hub) as police:
            await hub.ready()
            receipt = (await police.send(MINE)).receipt
            case = await hub.until_state(MINE.transaction, "loop_closed")
            ids = [row["message"] for row in await hub.rows(OF_AGENCIES)]
            # The police's transaction, three answers of the Red Cross, and its own id of the referral.
            assert (MINE.transaction in ids, len(ids), len(set(ids))) == (True, 5, 5)
            assert await places(hub, ids) == KEEPERS
            # The police know their request again by what the vault kept.
            assert {each["transaction"] for each in hub.record("police", "receipt")} == {MINE.transaction}

            order = {"reason": "no_longer_needed", "by": "A. Archivist"}
            console = Console(file=io.StringIO())
            assert await erase_command(hub.settings, case["case"], output=console, **order) == 0
            await hub.recorded("redcross", "erasure")
            await hub.until_rows(STAYING, count=4)

            assert await places(hub, ids) == set()
            assert await receipt_of(hub.settings, MINE.transaction) is None
            again = await police.send(MINE)
            assert (again.code, receipt.encode() in again.body) == ("erased", False)
            assert (await police.send(MINE, conflict=True)).code == "conflict"
            assert await places(hub, ids) == set()
            assert len(await hub.rows("select from vault.cases")) == 1
