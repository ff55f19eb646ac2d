import pytest

from stafet_cli.demo.ledger_check import check_ledger
from stafet_cli.demo.report import LedgerFound
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from tests.services.vault.ledgering import ALL, Written, write
from tests.services.vault.opened import vault_of


@pytest.fixture
async def written(settings: HubSettings, database: Database) -> Written:
    """A ledger with rows in it, which no tree head covers yet."""
    return await write(vault_of(settings.home, database))


class TestCheckLedger:
    @pytest.mark.usefixtures("written")
    async def test_signs_a_tree_head_and_verifies_every_row(self, settings: HubSettings) -> None:
        assert await check_ledger(settings) == LedgerFound(ALL)
        assert len([*(settings.home / "treeheads").iterdir()]) == 1

    async def test_names_what_is_not_as_it_was_written(
        self, settings: HubSettings, written: Written, database: Database
    ) -> None:
        name = written.disclosures[1]
        await database.pool.execute("update disclosures set part = 'status' where disclosure_id = $1", name)
        found = await check_ledger(settings)

        assert [each for each in found.faults if f"(disclosure {name}): changed since" in each]

    @pytest.mark.usefixtures("written")
    async def test_says_so_where_nothing_can_be_built_on_what_was_signed(
        self, settings: HubSettings, database: Database
    ) -> None:
        assert (await check_ledger(settings)).faults == ()
        await database.pool.execute("update tree_heads set root = sha256('x')")
        (fault,) = (await check_ledger(settings)).faults

        assert "the newest tree head was changed" in fault
