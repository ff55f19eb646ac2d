"""The Kafka side of a subscription: FastStream delivers batches of raw records, offsets are committed explicitly.

Traps this shape avoids (each measured): a null header value, one undecodable message in a batch, `ack()` committing
every partition, an exception skipping a batch, revocation in the middle of a batch.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from stafet_runtime.broker import POLL_INTERVAL_MS, SESSION_TIMEOUT_MS
from stafet_runtime.consumer import Processor, Subscription
from stafet_runtime.database import DATABASE_DOWN
from stafet_runtime.parked import RawRecord
from stafet_runtime.settings import HubSettings

DRAIN_S: Final = 10.0
PAUSE_S: Final = 1.0
RETRY_POLL_S: Final = 0.5

Record = ConsumerRecord[bytes, bytes]

_log = structlog.get_logger()


class Runner(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types for its listener
    """Runs one subscription: one batch at a time, and nothing in the middle of one when partitions are revoked."""

    def __init__(self, subscription: Subscription, processor: Processor, settings: HubSettings) -> None:
        self._subscription = subscription
        self._processor = processor
        self._settings = settings
        self._busy = asyncio.Lock()
        self._idle = asyncio.Event()
        self._idle.set()
        self._consumer: AIOKafkaConsumer | None = None
        self.assigned = False

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber on the broker, with every default that would lose messages overridden."""
        prefix = self._settings.topic_prefix
        subscriber = broker.subscriber(
            *(prefix + topic for topic in self._subscription.topics),
            group_id=prefix + self._subscription.service,
            batch=True,
            max_records=self._settings.batch,
            batch_timeout_ms=self._settings.poll_ms,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            isolation_level="read_committed",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=POLL_INTERVAL_MS,
            fetch_max_wait_ms=100,
            parser=self._parse,
            decoder=_records,
            listener=self,
        )
        subscriber(self._on_batch)
        self._subscriber = subscriber

    async def retry_forever(self) -> None:
        """Try parked messages again when their time has come, never at the same time as a batch."""
        while True:
            await asyncio.sleep(RETRY_POLL_S)
            try:
                async with self._busy:
                    await self._processor.retry_parked()
            except DATABASE_DOWN as error:
                _log.warning("retry_waits", service=self._subscription.service, exception_type=type(error).__name__)

    def last_poll_age_s(self, now_ms: float) -> float | None:
        """Return the seconds since the consumer last asked the broker, or None before the first time."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return None
        polls = [consumer.last_poll_timestamp(each) for each in consumer.assignment()]
        return (now_ms - max(polls)) / 1000 if polls and max(polls) > 0 else None

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the running batch finish and commit before the partitions go."""
        del revoked
        self.assigned = False
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("revoked_while_busy", service=self._subscription.service)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Note that there is something to read."""
        self.assigned = bool(assigned)

    async def _parse(self, batch: tuple[Record, ...]) -> KafkaMessage:
        return KafkaMessage(body=b"", raw_message=batch, consumer=self._subscriber.consumer)  # type: ignore[arg-type] # the batch parser's own shape

    async def _on_batch(self, batch: list[Record]) -> None:
        self._idle.clear()
        try:
            raw = [_raw(each, self._settings.topic_prefix) for each in batch]
            async with self._busy:
                await self._until_done(raw)
            await self._commit(batch)
        finally:
            self._idle.set()

    async def _until_done(self, raw: list[RawRecord]) -> None:
        while True:
            try:
                await self._processor.process(raw)
            except DATABASE_DOWN as error:
                _log.warning("consumer_waits", service=self._subscription.service, exception_type=type(error).__name__)
                await asyncio.sleep(PAUSE_S)
            else:
                return

    async def _commit(self, batch: list[Record]) -> None:
        consumer = self._subscriber.consumer
        offsets = {TopicPartition(each.topic, each.partition): each.offset + 1 for each in batch}
        try:
            if consumer is not None:
                await consumer.commit(offsets)
        except KafkaError as error:
            # The offset is only a hint: what is redelivered is absorbed by the inbox.
            _log.warning("offset_not_committed", service=self._subscription.service, exception_type=type(error).__name__)


async def _records(message: KafkaMessage) -> list[Record]:
    return list(message.raw_message)


def _raw(record: Record, prefix: str) -> RawRecord:
    headers = [(name, value) for name, value in record.headers if value is not None]
    topic = record.topic.removeprefix(prefix)
    return RawRecord(topic, record.partition, record.offset, record.key or b"", headers, record.value or b"")
