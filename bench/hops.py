"""Four protected hops in one process: the hub's runtime alone, without connectors, vault, SOAP and HTTPS.

What `bench/latency.py` measures of the whole hub can not be faster than this. Each hop is a service with its
own schema: inbox, state and outbox in one transaction, its relay, Kafka.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import ClassVar, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.load import Record, referrals, topic
from bench.loops import STATE_TABLE, Cases
from stafet_runtime.broker import create_topics
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.consumer import Subscription, Work
from stafet_runtime.database import Database, open_database
from stafet_runtime.host import HEALTH, Listener, hosting
from stafet_runtime.outbox import Outbox
from stafet_runtime.service import Service
from stafet_runtime.settings import HubSettings
from stafet_schemas.codec import decode
from stafet_schemas.event import Event
from stafet_schemas.referral import ReferralSubmitted

SERVICES = ("gateway", "referrals", "dispatch", "console")
PREFIX = "hops-"


class HopB(ReferralSubmitted):
    """What the first hop passes on."""

    topic: ClassVar[str] = "stafet-hopb-v1"


class HopC(ReferralSubmitted):
    """What the second hop passes on."""

    topic: ClassVar[str] = "stafet-hopc-v1"


class HopD(ReferralSubmitted):
    """What the third hop passes on."""

    topic: ClassVar[str] = "stafet-hopd-v1"


class HopE(ReferralSubmitted):
    """What the last hop passes on."""

    topic: ClassVar[str] = "stafet-hope-v1"


KINDS: Sequence[type[ReferralSubmitted]] = (HopB, HopC, HopD, HopE)
FIRST = "stafet-hopa-v1"


async def protected_hops(settings: HubSettings, rate: float, count: int) -> list[float]:
    """Send `count` referrals at `rate` through the four hops; return the seconds that each took."""
    names = (FIRST, *(each.topic for each in KINDS))
    await create_topics(settings.kafka, [topic(each) for each in names], prefix=PREFIX)
    async with AsyncExitStack() as stack:
        services = [
            await stack.enter_async_context(_service(settings, *each))
            for each in zip(SERVICES, names, KINDS, strict=False)
        ]
        listeners = {HEALTH: Listener("127.0.0.1", 0)}
        own = settings.model_copy(update={"topic_prefix": PREFIX, "instance": ""})
        await stack.enter_async_context(hosting(services, own, listeners, SystemClock(), SystemIds()))
        return await _measured(settings.kafka, rate, count)


@asynccontextmanager
async def _service(
    settings: HubSettings, name: str, source: str, kind: type[ReferralSubmitted]
) -> AsyncGenerator[Service]:
    database: Database = await open_database(settings.postgres, name)
    await database.pool.execute(STATE_TABLE)

    async def on_submitted(event: Event, work: Work, outbox: Outbox) -> None:
        data, cases = cast("ReferralSubmitted", event).data, cast("Cases", work)
        before, _ = cases.counts.get(data.case, (0, ""))
        cases.counts[data.case] = (before + 1, data.referral)
        outbox.emit(kind, data)

    subscription = Subscription(
        name, (source,), lambda unit: Cases(unit, {}), {ReferralSubmitted: on_submitted}
    )
    try:
        yield Service(name, database, subscription=subscription)
    finally:
        await database.pool.execute("drop table bench_cases")
        await database.close()


async def _measured(bootstrap: str, rate: float, count: int) -> list[float]:
    sent: dict[str, float] = {}
    times: list[float] = []
    load = referrals(count)
    async with (
        AIOKafkaConsumer(PREFIX + HopE.topic, bootstrap_servers=bootstrap) as consumer,
        AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(_send(producer, load, rate, sent))
        while len(times) < count:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                now = time.perf_counter()
                times += [now - sent[_referral(each.headers, each.value)] for each in records]
    return times


async def _send(
    producer: AIOKafkaProducer, load: Sequence[Record], rate: float, sent: dict[str, float]
) -> None:
    begin = time.perf_counter()
    for number, (key, headers, value) in enumerate(load):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        sent[_referral(headers, value)] = time.perf_counter()
        _ = await producer.send(PREFIX + FIRST, value, key=key, headers=headers)


def _referral(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> str:
    return cast("ReferralSubmitted", decode(headers, value)).data.referral
