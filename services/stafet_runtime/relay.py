"""The relay: publishes committed events, in order: those handed over by this process, and those in the table.

A row is deleted only after Kafka has acknowledged it: a crash in between publishes again (the consumers'
inboxes absorb it), never loses. One relay per service leads at a time, by an advisory lock of its session.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from stafet_runtime.database import Connection, Database, session_settings
from stafet_runtime.handoff import Row
from stafet_runtime.outbox import unpack_headers

POLL_S: Final = 1.0
PAUSE_S: Final = 1.0
STANDBY_S: Final = 0.5
CONNECT_S: Final = 10.0
ANSWER_S: Final = 10.0
PUBLISH_S: Final = 30.0
BATCH: Final = 500
GATHER_S: Final = 0.004
DELETE_S: Final = 0.1
"""So long may published rows stay in the table: one statement then deletes them all."""

LEAD: Final = "select pg_try_advisory_lock(hashtext(current_schema() || '.outbox'))"
LEAD_ONCE: Final = "select pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox'))"
READ: Final = """
    select id, topic, key, headers, value from outbox where id <> all($2::bigint[]) order by id limit $1
"""
DELETE: Final = "delete from outbox where id = any($1::bigint[])"

_log = structlog.get_logger()


class Relay:
    """Publishes one service's outbox; woken by its own process, by NOTIFY from another, or by the clock.

    `healthy`: the last try found the database and was acknowledged by Kafka.
    """

    def __init__(self, database: Database, producer: AIOKafkaProducer, *, topic_prefix: str = "") -> None:
        self.database = database
        self._handoff = database.handoff
        self._producer = producer
        self._prefix = topic_prefix
        self._published: list[int] = []
        self.healthy = True

    async def run(self) -> None:
        """Lead, or stand by for the one that does, until cancelled; trouble is logged and waited out."""
        while True:
            try:
                async with self._leading() as connection:
                    while True:
                        await self._relay_table(connection)
                        self.healthy = True
                        await self._relay_handed(connection)
            except Exception as error:  # noqa: BLE001 - a relay that ended here would keep all events back
                self.healthy = False
                kind, service = type(error).__name__, self.database.service
                _log.warning("relay_waits", service=service, exception_type=kind)
                await asyncio.sleep(PAUSE_S)

    async def relay_once(self) -> bool:
        """Publish up to one batch of the table, unless another relay leads; say whether there may be more.

        Raises:
            KafkaError: the broker did not acknowledge; the rows stay.
            TimeoutError: the broker did not acknowledge in time; the rows stay.
        """
        async with self.database.pool.acquire() as connection, connection.transaction():
            return bool(await connection.fetchval(LEAD_ONCE)) and await self._relay_batch(connection)

    async def depth(self) -> int:
        """Count the events that wait to be published or, for DELETE_S, to be deleted."""
        return int(await self.database.pool.fetchval("select count(*) from outbox"))

    @asynccontextmanager
    async def _leading(self) -> AsyncGenerator[Connection]:
        """Wait for the lead; yields the session that has it. The server frees it when the session ends."""
        own = {"application_name": f"{self.database.service} relay", "synchronous_commit": "off"}
        connection = await asyncpg.connect(
            self.database.dsn,
            timeout=CONNECT_S,
            command_timeout=ANSWER_S,
            # A deletion that a crash forgets is one more publication: it need not wait for the disk.
            server_settings=session_settings(self.database.service) | own,
        )
        try:
            connection.add_termination_listener(self._handoff.read_table)
            await connection.add_listener(f"stafet_outbox_{self.database.service}", self._handoff.read_table)
            while not await connection.fetchval(LEAD):
                self.healthy = True
                await asyncio.sleep(STANDBY_S)
            # From now on our own transactions hand over; what they have notified before is in the table.
            self._handoff.leads = True
            yield connection
        finally:
            self._handoff.stop()
            await self._leave(connection)

    async def _leave(self, connection: Connection) -> None:
        try:
            if not connection.is_closed():
                await self._delete(connection)
        finally:
            self._published.clear()
            await connection.close(timeout=PAUSE_S)

    async def _relay_table(self, connection: Connection) -> None:
        self._handoff.look = False
        await self._delete(connection)
        while await self._relay_batch(connection):
            pass

    async def _relay_batch(self, connection: Connection) -> bool:
        found = await connection.fetch(READ, BATCH, self._handoff.coming())
        # Asked again: what was announced and committed while we read is in both.
        coming = set(self._handoff.coming())
        await self._publish(
            [
                Row(each["id"], each["topic"], each["key"], unpack_headers(each["headers"]), each["value"])
                for each in found
                if each["id"] not in coming
            ]
        )
        await self._delete(connection)
        return len(found) == BATCH

    async def _relay_handed(self, connection: Connection) -> None:
        """Publish what this process commits, until the table must be read: told so, or after POLL_S."""
        clock = asyncio.get_running_loop().time
        ends, delete_at = clock() + POLL_S, 0.0
        while not self._handoff.look and clock() < ends:
            self._handoff.woken.clear()
            if rows := self._handoff.take():
                delete_at = delete_at if self._published else clock() + DELETE_S
                await self._publish(rows)
                # The first event after a silence goes at once; those on its heels go together.
                await asyncio.sleep(GATHER_S)
            elif self._published and clock() >= delete_at:
                await self._delete(connection)
            else:
                await self._wait(min(ends, delete_at if self._published else ends) - clock())

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._handoff.woken.wait()
        except TimeoutError:
            pass  # the clock woke us

    async def _delete(self, connection: Connection) -> None:
        if self._published:
            await connection.execute(DELETE, self._published)
            self._published.clear()

    async def _publish(self, rows: Sequence[Row]) -> None:
        """Have Kafka acknowledge the rows, in their order."""
        if not rows:
            return
        async with asyncio.timeout(PUBLISH_S):
            topics = {self._prefix + row.topic for row in rows}
            partitions = {each: len(await self._producer.partitions_for(each)) for each in topics}
            filling: dict[TopicPartition, BatchBuilder] = {}
            acknowledged: list[asyncio.Future[RecordMetadata]] = []
            for row in rows:
                name = self._prefix + row.topic
                place = TopicPartition(name, _partition(row.key, partitions[name]))
                batch = filling.get(place)
                if batch is None or not _fits(batch, row):
                    if batch is not None:
                        acknowledged.append(await self._send(batch, place))
                    batch = filling[place] = self._producer.create_batch()
                    # Kafka's limits are above ours, so the first record of a batch always fits.
                    _fits(batch, row)
            acknowledged += [await self._send(batch, place) for place, batch in filling.items()]
            await asyncio.gather(*acknowledged)
        self._published += [row.id for row in rows]

    async def _send(self, batch: BatchBuilder, place: TopicPartition) -> asyncio.Future[RecordMetadata]:
        return await self._producer.send_batch(batch, place.topic, partition=place.partition)


def _fits(batch: BatchBuilder, row: Row) -> bool:
    return batch.append(timestamp=None, key=row.key, value=row.value, headers=row.headers) is not None


@lru_cache(maxsize=16_384)
def _partition(key: bytes, partitions: int) -> int:
    """Choose as every Kafka client does; kept, because the hash costs more than all the rest of a send."""
    return DefaultPartitioner()(key, list(range(partitions)), [])
