"""The relay: takes committed events out of the outbox, in order, and publishes them.

Rows are deleted in a transaction that commits only after Kafka has acknowledged: a crash in between publishes again
(the consumers' inboxes absorb it), never loses. One relay per service at a time, by an advisory lock, keeps order.
"""

import asyncio
from typing import Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stafet_runtime.database import DATABASE_DOWN, Database, session_settings
from stafet_runtime.outbox import unpack_headers

POLL_S: Final = 1.0
PAUSE_S: Final = 1.0
PUBLISH_TIMEOUT_S: Final = 30.0
BATCH: Final = 500

LOCK = "select pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox'))"
TAKE = """
    with taken as (
        delete from outbox where id in (select id from outbox order by id limit $1) returning id, topic, key, headers, value
    )
    select * from taken order by id
"""

_log = structlog.get_logger()


class Relay:
    """Publishes one service's outbox; woken by the process itself, by NOTIFY from another, or by the clock."""

    def __init__(self, database: Database, producer: AIOKafkaProducer, *, topic_prefix: str = "") -> None:
        self._database = database
        self._producer = producer
        self._prefix = topic_prefix
        self.healthy = True

    async def run(self) -> None:
        """Relay until cancelled; trouble is logged, waited out and tried again."""
        listener = asyncio.create_task(self._listen())
        try:
            while True:
                await self._wait()
                try:
                    while await self.relay_once():
                        pass
                    self.healthy = True
                except (*DATABASE_DOWN, KafkaError) as error:
                    self.healthy = False
                    _log.warning("relay_waits", service=self._database.service, exception_type=type(error).__name__)
                    await asyncio.sleep(PAUSE_S)
                    self._database.outbox_written.set()
        finally:
            listener.cancel()

    async def relay_once(self) -> bool:
        """Publish up to one batch; say whether there may be more.

        Raises:
            KafkaError: the broker did not acknowledge; the rows stay.
            TimeoutError: the broker did not acknowledge in time; the rows stay.
        """
        async with self._database.pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(LOCK):
                return False
            rows = await connection.fetch(TAKE, BATCH)
            if rows:
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await self._publish(rows)
        return len(rows) == BATCH

    async def depth(self) -> int:
        """Count the events that wait to be published."""
        return int(await self._database.pool.fetchval("select count(*) from outbox"))

    async def _publish(self, rows: list[asyncpg.Record]) -> None:
        acknowledged = [
            await self._producer.send(
                self._prefix + row["topic"], row["value"], key=row["key"], headers=unpack_headers(row["headers"])
            )
            for row in rows
        ]
        for each in acknowledged:
            await each

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._database.outbox_written.wait()
        except TimeoutError:
            pass  # the poll: nobody woke us, look anyway
        self._database.outbox_written.clear()

    async def _listen(self) -> None:
        channel = f"stafet_outbox_{self._database.service}"
        while True:
            try:
                connection = await asyncpg.connect(
                    self._database.dsn, server_settings=session_settings(self._database.service)
                )
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _, closed=closed: closed.set())
                await connection.add_listener(channel, lambda *_: self._database.outbox_written.set())
                try:
                    await closed.wait()
                finally:
                    await connection.close(timeout=2)
            except DATABASE_DOWN:
                await asyncio.sleep(PAUSE_S)
