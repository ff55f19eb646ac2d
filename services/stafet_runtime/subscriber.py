"""The Kafka side of a subscription: FastStream delivers raw records in batches, we commit the offsets.

Traps this shape avoids (each measured): a null header value, one undecodable message in a batch, `ack()`
committing every partition, an exception skipping a batch, revocation in the middle of a batch.
"""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from stafet_runtime.broker import POLL_INTERVAL_MS, REBALANCE_TIMEOUT_MS, SESSION_TIMEOUT_MS
from stafet_runtime.consumer import Processor, Subscription
from stafet_runtime.parked import RawRecord
from stafet_runtime.settings import HubSettings

DRAIN_S: Final = 10.0
COMMIT_S: Final = 5.0
PAUSE_S: Final = 1.0
RETRY_POLL_S: Final = 0.5
FETCH_WAIT_MS: Final = 250
POLL_MS: Final = 1000
GATHERED_BYTES: Final = 64 * 1024
"""So much is fetched before the patience of a subscription is over."""

Record = ConsumerRecord[bytes | None, bytes | None]

_log = structlog.get_logger()


class Runner(ConsumerRebalanceListener):
    """Runs one subscription: one batch at a time, none in the middle of one when partitions are revoked.

    `assigned`: there is something to read; `healthy`: the last batch or retry found its database.
    """

    def __init__(self, subscription: Subscription, processor: Processor, settings: HubSettings) -> None:
        self._subscription = subscription
        self._processor = processor
        self._settings = settings
        self._busy = asyncio.Lock()
        self._idle = asyncio.Event()
        self._idle.set()
        self._ends: dict[TopicPartition, int] = {}
        self.assigned = False
        self.healthy = True

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber on the broker, with every default that would lose messages overridden."""
        prefix, instance = self._settings.topic_prefix, self._settings.instance
        group = prefix + self._subscription.service
        subscriber = broker.subscriber(
            *(prefix + topic for topic in self._subscription.topics),
            group_id=group,
            group_instance_id=f"{group}-{instance}" if instance else None,
            batch=True,
            max_records=self._settings.batch,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            isolation_level="read_committed",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=POLL_INTERVAL_MS,
            fetch_max_wait_ms=self._subscription.patience_ms or FETCH_WAIT_MS,
            fetch_min_bytes=GATHERED_BYTES if self._subscription.patience_ms else 1,
            parser=self._parse,
            decoder=_records,
            listener=self,
        )
        subscriber(self._on_batch)
        # FastStream's own poll sleeps as long again after an empty one: late, or busy with nothing.
        subscriber.get_msg = self._poll  # type: ignore[method-assign] # it has no option for that
        self._subscriber = subscriber

    async def tend_forever(self) -> None:
        """Commit offsets, and try parked messages again when it is time, never beside a batch."""
        try:
            while True:
                await self._tend()
        finally:
            await self._commit()

    async def _tend(self) -> None:
        await self._commit()
        try:
            async with self._busy:
                moved = await self._processor.retry_parked()
        except Exception as error:  # noqa: BLE001 - a retry that ended here would end for ever
            self._waits("retry", error)
            moved = 0
        # A lane that moved may have more that can; batches get their turn in between.
        await asyncio.sleep(0 if moved else RETRY_POLL_S)

    def last_poll_age_s(self, now_ms: float) -> float | None:
        """Return the seconds since the consumer last asked the broker, or None before the first time."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return None
        polls = [consumer.last_poll_timestamp(each) for each in consumer.assignment()]
        newest = max((each for each in polls if each), default=None)
        return None if newest is None else (now_ms - newest) / 1000

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the running batch finish and commit before the partitions go."""
        del revoked
        self.assigned = False
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("revoked_while_busy", service=self._subscription.service)
        await self._commit()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Note that there is something to read."""
        self.assigned = any(True for _ in assigned)

    async def _poll(self, consumer: AIOKafkaConsumer) -> tuple[Record, ...]:
        """Return as soon as there is something; empty after POLL_MS of silence."""
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._settings.batch)
        return tuple(chain.from_iterable(found.values()))

    async def _parse(self, batch: tuple[Record, ...]) -> KafkaMessage:
        # FastStream's own parser raises at a null or non-UTF-8 header value, and the batch would be lost.
        return KafkaMessage(body=b"", raw_message=batch, consumer=FAKE_CONSUMER)

    async def _on_batch(self, batch: list[Record]) -> None:
        self._idle.clear()
        try:
            raw = [_raw(each, self._settings.topic_prefix) for each in batch]
            async with self._busy:
                await self._until_done(raw)
            self._ends |= {TopicPartition(each.topic, each.partition): each.offset + 1 for each in batch}
            if not self._subscriber.running:
                # Nobody tends a subscription that stops: this is its last batch.
                await self._commit()
        finally:
            self._idle.set()

    async def _until_done(self, raw: Sequence[RawRecord]) -> None:
        while True:
            try:
                await self._processor.process(raw)
            except Exception as error:  # noqa: BLE001 - FastStream would swallow it, a commit pass over it
                self._waits("batch", error)
                await asyncio.sleep(PAUSE_S)
            else:
                self.healthy = True
                return

    async def _commit(self) -> None:
        """Commit how far the work is done: a hint, so it need not be made for every batch."""
        consumer, ends = self._subscriber.consumer, self._ends
        if consumer is None or not ends:
            return
        self._ends = {}
        # One partition that is no longer ours would have the commit of all refused.
        ours = consumer.assignment()
        try:
            async with asyncio.timeout(COMMIT_S):
                await consumer.commit({place: end for place, end in ends.items() if place in ours})
        except (KafkaError, TimeoutError) as error:
            # The offset is only a hint: what is redelivered is absorbed by the inbox.
            kind, service = type(error).__name__, self._subscription.service
            _log.warning("offset_not_committed", service=service, exception_type=kind)

    def _waits(self, stage: str, error: Exception) -> None:
        self.healthy = False
        kind, service = type(error).__name__, self._subscription.service
        _log.warning("consumer_waits", service=service, stage=stage, exception_type=kind)


async def _records(message: KafkaMessage) -> list[Record]:
    raw = message.raw_message
    return list(raw) if isinstance(raw, tuple) else [raw]


def _raw(record: Record, prefix: str) -> RawRecord:
    headers = [(name, value) for name, value in record.headers if value is not None]
    topic = record.topic.removeprefix(prefix)
    return RawRecord(topic, record.partition, record.offset, record.key or b"", headers, record.value or b"")
