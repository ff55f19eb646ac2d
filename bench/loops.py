"""The loops that are compared: the hub's runtime, raw aiokafka, FastStream as its documentation shows it.

Each reads the same referrals, validates them by pydantic and publishes one answer per referral; each is a
context manager that works as long as it is open.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from stafet_runtime.broker import make_broker, make_producer
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.consumer import Processor, Subscription, Work
from stafet_runtime.database import Database
from stafet_runtime.outbox import Outbox
from stafet_runtime.relay import Relay
from stafet_runtime.settings import HubSettings
from stafet_runtime.subscriber import Runner
from stafet_runtime.unit import Unit
from stafet_schemas.codec import Headers, decode, encode
from stafet_schemas.event import Event
from stafet_schemas.referral import (
    ReferralRouted,
    ReferralRoutedData,
    ReferralSubmitted,
    ReferralSubmittedData,
)

OUT = "stafet-bench-v1"
IDS = SystemIds()
STATE_TABLE = (
    "create table bench_cases (case_id text primary key, referrals integer not null, seen text not null)"
)
LOAD = "select case_id, referrals from bench_cases where case_id = any($1::text[])"
SAVE = """
    insert into bench_cases (case_id, referrals, seen)
    select * from unnest($1::text[], $2::integer[], $3::text[])
    on conflict (case_id) do update set referrals = excluded.referrals, seen = excluded.seen
"""


Record = ConsumerRecord[bytes | None, bytes | None]


class Routed(ReferralRouted):
    """The event that the hop publishes, on a topic of the bench's own."""

    topic: ClassVar[str] = OUT


@dataclass(slots=True)
class Cases:
    """The state of the bench's service: how many referrals each case has had."""

    unit: Unit
    counts: dict[str, tuple[int, str]]

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch the rows of all the events' cases."""
        rows = await self.unit.connection.fetch(LOAD, list({each.partitionkey for each in events}))
        self.counts = {row["case_id"]: (row["referrals"], "") for row in rows}

    async def save(self) -> None:
        """Upsert one row per case."""
        cases = list(self.counts)
        counts, seen = zip(*self.counts.values(), strict=True)
        await self.unit.connection.execute(SAVE, cases, list(counts), list(seen))


def routed(submitted: ReferralSubmittedData) -> ReferralRoutedData:
    """Decide: the receiver is to have a notice."""
    return ReferralRoutedData(
        case=submitted.case,
        referral=submitted.referral,
        sender=submitted.sender,
        placer=submitted.placer,
        recipient=submitted.receiver,
        part="notice",
        purpose="referral_notice",
        rule="bench-1",
    )


async def on_submitted(event: Event, work: Work, outbox: Outbox) -> None:
    """Count the referral in its case and route it."""
    submitted, cases = cast("ReferralSubmitted", event).data, cast("Cases", work)
    count, _ = cases.counts.get(submitted.case, (0, ""))
    cases.counts[submitted.case] = (count + 1, submitted.referral)
    outbox.emit(Routed, routed(submitted))


@asynccontextmanager
async def hop(bootstrap: str, database: Database, prefix: str, group: str) -> AsyncGenerator[None]:
    """The full protected step: inbox, state and outbox in one transaction, published by the relay."""
    subscription = Subscription(
        group, (ReferralSubmitted.topic,), lambda unit: Cases(unit, {}), {ReferralSubmitted: on_submitted}
    )
    broker = make_broker(bootstrap)
    runner = Runner(
        subscription,
        Processor(subscription, database, SystemClock(), IDS),
        HubSettings(topic_prefix=prefix),
    )
    runner.attach(broker)
    producer = make_producer(bootstrap, group)
    await producer.start()
    tasks = [
        asyncio.create_task(Relay(database, producer, topic_prefix=prefix).run()),
        asyncio.create_task(runner.tend_forever()),
    ]
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await producer.stop()


@dataclass(frozen=True, slots=True)
class Raw:
    """What a raw loop does with a record, and how large its producer's batches may be, in bytes."""

    step: Callable[[Record], tuple[bytes, Headers, bytes]]
    max_batch_size: int

    @asynccontextmanager
    async def running(self, bootstrap: str, prefix: str, group: str) -> AsyncGenerator[None]:
        """Plain aiokafka: getmany 500, one commit per poll, the producer lingers 5 ms."""
        task = asyncio.create_task(self._run(bootstrap, prefix, group))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, bootstrap: str, prefix: str, group: str) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5,
            max_batch_size=self.max_batch_size,
        )  # fmt: skip
        consumer = AIOKafkaConsumer(
            prefix + ReferralSubmitted.topic, bootstrap_servers=bootstrap, group_id=prefix + group,
            auto_offset_reset="earliest", enable_auto_commit=False,
        )  # fmt: skip
        async with producer, consumer:
            while True:
                polled = await consumer.getmany(timeout_ms=100, max_records=500)
                answers = [self.step(record) for records in polled.values() for record in records]
                sent = [
                    await producer.send(prefix + OUT, value, key=key, headers=headers)
                    for key, headers, value in answers
                ]
                await asyncio.gather(*sent)
                if sent:
                    await consumer.commit()


def whole_event(record: Record) -> tuple[bytes, Headers, bytes]:
    """Validate the event with its attributes by pydantic, and build and dump the same answer as the hop's."""
    submitted = cast("ReferralSubmitted", decode(record.headers, record.value))
    now = datetime.now(UTC)
    answer = Routed(
        id=IDS.new(),
        source="/stafet/bench",
        time=now,
        correlationid=submitted.data.case,
        causationid=submitted.id,
        partitionkey=submitted.data.case,
        recordedtime=now,
        traceparent=submitted.traceparent,
        data=routed(submitted.data),
    )
    return encode(answer)


def data_only(record: Record) -> tuple[bytes, Headers, bytes]:
    """Validate and dump the data alone: no attribute is read or written."""
    answer = routed(ReferralSubmittedData.model_validate_json(record.value or b""))
    return record.key or b"", [], answer.model_dump_json().encode()


@asynccontextmanager
async def faststream(bootstrap: str, prefix: str, group: str) -> AsyncGenerator[None]:
    """FastStream as its documentation shows it: a pydantic model in and out, ACK, one Context parameter."""
    broker = KafkaBroker(bootstrap, logger=None)

    @broker.publisher(prefix + OUT)
    @broker.subscriber(
        prefix + ReferralSubmitted.topic,
        group_id=prefix + group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
    )
    async def route(submitted: ReferralSubmittedData, message: KafkaMessage) -> ReferralRoutedData:
        del message
        return routed(submitted)

    await broker.start()
    try:
        yield
    finally:
        await broker.stop()
