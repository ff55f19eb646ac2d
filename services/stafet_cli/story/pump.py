"""Moves events through Kafka one round at a time, so that a story is the same in every run."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stafet_cli.story.errors import StoryError
from stafet_runtime.broker import make_producer
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.outbox import unpack_headers
from stafet_runtime.parked import RawRecord
from stafet_runtime.service import Service
from stafet_schemas.codec import decode
from stafet_schemas.event import Event
from stafet_schemas.topics import topics

TAKE: Final = """
    with taken as (delete from outbox returning id, topic, key, headers, value)
    select topic, key, headers, value from taken order by id
"""
PARKED: Final = "select type, class, reason from parked order by id limit 1"
READ_MS: Final = 5000


@dataclass
class Pump:
    """`events` are all that were published, in the order they were read."""

    services: Sequence[Service]
    databases: Sequence[Database]
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    prefix: str
    clock: Clock
    ids: Ids
    events: list[Event] = field(default_factory=list[Event])

    async def round(self) -> bool:
        """Publish what is in the outboxes, read it, and let every service handle it; false if nothing was."""
        count = sum([await self._publish(each) for each in self.databases])
        if not count:
            return False
        records = await self._read(count)
        self.events += [decode(each.headers, each.value) for each in records]
        for service in self.services:
            if service.subscription is not None:
                wanted = [each for each in records if each.topic in service.subscription.topics]
                await Processor(service.subscription, service.database, self.clock, self.ids).process(wanted)
                await self._complain(service)
        return True

    async def _publish(self, database: Database) -> int:
        rows = await database.pool.fetch(TAKE)
        sent = [
            await self.producer.send(
                self.prefix + topic, key=key, headers=unpack_headers(headers), value=value
            )
            for topic, key, headers, value in rows
        ]
        for each in sent:
            await each
        return len(rows)

    async def _read(self, count: int) -> list[RawRecord]:
        found: list[RawRecord] = []
        while len(found) < count:
            for records in (await self.consumer.getmany(timeout_ms=READ_MS)).values():
                for each in records:
                    headers = [(name, value) for name, value in each.headers if value is not None]
                    topic = each.topic.removeprefix(self.prefix)
                    found.append(
                        RawRecord(
                            topic, each.partition, each.offset, each.key or b"", headers, each.value or b""
                        )
                    )
        return found

    async def _complain(self, service: Service) -> None:
        """Stop at the first event that a service could not handle."""
        row = await service.database.pool.fetchrow(PARKED)
        if row is not None:
            raise StoryError(
                f"{service.name} could not handle {row['type']}: {row['class']}, {row['reason']}"
            )


@asynccontextmanager
async def pumping(
    bootstrap: str,
    prefix: str,
    *,
    services: Sequence[Service],
    databases: Sequence[Database],
    clock: Clock,
    ids: Ids,
) -> AsyncGenerator[Pump]:
    """Connect to Kafka, whose topics must be there and empty."""
    producer = make_producer(bootstrap, "story")
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap.split(","), enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    try:
        places = [
            TopicPartition(prefix + each.name, number)
            for each in topics().values()
            for number in range(each.partitions)
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        yield Pump(services, databases, producer, consumer, prefix, clock, ids)
    finally:
        await consumer.stop()
        await producer.stop()
