"""The inbox: each message once, none past another that holds its key."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from stafet_runtime.database import Database
from stafet_runtime.inbox import enter, enter_one, seen
from stafet_runtime.parked import BUG, UNDECODABLE, Fault, park
from tests.runtime.desk import BEGUN, SERVICE, garbage, record

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))
BROKEN = Fault(BUG, "KeyError at handle:1", holds=True)
NONSENSE = Fault(UNDECODABLE, "no data", holds=False)


class TestEnter:
    async def test_takes_each_message_once(self, database_for: Callable[[str], Awaitable[Database]]) -> None:
        pool = (await database_for(SERVICE)).pool
        async with pool.acquire() as one:
            assert await enter(one, {FIRST: b"a"}) == ({FIRST}, set())
            assert await enter(one, {FIRST: b"a", SECOND: b"a"}) == ({SECOND}, set())
            assert await enter_one(one, THIRD)
            assert not await enter_one(one, THIRD)

    async def test_takes_none_whose_key_is_held_by_a_parked_record(
        self, database_for: Callable[[str], Awaitable[Database]]
    ) -> None:
        pool = (await database_for(SERVICE)).pool
        async with pool.acquire() as one:
            await park(one, record(1, "a"), BROKEN, BEGUN)
            await park(one, garbage(2, "b"), NONSENSE, BEGUN)

            entered = await enter(one, {FIRST: b"a", SECOND: b"b", THIRD: b"c"})

            assert entered == ({SECOND, THIRD}, {b"a"})
            assert await seen(one, [FIRST, SECOND]) == {SECOND}
