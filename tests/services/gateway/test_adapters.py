"""The gateway's tables under two transactions at once."""

import asyncio

from stafet.gateway.adapters import PostgresMessages, SealingKeys
from stafet.gateway.domain import Arrival
from stafet_runtime.database import Database
from stafet_sdk.certification.samples import NOW
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.services.gateway.servers import blocked

IDS = FakeIds(7)
FIRST, SECOND = (Arrival("police", "m-1", b"key", IDS.new(), bytes([n]) * 32, b"sealed", NOW) for n in (1, 2))


class TestKeep:
    async def test_of_a_copy_waits_for_the_first_ones_commit(self, database: Database) -> None:
        async with database.pool.acquire() as one, database.pool.acquire() as two:
            transaction = one.transaction()
            await transaction.start()
            assert (await PostgresMessages(one).keep(FIRST)).fresh
            copy = asyncio.create_task(PostgresMessages(two).keep(SECOND))
            await blocked(database)
            await transaction.commit()
            kept = await copy
        assert (kept.fresh, kept.receipt, kept.digest, kept.at) == (False, FIRST.receipt, FIRST.digest, NOW)

    async def test_of_a_copy_takes_the_place_of_one_that_failed(self, database: Database) -> None:
        async with database.pool.acquire() as one, database.pool.acquire() as two:
            transaction = one.transaction()
            await transaction.start()
            await PostgresMessages(one).keep(FIRST)
            copy = asyncio.create_task(PostgresMessages(two).keep(SECOND))
            await blocked(database)
            await transaction.rollback()
            kept = await copy
        assert (kept.fresh, kept.receipt) == (True, SECOND.receipt)


class TestDigest:
    def test_is_hmac_sha_256(self) -> None:
        """RFC 4231, test case 2."""
        keys = SealingKeys(FakeVault().seal_key, b"Jefe")
        expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        assert keys.digest(b"what do ya want for nothing?").hex() == expected
