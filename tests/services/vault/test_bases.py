"""What opened a disclosure, in the ledger and in the event, on a real database."""

import pytest

from stafet.vault.app.local import LocalVault
from stafet_runtime.database import Database
from stafet_runtime.vaultport import DisclosureBlockedError, StoredRecord
from tests.services.vault.consents import ADULT, given, narrowed, seen, withdrawn
from tests.services.vault.people import notice, request
from tests.services.vault.tables import ledger, outbox


@pytest.fixture
async def adult(vault: LocalVault) -> StoredRecord:
    """An adult's record."""
    return await vault.register(ADULT)


class TestBases:
    async def test_stand_in_the_ledger_and_in_the_event_of_what_they_opened(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        first = (await vault.record_consent(given(adult))).consents[0]
        await seen(vault, adult)
        await vault.record_consent(narrowed(adult, groups=("health",)))
        await seen(vault, adult)
        await vault.release(notice(adult))
        await vault.record_consent(withdrawn(adult))
        await seen(vault, adult)
        found = [list(entry.bases) for entry, _, _ in await ledger(database, adult.case)]
        assert found == [[f"consent:{first}:1"], [f"consent:{first}:2"], [], []]
        told = [data["bases"] for kind, data in await outbox(database) if kind == "disclosure.made.v1"]
        assert told == found

    async def test_are_none_of_what_was_blocked(
        self, vault: LocalVault, adult: StoredRecord, database: Database
    ) -> None:
        await vault.record_consent(given(adult))
        with pytest.raises(DisclosureBlockedError, match="not_accepted"):
            await vault.release(request(adult, accepted=False))
        assert [entry.bases for entry, _, _ in await ledger(database, adult.case)] == [()]
