"""How the referrals are read and written: in bulk, and locked."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from stafet.referrals.adapters.referrals import LOAD, SAVE, PostgresReferrals
from stafet_runtime.database import Database
from stafet_runtime.unit import transaction
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.referrals.samples import NOON, Life, state

WAITING = "select count(*) from pg_locks where not granted"


class TestPostgresReferrals:
    async def test_a_batch_is_one_query_and_one_statement(self, database: Database) -> None:
        lives = [Life(number) for number in range(50)]
        asked: list[str] = []
        async with database.pool.acquire() as connection, connection.transaction():
            referrals = PostgresReferrals(connection)
            with connection.query_logger(lambda query: asked.append(query.query)):
                await referrals.load([each for life in lives for each in life.completed()])
                for life in lives:
                    referrals.put(replace(state("routed"), referral=life.referral, case=life.referral))
                await referrals.save()

        # The driver asks for types it has not met: that is once per connection.
        assert [query for query in asked if "referrals" in query] == [LOAD, SAVE]
        assert await database.pool.fetchval("select count(*) from referrals") == 50

    async def test_what_was_put_is_what_is_loaded(self, database: Database) -> None:
        kept = state("routed", "delivered", "rejected", closed=True)
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            referrals = PostgresReferrals(unit.connection)
            referrals.put(state("routed"))
            referrals.put(kept)
            assert referrals.get("referral-1") == kept
            await referrals.save()

        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            again = PostgresReferrals(unit.connection)
            await again.load([Life(1).answered("accepted"), Life(2).answered("accepted")])

        assert (again.get("referral-1"), again.get("referral-2")) == (kept, None)

    async def test_nothing_is_written_when_nothing_changed(self, database: Database) -> None:
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            first = PostgresReferrals(unit.connection)
            first.put(state("routed"))
            await first.save()
        asked: list[str] = []
        async with database.pool.acquire() as connection, connection.transaction():
            again = PostgresReferrals(connection)
            with connection.query_logger(lambda query: asked.append(query.query)):
                await again.load([Life(1).answered("accepted")])
                again.put(state("routed"))
                await again.save()

        assert [query for query in asked if "referrals" in query] == [LOAD]

    async def test_a_loaded_referral_is_locked_until_the_commit(self, database: Database) -> None:
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            first = PostgresReferrals(unit.connection)
            first.put(state("routed"))
            await first.save()
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            await PostgresReferrals(unit.connection).load([Life(1).answered("accepted")])

            with pytest.raises(asyncpg.LockNotAvailableError):
                await database.pool.fetch("select from referrals for update nowait")

        assert len(await database.pool.fetch("select from referrals for update nowait")) == 1

    async def test_two_batches_about_the_same_referrals_wait_and_do_not_block_each_other(
        self, database: Database
    ) -> None:
        # Stored in the order opposite to their ids: that of a scan which nobody sorts.
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            first = PostgresReferrals(unit.connection)
            for number in (2, 1):
                first.put(replace(state("routed"), referral=Life(number).referral, service=f"s-{number}"))
            await first.save()
        one, two = (Life(number).answered("accepted") for number in (1, 2))

        async def both() -> None:
            async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
                await PostgresReferrals(unit.connection).load([one, two])

        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            await PostgresReferrals(unit.connection).load([one])
            other = asyncio.create_task(both())
            while not await database.pool.fetchval(WAITING):
                assert not other.done()
            again = PostgresReferrals(unit.connection)
            await again.load([two])
        await other

        assert again.get("referral-2") is not None

    async def test_a_state_without_rungs_is_not_stored(self, database: Database) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await database.pool.execute(
                "insert into referrals values "
                "('r', 'c', 'police', 'p', 'redcross', '1', '{}', false, 'support', 'health', '{}', '{}')"
            )

    async def test_two_open_ones_for_the_same_are_not_stored_whoever_decided(
        self, database: Database
    ) -> None:
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            first = PostgresReferrals(unit.connection)
            first.put(state("routed"))
            first.put(replace(state("routed", "delivered", "rejected"), referral="referral-2"))
            await first.save()

        async with database.pool.acquire() as connection, connection.transaction():
            second = PostgresReferrals(connection)
            second.put(replace(state("routed"), referral="referral-3"))
            with pytest.raises(asyncpg.UniqueViolationError):
                await second.save()
