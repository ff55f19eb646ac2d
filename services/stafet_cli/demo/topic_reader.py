"""Reads topics from the beginning, later what has come since: raw, or as the hub's facts. Joins no group."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from stafet_cli.demo.hub_facts import HubFacts
from stafet_runtime.broker import topic_partitions
from stafet_schemas.codec import UndecodableError, decode

POLL_MS: Final = 500

RawRecord = ConsumerRecord[bytes | None, bytes | None]


class TopicReader:
    """A position in every partition of every topic of one prefix; records come in order per partition."""

    def __init__(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        self._consumer = consumer
        self._partitions = partitions

    async def new(self) -> AsyncIterator[RawRecord]:
        """Yield what was written before this call and was not yielded before."""
        ends = await self._consumer.end_offsets(self._partitions)
        behind = {each for each in self._partitions if await self._consumer.position(each) < ends[each]}
        while behind:
            for records in (await self._consumer.getmany(*behind, timeout_ms=POLL_MS)).values():
                for record in records:
                    yield record
            behind = {each for each in behind if await self._consumer.position(each) < ends[each]}


@asynccontextmanager
async def reading(bootstrap: str, topic_prefix: str = "") -> AsyncGenerator[TopicReader]:
    """Open a reader of all topics whose names begin with the prefix; topics made later are not read.

    Raises:
        LookupError: there is none.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","), enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        names = [name for name in await consumer.topics() if name.startswith(topic_prefix)]
        counts = await topic_partitions(bootstrap, names)
        partitions = [TopicPartition(name, number) for name in names for number in range(counts[name])]
        if not partitions:
            raise LookupError(f"no topic of {bootstrap} begins with {topic_prefix!r}")
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        yield TopicReader(consumer, partitions)


class HubReader:
    """Reads the hub's topics again and again; each reading takes only what is new."""

    def __init__(self, topics: TopicReader) -> None:
        self._topics = topics
        self._facts = HubFacts()

    async def read(self) -> HubFacts:
        """Take everything written so far and return all facts from the beginning (always the same object)."""
        async for record in self._topics.new():
            try:
                self._facts.take(decode(record.headers, record.value))
            except UndecodableError:
                self._facts.undecodable.append(f"{record.topic}/{record.partition}/{record.offset}")
        return self._facts


@asynccontextmanager
async def hub_reader(bootstrap: str, topic_prefix: str = "") -> AsyncGenerator[HubReader]:
    """Open a reader of the hub's topics.

    Raises:
        LookupError: they are not there yet.
        aiokafka.errors.KafkaError: the broker does not answer.
    """
    async with reading(bootstrap, topic_prefix) as topics:
        yield HubReader(topics)
