"""A document of the police from its two halves to a record of the case, through the whole hub."""

from pathlib import Path

import pytest

from stafet_connectors.police.simulator_plan import plan
from tests.walk.proofs import printed_trace
from tests.walk.whole_hub import WholeHub, make_hub

MINE = plan(1, 1)[0][0]


@pytest.fixture
async def filed(kafka: str, dsn: str, topic_prefix: str, tmp_path: Path) -> WholeHub:
    """Make a hub with a file drop at the police."""
    return await make_hub(tmp_path, kafka, dsn, topic_prefix, drop=True)


class TestADocument:
    async def test_is_kept_with_its_case_told_and_nowhere_else(self, filed: WholeHub) -> None:
        async with (
            filed.up(),
            filed.agency("redcross"),
            filed.agency("police", referrals=1, documents=100),
        ):
            (announced,) = await filed.recorded("police", "announced")
            (received,) = await filed.recorded("police", "file_receipt")
            (told,) = await filed.recorded("police", "receipt", transaction=announced["receipt"])
            case = await filed.until_case(
                MINE.transaction, lambda found: "case.document_received" in str(found)
            )
            trace = await printed_trace(filed, MINE.transaction)
            kept = await filed.rows("select message from vault.records order by registered_at")
            leaks = await filed.leaks()

        assert (announced["code"], received["code"]) == ("MODTAGET", "received")
        assert (told["code"], told["type"]) == ("MODTAGET", "Teknisk")
        assert "Document from Police kept in the case: pdf" in trace
        assert [each["message"] for each in kept][-1] == announced["receipt"]
        assert len(kept) == 2
        assert leaks == []
        assert "bilag-" not in str(case) + trace
        assert [each.name for each in (filed.home / "police" / "files" / "OUT").iterdir()] == []
