"""The lot: what is parked comes out as it went in, heads first."""

from collections.abc import Awaitable, Callable

import pytest

from stafet_runtime.database import Database
from stafet_runtime.parked import (
    BUG,
    HELD,
    TRANSIENT,
    UNDECODABLE,
    Fault,
    RawRecord,
    defer,
    due_heads,
    park,
    release_parked,
)
from tests.runtime.desk import BEGUN, SERVICE, TOPIC, record

WAITS = Fault(TRANSIENT, "VaultUnavailableError", holds=True)
BROKEN = Fault(BUG, "KeyError at handle:1", holds=True)
BEHIND = Fault(HELD, "an earlier message of this key is parked", holds=True)
NONSENSE = Fault(UNDECODABLE, "no data", holds=False)


@pytest.fixture
async def lot(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """An empty lot."""
    return await database_for(SERVICE)


class TestPark:
    async def test_keeps_every_byte(self, lot: Database) -> None:
        odd = RawRecord(
            TOPIC, 3, 7, b"\0key\xff", [("ce_type", b"\xff\0"), ("ce_type", b""), ("\xe6", b"\x80")], b"\0"
        )
        async with lot.pool.acquire() as connection:
            await park(connection, odd, BEHIND, BEGUN)
            (head,) = await due_heads(connection, BEGUN)

        assert head.record == odd

    async def test_of_the_same_record_keeps_the_first_reason(self, lot: Database) -> None:
        async with lot.pool.acquire() as connection:
            await park(connection, record(1), BROKEN, BEGUN)
            await park(connection, record(1), BEHIND, BEGUN)

        rows = await lot.pool.fetch("select class, reason from parked")
        assert [tuple(row) for row in rows] == [(BUG, BROKEN.reason)]


class TestDueHeads:
    async def test_are_the_first_of_each_lane_whose_time_has_come(self, lot: Database) -> None:
        async with lot.pool.acquire() as connection:
            for number, case, fault in [
                (1, "stands", BROKEN), (2, "stands", BEHIND), (3, "waits", WAITS), (4, "waits", BEHIND),
                (5, "free", BEHIND), (6, "free", BEHIND), (7, "odd", NONSENSE),
            ]:  # fmt: skip
                await park(connection, record(number, case), fault, BEGUN)

            assert [each.record.offset for each in await due_heads(connection, BEGUN)] == [5]
            later = BEGUN.replace(second=1)
            assert [each.record.offset for each in await due_heads(connection, later)] == [3, 5]


class TestDefer:
    async def test_counts_the_try_and_moves_the_time(self, lot: Database) -> None:
        async with lot.pool.acquire() as connection:
            await park(connection, record(1), WAITS, BEGUN)
            (head,) = await due_heads(connection, BEGUN.replace(second=1))
            await defer(connection, head, WAITS, BEGUN)
            row = await connection.fetchrow("select tries, retry_at from parked")

        assert row is not None
        assert tuple(row) == (1, BEGUN.replace(second=2))


class TestReleaseParked:
    async def test_says_whether_it_was_still_there(self, lot: Database) -> None:
        async with lot.pool.acquire() as connection:
            await park(connection, record(1), BEHIND, BEGUN)
            (head,) = await due_heads(connection, BEGUN)

            assert [await release_parked(connection, head.id) for _ in range(2)] == [True, False]


class TestRawRecord:
    def test_shows_nothing_of_what_it_holds(self) -> None:
        assert "police" not in repr(record(1))
