"""The relay: takes committed events out of the outbox, in order, and publishes them.

Rows are deleted in a transaction that commits only after Kafka has acknowledged: a crash in between publishes
again (the consumers' inboxes absorb it), never loses. One relay per service at a time, by an advisory lock,
keeps order.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from stafet_runtime.database import Database, session_settings
from stafet_runtime.outbox import unpack_headers
from stafet_schemas.codec import Headers

POLL_S: Final = 1.0
PAUSE_S: Final = 1.0
CONNECT_S: Final = 10.0
PUBLISH_S: Final = 30.0
BATCH: Final = 500
GATHER_S: Final = 0.004

TAKE = """
    with lock as materialized (
        select pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox')) as ours
    ),
    taken as (
        delete from outbox
        where id in (select id from outbox where (select ours from lock) order by id limit $1)
        returning id, topic, key, headers, value
    )
    select topic, key, headers, value from taken order by id
"""  # fmt: skip

_log = structlog.get_logger()


class Relay:
    """Publishes one service's outbox; woken by the process itself, by NOTIFY from another, or by the clock.

    `healthy`: the last try found the database and was acknowledged by Kafka.
    """

    def __init__(self, database: Database, producer: AIOKafkaProducer, *, topic_prefix: str = "") -> None:
        self._database = database
        self._producer = producer
        self._prefix = topic_prefix
        self.healthy = True

    async def run(self) -> None:
        """Relay until cancelled; trouble is logged, waited out and tried again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                await self._wait()
                try:
                    while await self.relay_once():
                        pass
                    self.healthy = True
                    # The first event after a silence goes at once; those on its heels go together.
                    await asyncio.sleep(GATHER_S)
                except Exception as error:  # noqa: BLE001 - a relay that ended here would keep all events back
                    self.healthy = False
                    await self._pause("publish", error)
                    self._database.outbox_written.set()

    async def relay_once(self) -> bool:
        """Publish up to one batch, unless another relay is at it; say whether there may be more.

        Raises:
            KafkaError: the broker did not acknowledge; the rows stay.
            TimeoutError: the broker did not acknowledge in time; the rows stay.
        """
        async with self._database.pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(TAKE, BATCH)
            if rows:
                async with asyncio.timeout(PUBLISH_S):
                    await self._publish(rows)
        return len(rows) == BATCH

    async def depth(self) -> int:
        """Count the events that wait to be published."""
        return int(await self._database.pool.fetchval("select count(*) from outbox"))

    async def _publish(self, rows: Sequence[asyncpg.Record]) -> None:
        topics = {self._prefix + row["topic"] for row in rows}
        partitions = {each: len(await self._producer.partitions_for(each)) for each in topics}
        filling: dict[TopicPartition, BatchBuilder] = {}
        acknowledged: list[asyncio.Future[RecordMetadata]] = []
        for topic, key, packed, value in rows:
            name, headers = self._prefix + topic, unpack_headers(packed)
            place = TopicPartition(name, _partition(key, partitions[name]))
            batch = filling.get(place)
            if batch is None or not _fits(batch, key, headers, value):
                if batch is not None:
                    acknowledged.append(await self._send(batch, place))
                batch = filling[place] = self._producer.create_batch()
                # Kafka's limits are above ours, so the first record of a batch always fits.
                _fits(batch, key, headers, value)
        acknowledged += [await self._send(batch, place) for place, batch in filling.items()]
        await asyncio.gather(*acknowledged)

    async def _send(self, batch: BatchBuilder, place: TopicPartition) -> asyncio.Future[RecordMetadata]:
        return await self._producer.send_batch(batch, place.topic, partition=place.partition)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._database.outbox_written.wait()
        except TimeoutError:
            pass  # the poll: nobody woke us, look anyway
        self._database.outbox_written.clear()

    async def _listen(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(
                    self._database.dsn,
                    timeout=CONNECT_S,
                    server_settings=session_settings(self._database.service),
                )
                try:
                    await self._until_closed(connection)
                finally:
                    await connection.close(timeout=PAUSE_S)
            except Exception as error:  # noqa: BLE001 - without it the poll still wakes us, and the next try may do
                await self._pause("listen", error)

    async def _until_closed(self, connection: asyncpg.Connection) -> None:
        closed = asyncio.Event()
        connection.add_termination_listener(lambda _: closed.set())
        await connection.add_listener(f"stafet_outbox_{self._database.service}", self._notified)
        # What was written while nobody listened.
        self._database.outbox_written.set()
        await closed.wait()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        # Our own commits have woken us already; a second look would find nothing.
        if payload != self._database.token:
            self._database.outbox_written.set()

    async def _pause(self, stage: str, error: Exception) -> None:
        kind, service = type(error).__name__, self._database.service
        _log.warning("relay_waits", service=service, stage=stage, exception_type=kind)
        await asyncio.sleep(PAUSE_S)


def _fits(batch: BatchBuilder, key: bytes, headers: Headers, value: bytes) -> bool:
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None


@lru_cache(maxsize=16_384)
def _partition(key: bytes, partitions: int) -> int:
    """Choose as every Kafka client does; kept, because the hash costs more than all the rest of a send."""
    return DefaultPartitioner()(key, list(range(partitions)), [])
