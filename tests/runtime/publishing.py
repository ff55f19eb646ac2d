"""What tests of the relay share: a service that emits, topics of their own, a reader of what came out."""

import asyncio
import random
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from stafet_runtime.broker import create_topics, make_producer
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import Database
from stafet_runtime.relay import Relay
from stafet_runtime.unit import transaction
from stafet_schemas.case import CaseOpened, CaseOpenedData
from stafet_schemas.topics import topics
from tests.runtime.desk import TOPIC
from tests.runtime.waiting import until

LEADERS = """
    from pg_stat_activity join pg_locks using (pid)
    where datname = current_database() and application_name like '% relay' and locktype = 'advisory'
"""

Record = ConsumerRecord[bytes | None, bytes | None]


async def emit(database: Database, cases: Sequence[str]) -> None:
    """Emit one event per case, in one transaction."""
    async with transaction(database, SystemClock(), SystemIds()) as unit:
        for case in cases:
            unit.outbox.emit(CaseOpened, CaseOpenedData(case=case, agency="police"))


async def emit_large(database: Database, count: int) -> None:
    """Emit events that no compression makes small, just below the limit, all of one case."""
    draw = random.Random(1)
    async with transaction(database, SystemClock(), SystemIds()) as unit:
        for _ in range(count):
            agency = (
                "".join(chr(draw.randrange(0x21, 0x7E)) for _ in range(64_000))
                .replace("\\", "/")
                .replace('"', "'")
            )
            unit.outbox.emit(CaseOpened, CaseOpenedData(case="large", agency=agency))


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncGenerator[AIOKafkaProducer]:
    """Run the producer that services use."""
    producer = make_producer(bootstrap, "test")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def relaying(database: Database, bootstrap: str, prefix: str) -> AsyncGenerator[Relay]:
    """Run a relay with a producer of its own."""
    async with producing(bootstrap) as producer:
        relay = Relay(database, producer, topic_prefix=prefix)
        task = asyncio.create_task(relay.run())
        try:
            yield relay
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def case_topic(bootstrap: str, prefix: str) -> str:
    """Create the case topic under the test's prefix, as the migration step does; return its name."""
    await create_topics(bootstrap, [topics()[TOPIC]], prefix=prefix)
    return prefix + TOPIC


async def read_all(bootstrap: str, topic: str) -> list[Record]:
    """Return every record of a topic, by partition and offset."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        places = [TopicPartition(topic, each) for each in range(topics()[TOPIC].partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Record] = []
        while len(found) < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
    return sorted(found, key=lambda each: (each.partition, each.offset))


async def some_of(bootstrap: str, topic: str, count: int) -> bool:
    """Say whether a topic has so many records by now."""
    return len(await read_all(bootstrap, topic)) >= count


def ids_of(records: Sequence[Record]) -> list[int]:
    """Return the id of each record's event, as a number, which for UUIDv7 grows with time."""
    return [uuid.UUID((dict(each.headers)["ce_id"] or b"").decode()).int for each in records]


async def until_empty(database: Database) -> None:
    """Wait until the outbox is empty."""

    async def empty() -> bool:
        return bool(await database.pool.fetchval("select not exists (select from outbox)"))

    await until(empty)


async def emit_elsewhere(database: Database) -> None:
    """Emit as another process does: this one's relay is not told."""
    await emit(Database(database.service, database.dsn, database.pool), ["elsewhere"])


async def until_led(database: Database) -> None:
    """Wait until a relay leads."""

    async def led() -> bool:
        return bool(await _as_administrator(database, f"select count(*) {LEADERS}"))

    await until(led)


async def cut_leaders(database: Database) -> None:
    """End the sessions of all relays that lead, as a restart of the server would."""
    await until_led(database)
    await _as_administrator(database, f"select pg_terminate_backend(pid) {LEADERS}")


async def _as_administrator(database: Database, query: str) -> object:
    connection = await asyncpg.connect(database.dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
