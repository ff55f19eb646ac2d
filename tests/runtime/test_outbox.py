"""What handlers emit: complete, checked, written with the transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_runtime.cause import Cause
from stafet_runtime.database import Database
from stafet_runtime.outbox import UnitOutbox, pack_headers, unpack_headers
from stafet_runtime.unit import transaction
from stafet_schemas.case import CaseOpened, CaseOpenedData, DisclosureMade
from stafet_schemas.codec import MAX_DATA_BYTES, decode
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.runtime.desk import BEGUN, SERVICE, TRACE, opened

DATA = CaseOpenedData(case="ægir", agency="police")


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """A service's empty schema."""
    return await database_for(SERVICE)


class TestEmit:
    async def test_writes_an_event_that_every_reader_takes(self, database: Database) -> None:
        async with transaction(
            database, FakeClock(BEGUN), FakeIds(), cause=Cause(opened(1).id, TRACE)
        ) as unit:
            event_id = unit.outbox.emit(CaseOpened, DATA)

        row = await database.pool.fetchrow("select topic, key, headers, value from outbox")
        assert row is not None
        assert (row["topic"], row["key"]) == (CaseOpened.topic, "ægir".encode())
        assert decode(unpack_headers(row["headers"]), row["value"]) == CaseOpened(
            id=event_id,
            source=f"/stafet/{SERVICE}",
            time=BEGUN,
            correlationid="ægir",
            causationid=opened(1).id,
            partitionkey="ægir",
            recordedtime=BEGUN,
            traceparent=TRACE,
            data=DATA,
        )

    async def test_without_a_cause_begins_a_chain(self, database: Database) -> None:
        async with transaction(database, FakeClock(BEGUN), FakeIds()) as unit:
            unit.outbox.emit(CaseOpened, DATA)

        row = await database.pool.fetchrow("select headers, value from outbox")
        assert row is not None
        event = decode(unpack_headers(row["headers"]), row["value"])
        assert (event.causationid, event.traceparent) == (None, None)

    def test_refuses_the_data_of_another_kind(self) -> None:
        with pytest.raises(TypeError, match="DisclosureMade does not carry CaseOpenedData"):
            UnitOutbox(SERVICE, FakeClock(BEGUN), FakeIds()).emit(DisclosureMade, DATA)

    def test_refuses_more_than_a_reader_takes(self) -> None:
        data = CaseOpenedData(case="a" * MAX_DATA_BYTES, agency="police")
        with pytest.raises(ValueError, match="CaseOpened with more than 64 KiB"):
            UnitOutbox(SERVICE, FakeClock(BEGUN), FakeIds()).emit(CaseOpened, data)


class TestWrite:
    async def test_wakes_the_relay_of_this_process_and_of_others(self, database: Database) -> None:
        woken = asyncio.Event()

        def wake(*_: object) -> None:
            woken.set()

        listener = await asyncpg.connect(database.dsn)
        await listener.add_listener(f"stafet_outbox_{SERVICE}", wake)
        try:
            async with transaction(database, FakeClock(BEGUN), FakeIds()) as unit:
                unit.outbox.emit(CaseOpened, DATA)
            async with asyncio.timeout(5):
                await woken.wait()
        finally:
            await listener.close()

        assert database.handoff.woken.is_set()

    async def test_of_nothing_wakes_nobody(self, database: Database) -> None:
        async with transaction(database, FakeClock(BEGUN), FakeIds()):
            pass

        assert not database.handoff.woken.is_set()


class TestPackHeaders:
    @given(st.lists(st.tuples(st.text(), st.binary()), max_size=12))
    def test_is_undone_by_unpacking(self, headers: Sequence[tuple[str, bytes]]) -> None:
        assert unpack_headers(pack_headers(headers)) == headers
