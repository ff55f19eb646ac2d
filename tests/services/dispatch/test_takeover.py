"""Two workers, crashes and stops: one works, nothing is lost, and the partner can tell a repetition."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from stafet_connectors.redcross import RedcrossConnector
from stafet_runtime.database import Database
from stafet_sdk.contract import Partner, Reply
from stafet_sdk.errors import Refused
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.partner_server import answers, hangs
from tests.fakes.pushed import Pushed
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import (
    CONNECTORS,
    TAKES,
    Gate,
    Opener,
    Turns,
    cut,
    eventually,
    make_hub,
    requested,
    serving,
    written,
)
from tests.services.dispatch.samples import SECRETS, cases

LOCKS = "select count(*) from pg_locks where locktype = 'advisory' and granted"
OPEN_TRANSACTIONS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'
"""
HOLDER = f"pid in ({LOCKS.replace('count(*)', 'pid')})"


class TestTwoWorkers:
    async def test_one_works_and_the_second_takes_over(
        self,
        database_for: Callable[[str], Awaitable[Database]],
        clock: FakeClock,
        vault: FakeVault,
    ) -> None:
        all_cases = await cases(vault, 20)
        async with serving(TAKES) as near, serving(TAKES) as far:
            first = make_hub(await database_for("dispatch"), clock, FakeIds(1), vault, near)
            second = make_hub(await database_for("dispatch"), clock, FakeIds(2), vault, far)
            async with second.working_after(first) as stop_first:
                await first.take([case.submitted() for case in all_cases])
                await first.take([case.routed() for case in all_cases])
                await first.until_statuses(*["delivered"] * 20)
                alone = len(near.redcross.requests), len(far.redcross.requests)
                await stop_first()
                await second.take([case.routed() for case in all_cases])
                await second.until_statuses(*["delivered"] * 40)

            assert alone == (20, 0)
            assert (len(near.redcross.requests), len(far.redcross.requests)) == (20, 20)

    async def test_when_the_connection_of_the_first_dies_what_it_was_sending_is_sent_again(
        self,
        database_for: Callable[[str], Awaitable[Database]],
        clock: FakeClock,
        vault: FakeVault,
        dsn: str,
    ) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        async with serving(Turns(hangs, TAKES), deadline_s=30) as partners:
            first = make_hub(await database_for("dispatch"), clock, FakeIds(1), vault, partners)
            second = make_hub(await database_for("dispatch"), clock, FakeIds(2), vault, partners)
            async with second.working_after(first):
                await first.take([case.submitted(), routed])
                await requested(partners.redcross, 1)
                ended = await cut(dsn, HOLDER)
                await second.until_statuses("delivered")

            assert ended == 1
            assert [delivery for delivery, _, _ in partners.deliveries()] == [routed.id, routed.id]
            assert [each["outcome"] for each in await second.attempts()] == ["unknown", "delivered"]


class TestStop:
    async def test_between_sending_and_writing_down_leads_to_the_same_delivery_again(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        (case,) = await cases(vault, 1)
        routed = case.routed()
        gate = Gate()
        async with opened(gate) as (hub, partners):
            async with hub.working():
                await hub.take([case.submitted(), routed, case.routed()])
                await requested(partners.redcross, 1)
            after_stop = await hub.statuses()
            gate.opened.set()
            async with hub.working():
                await hub.until_statuses("delivered", "delivered")

            deliveries = [delivery for delivery, _, _ in partners.deliveries()]
            attempts = [(each["attempt"], each["outcome"]) for each in await hub.attempts()]
            assert after_stop == ["sending", "waiting"]
            assert deliveries[:2] == [routed.id, routed.id]
            assert len(set(deliveries)) == 2
            assert attempts == [(1, "unknown"), (2, "delivered"), (1, "delivered")]
            assert [kind for kind, _ in await hub.told()].count("delivered") == 2

    async def test_leaves_no_task_no_lock_and_no_open_transaction(
        self, opened: Opener, vault: FakeVault
    ) -> None:
        all_cases = await cases(vault, 12)
        async with opened(hangs) as (hub, partners):
            before = asyncio.all_tasks()
            async with hub.working():
                await hub.take([case.submitted() for case in all_cases])
                await hub.take([case.routed() for case in all_cases])
                await requested(partners.redcross, 8)
            left = {each for each in asyncio.all_tasks() - before if "partner_server" not in repr(each)}

            async def free() -> bool:
                return bool(await hub.database.pool.fetchval(LOCKS) == 0)

            await eventually(free)
            pool = hub.database.pool
            assert left == set()
            assert await pool.fetchval(OPEN_TRANSACTIONS) == 0
            assert await pool.fetchval("select count(*) from lanes where due_at is null") == 8
            assert await pool.fetchval("select count(*) from attempts where ended_at is null") == 8

    async def test_before_a_wait_is_over_keeps_the_wait(self, opened: Opener, vault: FakeVault) -> None:
        away, other = await cases(vault, 2)
        async with opened(Turns(answers("503 Later"), TAKES)) as (hub, partners):
            async with hub.working():
                await hub.take([away.submitted(), other.submitted(), away.routed()])
                await hub.until_told("deferred")
            async with hub.working():
                await hub.take([other.routed()])
                await hub.until_statuses("waiting", "delivered")
                await hub.later(1)
                await hub.until_statuses("delivered", "delivered")

            assert len(partners.redcross.requests) == 3


class Telltale(RedcrossConnector):
    """A connector that puts a person's name into its error."""

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Refuse with a name, or break with one."""
        del partner
        if reply.status == 400:
            raise Refused("Zorabelle Quistgaard")
        raise RuntimeError("Zorabelle Quistgaard, 030209-4998")


class TestSecrets:
    async def test_nothing_of_a_person_is_in_tables_events_or_logs(
        self,
        database: Database,
        clock: FakeClock,
        ids: FakeIds,
        vault: FakeVault,
        dsn: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        first, second, third = await cases(vault, 3)
        name = b"Zorabelle Quistgaard, +4520998877"
        script = Turns(
            answers("400 No", body=name), answers("200 OK", body=name), answers("500 Oh", body=name)
        )
        async with serving(script) as partners:
            connectors = {**CONNECTORS, "redcross": Pushed(Telltale())}
            hub = make_hub(database, clock, ids, vault, partners, connectors=connectors)
            async with hub.working():
                for case in (first, second, third):
                    await hub.take([case.submitted(), case.accepted(), case.routed("content")])
                await hub.until_statuses("failed", "failed", "failed")
                items = [(each["failure"], each["cause"]) for each in await hub.items()]
            tables = await written(dsn)

        sent = b"".join(partners.redcross.requests).decode()
        logged = "".join(capsys.readouterr())
        assert sorted(items) == [("bug", "RuntimeError"), ("bug", "RuntimeError"), ("refused", "unnamed")]
        assert "Zorabelle" in sent
        assert "delivery_failed" in logged
        assert [secret for secret in SECRETS if secret in tables + logged] == []
