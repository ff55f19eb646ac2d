"""The outbox leaves in order, is never lost, and waits without noise while it cannot leave."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiokafka.errors import KafkaError

from stafet_runtime import relay as relay_module
from stafet_runtime.database import Database
from stafet_runtime.embedded import KafkaServer
from stafet_runtime.relay import Relay
from tests.runtime.desk import SERVICE
from tests.runtime.publishing import (
    case_topic,
    cut_leaders,
    emit,
    emit_elsewhere,
    emit_large,
    ids_of,
    producing,
    read_all,
    relaying,
    some_of,
    until_empty,
    until_led,
)
from tests.runtime.waiting import until

CASES = [f"case {number % 7}" for number in range(40)]


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """A service's empty schema."""
    return await database_for(SERVICE)


class TestRelay:
    async def test_publishes_all_in_order_and_empties_the_outbox(
        self, database: Database, kafka: str, topic_prefix: str
    ) -> None:
        topic = await case_topic(kafka, topic_prefix)
        async with relaying(database, kafka, topic_prefix) as relay:
            for _ in range(3):
                await emit(database, CASES)
            await until_empty(database)

        records = await read_all(kafka, topic)
        assert len(records) == 120
        assert relay.healthy
        for case in set(CASES):
            ids = ids_of([each for each in records if each.key == case.encode()])
            assert ids == sorted(set(ids))

    async def test_sends_a_key_where_every_kafka_client_sends_it(
        self, database: Database, kafka: str, topic_prefix: str
    ) -> None:
        topic = await case_topic(kafka, topic_prefix)
        async with producing(kafka) as producer:
            await emit(database, CASES)
            await Relay(database, producer, topic_prefix=topic_prefix).relay_once()
            for case in CASES[:7]:
                await producer.send_and_wait(topic, b"{}", key=case.encode())

        places = {(each.key, each.partition) for each in await read_all(kafka, topic)}
        assert len(places) == 7

    async def test_takes_events_that_are_as_large_as_they_may_be(
        self, database: Database, kafka: str, topic_prefix: str
    ) -> None:
        topic = await case_topic(kafka, topic_prefix)
        async with producing(kafka) as producer:
            await emit_large(database, 7)
            await Relay(database, producer, topic_prefix=topic_prefix).relay_once()

        ids = ids_of(await read_all(kafka, topic))
        assert len(ids) == 7
        assert ids == sorted(ids)

    async def test_says_whether_there_may_be_more(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 2)
        await case_topic(kafka, topic_prefix)
        async with producing(kafka) as producer:
            relay = Relay(database, producer, topic_prefix=topic_prefix)
            await emit(database, ["a", "b", "c"])

            assert [await relay.depth(), await relay.relay_once()] == [3, True]
            assert [await relay.depth(), await relay.relay_once()] == [1, False]

    async def test_publishes_what_its_own_process_commits_without_the_table(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "POLL_S", 3600)
        monkeypatch.setattr(relay_module, "DELETE_S", 3600)
        topic = await case_topic(kafka, topic_prefix)
        async with relaying(database, kafka, topic_prefix) as relay:
            await until(lambda: asyncio.sleep(0, database.handoff.leads))
            await emit(database, CASES[:3])
            await until(lambda: some_of(kafka, topic, 3))

            assert await relay.depth() == 3
        assert await relay.depth() == 0

    async def test_is_woken_by_another_process(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "POLL_S", 3600)
        topic = await case_topic(kafka, topic_prefix)
        async with relaying(database, kafka, topic_prefix):
            await until_led(database)
            await emit_elsewhere(database)
            await until_empty(database)

        assert len(await read_all(kafka, topic)) == 1

    async def test_publishes_at_once_what_was_written_while_it_was_away(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "POLL_S", 3600)
        topic = await case_topic(kafka, topic_prefix)
        await emit_elsewhere(database)
        async with relaying(database, kafka, topic_prefix):
            await until_empty(database)

        assert len(await read_all(kafka, topic)) == 1

    async def test_leads_again_after_the_database_cut_it_off(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "POLL_S", 3600)
        topic = await case_topic(kafka, topic_prefix)
        async with relaying(database, kafka, topic_prefix):
            await cut_leaders(database)
            await emit_elsewhere(database)
            await until_empty(database)

        assert len(await read_all(kafka, topic)) == 1

    async def test_beside_another_publishes_each_event_once_and_in_order(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "BATCH", 5)
        monkeypatch.setattr(relay_module, "POLL_S", 0.05)
        topic = await case_topic(kafka, topic_prefix)
        async with relaying(database, kafka, topic_prefix), relaying(database, kafka, topic_prefix):
            for _ in range(6):
                await emit(database, CASES)
            await until_empty(database)

        records = await read_all(kafka, topic)
        assert len(records) == 240
        for case in set(CASES):
            ids = ids_of([each for each in records if each.key == case.encode()])
            assert ids == sorted(set(ids))

    async def test_leaves_the_outbox_to_another_that_is_at_it(
        self, database: Database, kafka: str, topic_prefix: str
    ) -> None:
        await emit(database, ["a"])
        async with producing(kafka) as producer, database.pool.acquire() as other, other.transaction():
            await other.execute("select pg_advisory_xact_lock(hashtext(current_schema() || '.outbox'))")
            relay = Relay(database, producer, topic_prefix=topic_prefix)

            assert not await relay.relay_once()
            assert await relay.depth() == 1

    async def test_that_is_cancelled_before_the_acknowledgement_leaves_the_rows(
        self, database: Database, kafka: str, topic_prefix: str
    ) -> None:
        await emit(database, ["a"])
        async with producing(kafka) as producer:
            # The topic does not exist: nothing is acknowledged.
            task = asyncio.create_task(Relay(database, producer, topic_prefix=topic_prefix).relay_once())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        assert await database.pool.fetchval("select count(*) from outbox") == 1


class TestWhileKafkaIsDown:
    async def test_keeps_the_rows_says_so_and_publishes_in_order_afterwards(
        self, database: Database, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "PUBLISH_S", 0.3)
        monkeypatch.setattr(relay_module, "PAUSE_S", 0.1)
        with TemporaryDirectory(prefix="stafet-") as directory:
            async with KafkaServer(Path(directory)) as server:
                topic = await case_topic(server.bootstrap, topic_prefix)
                relay_context = relaying(database, server.bootstrap, topic_prefix)
                relay = await relay_context.__aenter__()
                await emit(database, CASES)
                await until_empty(database)
            await emit(database, CASES)
            await until(lambda: asyncio.sleep(0, not relay.healthy))
            await emit(database, CASES)
            assert await relay.depth() == 80
            async with KafkaServer(Path(directory)) as server:
                await until_empty(database)
                await until(lambda: asyncio.sleep(0, relay.healthy))
                records = await read_all(server.bootstrap, topic)
                await relay_context.__aexit__(None, None, None)

        for case in set(CASES):
            ids = ids_of([each for each in records if each.key == case.encode()])
            first = list(dict.fromkeys(ids))
            assert first == sorted(first)
        assert len(set(ids_of(records))) == 120

    async def test_once_raises_and_leaves_the_rows(
        self, database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay_module, "PUBLISH_S", 0.2)
        await emit(database, ["a"])
        async with producing(kafka) as producer:
            relay = Relay(database, producer, topic_prefix=topic_prefix)
            with pytest.raises((KafkaError, TimeoutError)):
                await relay.relay_once()

        assert await relay.depth() == 1
