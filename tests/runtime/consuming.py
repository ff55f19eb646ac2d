"""What tests of the subscriber share: a member of the group that runs, and plain producers that feed it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stafet_runtime.broker import make_broker
from stafet_runtime.clock import Clock, SystemIds
from stafet_runtime.consumer import Processor
from stafet_runtime.parked import RawRecord
from stafet_runtime.settings import HubSettings
from stafet_runtime.subscriber import Runner
from stafet_schemas.topics import topics
from tests.runtime.desk import SERVICE, TOPIC, Desk, record
from tests.runtime.waiting import until

if TYPE_CHECKING:
    from aiokafka.structs import RecordMetadata

    from stafet_schemas.codec import Headers

CASES = [f"case {number}" for number in range(12)]


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group on the test's own topic."""

    bootstrap: str
    prefix: str
    clock: Clock

    @property
    def topic(self) -> str:
        """The topic's name on the broker."""
        return self.prefix + TOPIC

    @asynccontextmanager
    async def member(self, desk: Desk, *, batch: int = 500) -> AsyncGenerator[Runner]:
        """Run a member of the group, with retries; leaving stops it as SIGTERM does."""
        subscription = desk.subscription()
        processor = Processor(subscription, desk.database, self.clock, SystemIds())
        runner = Runner(subscription, processor, HubSettings(topic_prefix=self.prefix, batch=batch))
        broker = make_broker(self.bootstrap)
        runner.attach(broker)
        retries = asyncio.create_task(runner.tend_forever())
        await broker.start()
        try:
            yield runner
        finally:
            await broker.stop()
            retries.cancel()
            await asyncio.gather(retries, return_exceptions=True)

    async def send(
        self, records: Sequence[RawRecord], *, extra: Sequence[tuple[str, bytes | None]] = ()
    ) -> None:
        """Append records with their headers and `extra` ones, as any client may."""
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True) as producer:
            sent: list[asyncio.Future[RecordMetadata]] = []
            for each in records:
                # The wire takes a null, which the client's own annotation leaves out.
                headers = cast("Headers", [*extra, *each.headers])
                sent.append(
                    await producer.send(self.topic, each.value or None, key=each.key or None, headers=headers)
                )
            await asyncio.gather(*sent)

    async def lag(self) -> int:
        """Return how many records the group has not committed yet."""
        async with AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=self.prefix + SERVICE, enable_auto_commit=False
        ) as consumer:
            places = [TopicPartition(self.topic, each) for each in range(topics()[TOPIC].partitions)]
            ends = await consumer.end_offsets(places)
            return sum([ends[each] - (await consumer.committed(each) or 0) for each in places])

    async def until_committed(self) -> None:
        """Wait until every offset is committed."""

        async def nothing_left() -> bool:
            return await self.lag() == 0

        await until(nothing_left)


async def until_handled(desk: Desk, count: int) -> None:
    """Wait until the desk has handled so many."""

    async def enough() -> bool:
        return len(await desk.handled()) >= count

    await until(enough)


async def until_assigned(runner: Runner) -> None:
    """Wait until the member has partitions."""

    async def assigned() -> bool:
        return runner.assigned

    await until(assigned)


async def until_saving(desk: Desk) -> None:
    """Wait until a batch stands before the desk's gate."""

    async def saving() -> bool:
        return desk.waiting > 0

    await until(saving)


async def hand_over_in_a_batch(desk: Desk, group: Group) -> None:
    """Let a second member join while the first stands in the middle of a batch; end when all is committed."""
    desk.gate.clear()
    async with group.member(desk) as first:
        await until_assigned(first)
        await group.send(numbered(24))
        await until_saving(desk)
        opening = asyncio.create_task(_open_when_revoked(desk, first))
        async with group.member(desk):
            await opening
            await group.until_committed()


async def _open_when_revoked(desk: Desk, member: Runner) -> None:
    async def revoked() -> bool:
        return not member.assigned

    await until(revoked)
    desk.gate.set()


def numbered(count: int, *, begin: int = 1) -> list[RawRecord]:
    """Build records of twelve cases in turn, numbered from `begin`."""
    return [record(number, CASES[number % 12]) for number in range(begin, begin + count)]


def inversions(handled: Sequence[int]) -> list[int]:
    """Return the cases whose events were not handled in the order of their numbers."""
    lanes = {case: [each for each in handled if each % 12 == case] for case in range(12)}
    return [case for case, lane in lanes.items() if lane != sorted(lane)]
