"""Kafka as every service uses it: settings that lose nothing, topics by migration, producer and consumer.

The reasons stand in docs/adr/0003; FastStream's and aiokafka's own defaults (commit first, acks=1, newest
offset) lose messages, so every one that matters is set here and nowhere else.
"""

from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code
from faststream.kafka import KafkaBroker

from stafet_schemas.topics import Topic

SESSION_TIMEOUT_MS = 45_000
REBALANCE_TIMEOUT_MS = 60_000
POLL_INTERVAL_MS = 15 * 60_000
REQUEST_TIMEOUT_MS = 15_000
MAX_BATCH_BYTES = 96 * 1024
"""Below `max.message.bytes` of every topic (128 KiB), which Kafka holds against a whole batch."""
TOPIC_EXISTS = 36
DAY_MS = 86_400_000


def make_broker(bootstrap: str) -> KafkaBroker:
    """Build the process's one FastStream broker: it consumes; what is published goes through the relay."""
    return KafkaBroker(
        bootstrap.split(","),
        consumer_only=True,
        apply_types=False,
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        graceful_timeout=10,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        client_id="stafet",
        logger=None,
    )


def make_producer(bootstrap: str, service: str) -> AIOKafkaProducer:
    """Build an idempotent producer that waits for all replicas; the relay fills its batches, none lingers."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id=f"stafet-{service}",
        acks="all",
        enable_idempotence=True,
        # Five times as fast as lz4, which aiokafka runs at its slowest level, and smaller (bench/SUMMARY.md).
        compression_type="zstd",
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=1024 * 1024,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        linger_ms=0,
    )


async def create_topics(
    bootstrap: str, wanted: Iterable[Topic], *, prefix: str = "", replication: int = 1
) -> list[str]:
    """Create the missing topics with their stated partitions, retention and size; return their names.

    Raises:
        aiokafka.errors.KafkaError: the broker refuses one of them.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","), request_timeout_ms=REQUEST_TIMEOUT_MS)
    await admin.start()
    try:
        answer = await admin.create_topics([_new_topic(each, prefix, replication) for each in wanted])
    finally:
        await admin.close()
    created: list[str] = []
    for name, code, *_ in answer.topic_errors:
        if code == 0:
            created.append(name)
        elif code != TOPIC_EXISTS:
            raise for_code(code)(f"topic {name}")
    return created


async def topic_partitions(bootstrap: str, names: Sequence[str]) -> dict[str, int]:
    """Return the partition count of each of the topics that exist."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","), request_timeout_ms=REQUEST_TIMEOUT_MS)
    await admin.start()
    try:
        existing = set(await admin.list_topics()) & set(names)
        described = await admin.describe_topics(sorted(existing)) if existing else []
    finally:
        await admin.close()
    return {each["topic"]: len(each["partitions"]) for each in described}


def _new_topic(topic: Topic, prefix: str, replication: int) -> NewTopic:
    return NewTopic(
        name=prefix + topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication,
        topic_configs={
            "cleanup.policy": "delete",
            "retention.ms": str(topic.retention_days * DAY_MS),
            "max.message.bytes": str(topic.max_message_bytes),
            "min.insync.replicas": str(max(1, replication - 1)),
            "message.timestamp.type": "CreateTime",
        },
    )
