"""How things and units are read and written: in bulk, and one transaction after another about one case."""

import asyncio

from stafet.support.adapters import SAVE_UNITS, UNITS, WAIT, PostgresSupport
from stafet.support.domain.places import Unit
from stafet_runtime.casebook import KIN_OF, LOAD, SAVE
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.thing import Thing
from stafet_runtime.unit import transaction
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.support.samples import CASE, NOON, Desk, capacity, cut, given, records, step, submitted

WAITING = "select count(*) from pg_locks where not granted"


class TestPostgresSupport:
    async def test_a_batch_is_one_statement_each(self, database: Database) -> None:
        asked: list[str] = []
        async with database.pool.acquire() as connection, connection.transaction():
            support = PostgresSupport(connection)
            with connection.query_logger(lambda query: asked.append(query.query)):
                await support.load([submitted(number, f"case-{number}") for number in range(50)])
                for number in range(50):
                    support.put(Thing(f"case-{number}", "stay", "s-1", "reserved", {"provider": "shelter"}))
                await support.save()

        told = [each for each in asked if "things" in each or "advisory" in each]
        assert told == [WAIT, KIN_OF, LOAD, SAVE]
        assert await database.pool.fetchval("select count(*) from things") == 50

    async def test_units_are_read_and_written_only_where_places_are_the_matter(
        self, database: Database
    ) -> None:
        asked: list[str] = []
        unit = Unit("shelter", "a", "capacity", NOON, 2, 7, frozenset({"female", "child"}))
        async with database.pool.acquire() as connection, connection.transaction():
            with connection.query_logger(lambda query: asked.append(query.query)):
                support = PostgresSupport(connection)
                await support.load([capacity("a", 2)])
                support.put_unit(unit)
                await support.save()
                again = PostgresSupport(connection)
                await again.load([step("accommodation_requested", party="shelter")])
                other = PostgresSupport(connection)
                await other.load([step("accommodation_found", subject="s-1"), submitted()])

        assert [each for each in asked if "units" in each] == [UNITS, SAVE_UNITS, UNITS]
        assert (again.units, other.units) == ((unit,), ())

    async def test_a_withdrawal_waits_for_a_return_that_is_being_accepted(
        self, database: Database, processor: Processor, desk: Desk
    ) -> None:
        await desk.take(given())
        async with transaction(database, FakeClock(NOON), FakeIds()) as unit:
            accepting = PostgresSupport(unit.connection)
            await accepting.load([step("return_accepted", subject="r-1")])
            withdrawal = asyncio.create_task(processor.process(records([cut("withdrawn")], 9)))
            while not await database.pool.fetchval(WAITING):
                assert not withdrawal.done()
            accepting.put(Thing(CASE, "return", "r-1", "accepted", {"consent": "c-1"}))
            await accepting.save()
        await withdrawal

        assert (await desk.states())["return r-1"] == "offered"
