"""Hundreds of withdrawals against releases at the same time, on a real database (invariant I10)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from stafet.vault.app.build import open_session
from stafet.vault.app.local import LocalVault
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database, open_database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.consents import SEEN_AFTER, SEEN_BEFORE, race

RACES = 300


@pytest.fixture
async def many(dsn: str) -> AsyncIterator[Database]:
    """The vault's schema with room for many at once."""
    database = await open_database(dsn, "vault", size=16)
    yield database
    await database.close()


class TestRace:
    async def test_no_release_sees_a_consent_after_its_withdrawal_was_committed(
        self, many: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles
    ) -> None:
        vault = LocalVault(open_session(many, clock, ids, key_files, VaultSettings()))
        found = await asyncio.gather(*(race(vault, number) for number in range(RACES)))
        assert (
            await many.pool.fetchval("select count(*) from consents where statement = 'withdrawn'") == RACES
        )
        assert await many.pool.fetchval(SEEN_AFTER) == 0
        assert sum(each.seen_after for each in found) == 0
        # Both sides of the race were run: some were served before it, all were asked for after it.
        assert await many.pool.fetchval(SEEN_BEFORE) > 0
        assert min(each.asked_after for each in found) > 0
        assert {each.told for each in found} == {True, False}
