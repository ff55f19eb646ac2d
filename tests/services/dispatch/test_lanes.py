"""The lanes in the database: cheap with thousands of items, and right when two touch one at once."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from random import Random

import pytest

from stafet.dispatch.adapters.book import PostgresBook
from stafet.dispatch.adapters.intake import PostgresIntake
from stafet.dispatch.adapters.lanes import EARLIEST, TAKE, PostgresLanes
from stafet.dispatch.domain import Deferred, Delivered, Failed, Head, recalls
from stafet.dispatch.handlers import on_referral_routed
from stafet_runtime.cause import Cause
from stafet_runtime.database import Connection, Database
from stafet_runtime.unit import Unit, transaction
from stafet_schemas.event import Event
from stafet_schemas.referral import ReferralRouted
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import Opener, cut, eventually, somebody_waits
from tests.services.dispatch.lane_model import OUTCOMES, PARTS, LaneModel
from tests.services.dispatch.samples import NOON, cases

NOBODY_THERE = Deferred("retriable", "connect", 600.0)
# 500 lanes of 20 items, most of one recipient; a tenth of the lanes has come to a dead end. Beside them
# 5,000 lanes whose items are delivered.
FILL = """
    with filled as (
        insert into items (delivery, lane, recipient, sender, placer, part, purpose, problems, caused_by,
            queued_at, status)
        select gen_random_uuid(), case when n > 0 then 'lane-' || n % 500 else 'old-' || n end,
            case when n % 500 < 450 then 'police' else 'redcross' end,
            'police', 'tx', 'status', 'referral_status', '[]', gen_random_uuid(), $1::timestamptz,
            case when n <= 0 then 'delivered' when n <= 500 and n % 10 = 0 then 'failed' else 'waiting' end
        from generate_series(-4999, 10000) n
        returning lane, recipient, status
    )
    insert into lanes
    select lane, recipient, count(*) filter (where status <> 'delivered'),
        case when bool_and(status = 'waiting') then $1::timestamptz end
    from filled group by lane, recipient
"""


@pytest.fixture
def lanes(database: Database, clock: FakeClock, ids: FakeIds) -> PostgresLanes:
    """What the worker asks."""
    return PostgresLanes(database, clock, ids)


@pytest.fixture
def book(database: Database, clock: FakeClock, ids: FakeIds) -> PostgresBook:
    """What attempts end in."""
    return PostgresBook(database, clock, ids)


@pytest.fixture
async def session(database: Database) -> AsyncGenerator[Connection]:
    """A connection like the worker's."""
    async with database.pool.acquire() as connection:
        yield connection


async def plans(connection: Connection, query: str, *values: object) -> str:
    """Read how the server would run a query."""
    return "\n".join(row[0] for row in await connection.fetch("explain " + query, *values))


async def queue(unit: Unit, routed: Event) -> None:
    """Queue as the subscription does, in a transaction that stays open."""
    assert isinstance(routed, ReferralRouted)
    intake = PostgresIntake(unit)
    await on_referral_routed(routed, intake=intake, outbox=unit.outbox)
    await intake.save()


async def state(session: Connection) -> tuple[int, datetime | None]:
    """Read the one lane: how many items, and when it is due."""
    row = await session.fetchrow("select depth, due_at from lanes")
    assert row is not None
    return row["depth"], row["due_at"]


class TestTenThousandItems:
    async def test_are_never_read_through(self, session: Connection) -> None:
        await session.execute(FILL, NOON)
        await session.execute("analyze items, lanes")

        asked = await plans(session, EARLIEST)
        taken = await plans(session, TAKE, NOON, ["police", "redcross"], [8, 8])

        assert "Seq Scan" not in asked + taken
        assert "lanes_due" in asked
        assert "items_open" in taken

    async def test_give_each_recipient_the_heads_it_has_room_for(
        self, lanes: PostgresLanes, session: Connection
    ) -> None:
        await session.execute(FILL, NOON)

        heads = await lanes.begin(session, {"police": 3, "redcross": 8})

        assert sorted(each.item.recipient for each in heads) == ["police"] * 3 + ["redcross"] * 8
        assert len({each.item.lane for each in heads}) == 11
        firsts = "select min(position) from items where lane = $1"
        positions = {await session.fetchval(firsts, each.item.lane) for each in heads}
        assert positions == {
            await session.fetchval("select position from items where delivery = $1", each.item.delivery)
            for each in heads
        }


class TestAtOnce:
    async def test_an_item_that_comes_while_the_last_one_is_settled_is_not_forgotten(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook, session: Connection
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed()])
            (head,) = await lanes.begin(session, {"redcross": 8})
            async with transaction(hub.database, hub.clock, hub.ids) as unit:
                await queue(unit, case.routed())
                settling = asyncio.create_task(book.settle(head, Delivered()))
                await eventually(lambda: somebody_waits(session))
            await settling

            assert await hub.statuses() == ["delivered", "waiting"]
            assert await state(session) == (1, NOON)

    async def test_an_item_that_waits_for_the_settlement_of_the_last_one_is_due(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, session: Connection
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed()])
            await lanes.begin(session, {"redcross": 8})
            async with session.transaction():
                await session.execute("update items set status = 'delivered'")
                await session.execute("update lanes set depth = 0, sending = false")
                taking = asyncio.create_task(hub.take([case.routed()]))
                await eventually(lambda: somebody_waits(session))
            await taking

            assert await state(session) == (1, NOON)

    async def test_a_lane_that_is_just_being_lengthened_is_passed_over(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, session: Connection
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed()])
            async with transaction(hub.database, hub.clock, hub.ids) as unit:
                await queue(unit, case.routed())
                before = await lanes.begin(session, {"redcross": 8})
            after = await lanes.begin(session, {"redcross": 8})

            assert (len(before), len(after)) == (0, 1)

    async def test_a_recall_that_comes_while_the_head_is_settled_is_next(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook, session: Connection
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed(), case.routed()])
            (head,) = await lanes.begin(session, {"redcross": 8})
            async with transaction(hub.database, hub.clock, hub.ids) as unit:
                intake = PostgresIntake(unit)
                (recall,) = recalls("withdrawal", case.routed().id, case.case, ["redcross"])
                intake.queue(recall, head.cause)
                await intake.save()
                settling = asyncio.create_task(book.settle(head, Failed("refused", "http_400")))
                await eventually(lambda: somebody_waits(session))
            await settling

            (following,) = await lanes.begin(session, {"redcross": 8})
            assert following.item == recall
            await book.settle(following, Delivered())
            assert await state(session) == (2, None)


class TestAnyOrderOfThings:
    async def test_does_what_the_plain_model_does(
        self, database: Database, clock: FakeClock, ids: FakeIds, lanes: PostgresLanes, book: PostgresBook,
        session: Connection,
    ) -> None:  # fmt: skip
        chance, models = Random(4), [LaneModel(str(number)) for number in range(24)]
        wrong, under_way, away = list[str](), dict[str, Head](), False
        for _ in range(40):
            async with transaction(database, clock, ids) as unit:
                intake = PostgresIntake(unit)
                for each in models:
                    if chance.random() < 0.4:
                        intake.queue(each.add(chance.choice(PARTS)), Cause(ids.new()))
                    if chance.random() < 0.03:
                        each.forget()
                        intake.forget(each.name)
                await intake.save()
            clock.advance(chance.choice((0, 1, 3)))
            heads = await lanes.begin(session, {"redcross": 100})
            begun = sorted(each.item.delivery for each in heads)
            expected = sorted(delivery for each in models for delivery in each.begin(clock.now()))
            if begun != expected:
                wrong.append(f"{begun} instead of {expected}")
                break
            for head in heads:
                under_way[head.item.lane] = head
            for name in [name for name in under_way if chance.random() < 0.6]:
                outcome = chance.choice(OUTCOMES)
                models[int(name)].settle(outcome, clock.now())
                if isinstance(outcome, Delivered) and away:
                    for each in models:
                        each.found(clock.now())
                away = outcome == NOBODY_THERE or (away and not isinstance(outcome, Delivered))
                await book.settle(under_way.pop(name), outcome)

        assert wrong == []
        assert await session.fetchval("select count(*) from attempts") > 150


class TestARecipientThatIsBack:
    async def test_gets_at_once_what_waits_for_it_and_no_step_of_the_schedule_is_used_up(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook, session: Connection
    ) -> None:
        lost, busy, last = await cases(vault, 3)
        async with opened() as (hub, _):
            await hub.take([each.submitted() for each in (lost, busy, last)])
            await hub.take([each.routed() for each in (lost, busy, last)])
            heads = {each.item.lane: each for each in await lanes.begin(session, {"redcross": 8})}
            await book.settle(heads[lost.case], NOBODY_THERE)
            await book.settle(heads[busy.case], Deferred("retriable", "http_503", 600.0))
            await book.settle(heads[last.case], Delivered())
            now = hub.clock.now()

            due = await session.fetch("select lane, due_at > $1 as later from lanes where depth > 0", now)
            used = await session.fetch("select lane, failures from items where status = 'waiting'")
            assert {row["lane"]: row["later"] for row in due} == {lost.case: False, busy.case: True}
            assert {row["lane"]: row["failures"] for row in used} == {lost.case: 0, busy.case: 1}
            assert [each.item.lane for each in await lanes.begin(session, {"redcross": 8})] == [lost.case]


class TestSettling:
    async def test_an_attempt_that_another_worker_has_taken_over_changes_nothing(
        self, opened: Opener, vault: FakeVault, lanes: PostgresLanes, book: PostgresBook, session: Connection
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed(), case.routed()])
            (old,) = await lanes.begin(session, {"redcross": 8})
            await lanes.resume(session)
            (new,) = await lanes.begin(session, {"redcross": 8})
            await book.settle(old, Failed("refused", "http_400"))
            meanwhile = await hub.statuses()
            await book.settle(new, Delivered())

            assert (old.item, old.attempt, new.attempt) == (new.item, 1, 2)
            assert meanwhile == ["sending", "waiting"]
            assert await hub.statuses() == ["delivered", "waiting"]
            assert [each["outcome"] for each in await hub.attempts()] == ["unknown", "delivered"]
            assert [kind for kind, _ in await hub.told()] == [
                "queued", "queued", "sent", "sent", "delivered"
            ]  # fmt: skip

    async def test_is_repeated_until_the_database_has_taken_it(
        self,
        opened: Opener,
        vault: FakeVault,
        lanes: PostgresLanes,
        book: PostgresBook,
        session: Connection,
        dsn: str,
    ) -> None:
        (case,) = await cases(vault, 1)
        async with opened() as (hub, _):
            await hub.take([case.submitted(), case.routed()])
            (head,) = await lanes.begin(session, {"redcross": 8})
            async with session.transaction():
                await session.execute("select from lanes for update")
                settling = asyncio.create_task(book.settle(head, Delivered()))
                await eventually(lambda: somebody_waits(session))
                await cut(dsn, "wait_event_type = 'Lock'")
            await settling

            assert await hub.statuses() == ["delivered"]
            assert [kind for kind, _ in await hub.told()] == ["queued", "sent", "delivered"]
