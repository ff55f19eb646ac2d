"""Claim: a full protected step has half the rate of a raw one, and six times that of FastStream's example.

The step: parse, validate, inbox, state, outbox, trace attributes, publish, commit; by the runtime that the
hub runs on. All loops run in this process, one after the other, in an order that turns with each round.
Run by `bench/run.py`; or by itself: `python -m bench.hop`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.load import PARTITIONS, fill, referrals, topic
from bench.loops import OUT, STATE_TABLE, Raw, data_only, faststream, hop, whole_event
from stafet_runtime.broker import MAX_BATCH_BYTES, create_topics
from stafet_runtime.database import Database, open_database
from stafet_runtime.embedded import embedded_kafka, embedded_postgres
from stafet_runtime.tables import OUTBOX_WRITER, RUNTIME_TABLES
from stafet_schemas.referral import ReferralSubmitted

PREFIX: Final = "bench-"
# Not by migrations: what these load costs the hop a tenth, and a running service has none of it.
TABLES: Final = (*RUNTIME_TABLES, *OUTBOX_WRITER)
MESSAGES: Final = 12_000
FEW: Final = 1_500
"""FastStream's example takes seconds for these."""
ROUNDS: Final = 5
LOOK_S: Final = 0.01
AIOKAFKA_BATCH: Final = 16 * 1024

Loop = Callable[[str], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Figure:
    """Messages per second, and milliseconds of this process's CPU per message."""

    rate: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers, filled with referrals, and a consumer that sees how many answers there are."""

    bootstrap: str
    database: Database
    watcher: AIOKafkaConsumer

    def loops(self) -> dict[str, tuple[Loop, int]]:
        """Return each loop by name, with how many messages it is given."""
        return {
            "hop": (lambda group: hop(self.bootstrap, self.database, PREFIX, group), MESSAGES),
            "raw": (self._raw(Raw(whole_event, MAX_BATCH_BYTES)), MESSAGES),
            "raw_default_batches": (self._raw(Raw(whole_event, AIOKAFKA_BATCH)), MESSAGES),
            "raw_data_only": (self._raw(Raw(data_only, MAX_BATCH_BYTES)), MESSAGES),
            "faststream": (lambda group: faststream(self.bootstrap, PREFIX, group), FEW),
        }

    async def measure(self, loop: AbstractAsyncContextManager[None], count: int) -> Figure:
        """Measure from the first answers on until there are `count`."""
        before = await self._answers()
        async with loop:
            begun = await self._until(before + 1)
            wall, cpu = time.perf_counter(), time.process_time()
            ended = await self._until(before + count)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Figure((ended - begun) / wall, cpu * 1000 / (ended - begun))

    def _raw(self, raw: Raw) -> Loop:
        return lambda group: raw.running(self.bootstrap, PREFIX, group)

    async def _answers(self) -> int:
        places = [TopicPartition(PREFIX + OUT, each) for each in range(PARTITIONS)]
        return sum((await self.watcher.end_offsets(places)).values())

    async def _until(self, count: int) -> int:
        async with asyncio.timeout(300):
            while (answers := await self._answers()) < count:  # noqa: ASYNC110 - the broker is asked
                await asyncio.sleep(LOOK_S)
        return answers


async def main() -> Mapping[str, object]:
    """Measure all loops in turn and return the figures of `bench/results.json`."""
    async with prepared() as bench:
        rounds = [await one_round(bench, number) for number in range(ROUNDS + 1)]
    # The first round warms up the broker's compiler and everybody's caches.
    figures = summary(rounds[1:])
    for name, value in figures.items():
        print(f"{name:<28}{value!s:>20}")
    return figures


async def one_round(bench: Bench, number: int) -> dict[str, Figure]:
    """Measure each loop once, beginning with another one in each round."""
    loops = list(bench.loops().items())
    turned = loops[number % len(loops) :] + loops[: number % len(loops)]
    figures: dict[str, Figure] = {}
    for name, (loop, count) in turned:
        await bench.database.pool.execute("truncate inbox, outbox, parked, bench_cases")
        figures[name] = await bench.measure(loop(f"{name}-{number}"), count)
        print(f"round {number}  {name:<20} {figures[name].rate:>8.0f}/s {figures[name].cpu_ms:>7.3f} ms CPU")
    return figures


def summary(rounds: Sequence[Mapping[str, Figure]]) -> dict[str, object]:
    """Take the median of each figure, and of each ratio within a round, with its least and greatest."""
    figures: dict[str, object] = {}
    for name in rounds[0]:
        figures[name] = round(median(each[name].rate for each in rounds))
        figures[f"{name}_cpu_ms"] = round(median(each[name].cpu_ms for each in rounds), 4)
    for name in ("raw", "faststream", "raw_default_batches", "raw_data_only"):
        ratios = [each["hop"].rate / each[name].rate for each in rounds]
        figures[f"ratio_{name}"] = round(median(ratios), 2)
        figures[f"ratio_{name}_spread"] = [round(min(ratios), 2), round(max(ratios), 2)]
    return figures


@asynccontextmanager
async def prepared() -> AsyncGenerator[Bench]:
    """Start the servers, create the bench's schema and topics, and fill in the referrals."""
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        home = Path(directory)
        async with embedded_kafka(home / "kafka") as bootstrap, embedded_postgres(home / "postgres") as dsn:
            await create_topics(bootstrap, [topic(ReferralSubmitted.topic), topic(OUT)], prefix=PREFIX)
            await fill(bootstrap, PREFIX + ReferralSubmitted.topic, referrals(MESSAGES))
            database = await _schema(dsn)
            async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as watcher:
                yield Bench(bootstrap, database, watcher)
            await database.close()


async def _schema(dsn: str) -> Database:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("create role stafet_bench; create schema bench authorization stafet_bench")
    finally:
        await connection.close()
    database = await open_database(dsn, "bench")
    for statement in (*TABLES, STATE_TABLE):
        await database.pool.execute(statement)
    return database


if __name__ == "__main__":
    asyncio.run(main())
