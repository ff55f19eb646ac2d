"""Kafka's settings: the defaults that lose messages are gone, topics are what their files say."""

import pytest
from aiokafka.errors import KafkaError

from stafet_runtime.broker import MAX_BATCH_BYTES, create_topics, make_producer, topic_partitions
from stafet_schemas.codec import MAX_DATA_BYTES
from stafet_schemas.topics import Topic, topics
from tests.runtime.waiting import until

ALL = list(topics().values())


def names(topic: Topic) -> str:
    """Name a test after its topic."""
    return topic.name


class TestCreateTopics:
    async def test_creates_what_is_missing_and_leaves_the_rest(self, kafka: str, topic_prefix: str) -> None:
        first = await create_topics(kafka, ALL[:1], prefix=topic_prefix)
        rest = await create_topics(kafka, ALL, prefix=topic_prefix)

        assert first == [topic_prefix + ALL[0].name]
        assert sorted(first + rest) == sorted(topic_prefix + each.name for each in ALL)

    async def test_gives_each_its_partitions(self, kafka: str, topic_prefix: str) -> None:
        created = await create_topics(kafka, ALL, prefix=topic_prefix)

        async def told() -> bool:
            # A broker answers a moment before it tells everybody.
            return await topic_partitions(kafka, [*created, "absent"]) == wanted

        wanted = {topic_prefix + each.name: each.partitions for each in ALL}
        await until(told)
        assert sorted(wanted) == sorted(created)

    async def test_says_why_the_broker_refuses(self, kafka: str, topic_prefix: str) -> None:
        with pytest.raises(KafkaError, match="topic "):
            await create_topics(kafka, ALL[:1], prefix=topic_prefix, replication=3)


class TestLimits:
    @pytest.mark.parametrize("topic", ALL, ids=names)
    def test_let_a_full_batch_and_the_largest_event_through(self, topic: Topic) -> None:
        assert MAX_DATA_BYTES < MAX_BATCH_BYTES < topic.max_message_bytes


class TestMakeProducer:
    async def test_publishes_where_the_hub_reads(self, kafka: str, topic_prefix: str) -> None:
        (name,) = await create_topics(kafka, ALL[:1], prefix=topic_prefix)
        producer = make_producer(kafka, "test")
        await producer.start()
        try:
            sent = await producer.send_and_wait(name, b"value", key=b"key")
        finally:
            await producer.stop()

        assert sent.topic == name
