"""How far a service has read the log: by the offsets that its group committed after its own commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from stafet_runtime.broker import REQUEST_TIMEOUT_MS, topic_partitions

Ends = Mapping[TopicPartition, int]
AWAY: Final = (KafkaError, OSError, TimeoutError)

_log = structlog.get_logger()


class LogReading:
    """Says up to which time a service knows all that stood in its topics, also while new records keep coming.

    It remembers where the log ended at some time, and once the service has read so far, that time holds.
    Records that are parked count as read: a lane that waits for a human must not silence an alarm.
    """

    def __init__(self, bootstrap: str, service: str, topics: Sequence[str], *, prefix: str = "") -> None:
        self._bootstrap = bootstrap.split(",")
        self._group = prefix + service
        self._topics = [prefix + each for each in topics]
        self._service = service
        self._mark: tuple[datetime, Ends] | None = None
        self._upto: datetime | None = None

    async def upto(self, now: datetime) -> datetime | None:
        """Return the last time at which nothing unread stood in the log; None if none is known yet."""
        if self._upto is not None and now < self._upto:
            # The clock was set back: what it said before says nothing of the same hour when it comes again.
            self._mark = self._upto = None
        try:
            ends, read = await self._ends(), await self._read()
        except AWAY as error:
            kind = type(error).__name__
            _log.warning("kafka_away", service=self._service, component="reading", exception_type=kind)
            return self._upto
        for at, wanted in (self._mark, (now, ends)) if self._mark else ((now, ends),):
            if all(read.get(place, 0) >= end for place, end in wanted.items()):
                self._upto, self._mark = at, None
        self._mark = self._mark or (now, ends)
        return self._upto

    async def _ends(self) -> Ends:
        """Return where each partition ends that has anything in it."""
        counts = await topic_partitions(",".join(self._bootstrap), self._topics)
        places = [TopicPartition(topic, each) for topic, count in counts.items() for each in range(count)]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS, enable_auto_commit=False
        )
        await consumer.start()
        try:
            first, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        finally:
            await consumer.stop()
        return {place: end for place, end in ends.items() if end > first[place]}

    async def _read(self) -> Ends:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS)
        await admin.start()
        try:
            committed = await admin.list_consumer_group_offsets(self._group)
        finally:
            await admin.close()
        return {place: each.offset for place, each in committed.items()}
