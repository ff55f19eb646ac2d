"""Claim: a year of events rebuilds all state at 5,000 a second in one process, in bounded memory.

20,000 persons are referred, decided on twice and followed; all topics of the hub hold their log. One process
reads it raw, then rebuilds referrals, contacts, identification, support, deadlines and console of it, by
what `stafet rebuild` runs. Run by `bench/run.py`; or by itself: `python -m bench.replay [persons]`.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.load import topic
from bench.year import Record, templates, year
from stafet_cli.rebuild import SUBSCRIPTIONS
from stafet_cli.story.world import Place
from stafet_runtime.broker import create_topics, make_producer
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import migrate, open_database
from stafet_runtime.embedded import embedded_kafka, embedded_postgres
from stafet_runtime.rebuild import Rebuild
from stafet_runtime.rebuilder import Rebuilt
from stafet_runtime.settings import SERVICES
from stafet_schemas.codec import decode, kind_of
from stafet_schemas.topics import topics

if TYPE_CHECKING:
    from aiokafka.structs import RecordMetadata

PERSONS: Final = 20_000
SEED: Final = 1
PREFIX: Final = "year-"
PLAYED: Final = "played-"
ROUNDS: Final = 3
AT_ONCE: Final = 2_000
RECENT_MS: Final = 3_600_000
"""The log ends about now: what is older than a topic's retention the broker would take away."""
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
TABLES: Final = "select tablename from pg_tables where schemaname = $1 order by 1"
GROWTH: Final = 0.25
"""By so much of what is resident after a quarter of the way may memory grow until its end."""


@dataclass
class Measured:
    """One reading: seconds, CPU of this process, and its resident megabytes after each batch."""

    wall: float = 0.0
    cpu: float = 0.0
    resident: list[float] = field(default_factory=list[float])


async def main(persons: int = PERSONS) -> Mapping[str, object]:
    """Write the year, measure both readings in turn, and return the figures of `bench/results.json`."""
    async with _servers() as (bootstrap, dsn, home):
        await create_topics(bootstrap, topics().values(), prefix=PLAYED)
        await create_topics(bootstrap, [topic(each) for each in topics()], prefix=PREFIX)
        await migrate(dsn, SERVICES)
        played = await templates(Place(bootstrap, dsn, PLAYED, home / "home"))
        counts = await _write(bootstrap, year(played, persons, SEED))
        total = counts.total()
        print(f"{total} events in {len(topics())} topics; load {os.getloadavg()[0]:.1f}")
        raws: list[Measured] = []
        rebuilds: list[Measured] = []
        for number in range(ROUNDS):
            raws.append(await _raw(bootstrap, total))
            rebuilds.append(await _rebuilt(bootstrap, dsn))
            _say(number, total, raws[-1], rebuilds[-1])
        rows = await _rows(dsn)
    figures = _figures(counts, raws, rebuilds, rows)
    for table, count in rows.items():
        print(f"{table:<40}{count:>12}")
    for name, value in figures.items():
        print(f"{name:<28}{value!s:>20}")
    return figures


async def _write(bootstrap: str, records: Iterable[Record]) -> Counter[str]:
    """Append the year to the topics, each record a millisecond after the one before; count by event."""
    counts: Counter[str] = Counter()
    async with make_producer(bootstrap, "bench") as producer:
        begun = int(time.time() * 1000) - RECENT_MS
        sent: list[asyncio.Future[RecordMetadata]] = []
        for number, each in enumerate(records):
            kind = kind_of(each.headers)
            counts[kind.short_name() if kind else "?"] += 1
            sent.append(
                await producer.send(
                    PREFIX + each.topic, each.value, key=each.key, headers=each.headers,
                    timestamp_ms=begun + number,
                )
            )  # fmt: skip
            if len(sent) == AT_ONCE:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)
    return counts


async def _raw(bootstrap: str, total: int) -> Measured:
    """Read the same topics by plain aiokafka, and decode every event."""
    places = [TopicPartition(PREFIX + each, number) for each in topics() for number in range(4)]
    measured, done = Measured(), 0
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        wall, cpu = time.perf_counter(), time.process_time()
        while done < total:
            for records in (await consumer.getmany(timeout_ms=1000, max_records=500)).values():
                for record in records:
                    decode(record.headers, record.value)
                done += len(records)
        measured.wall, measured.cpu = time.perf_counter() - wall, time.process_time() - cpu
    return measured


async def _rebuilt(bootstrap: str, dsn: str) -> Measured:
    """Empty the services' schemas and make them anew."""
    await _empty(dsn)
    measured = Measured()

    def note(_what: str, _done: int, _total: int) -> None:
        measured.resident.append(_resident())

    async with AsyncExitStack() as stack:
        services = []
        for name, subscription in SUBSCRIPTIONS.items():
            database = await open_database(dsn, name)
            stack.push_async_callback(database.close)
            services.append(Rebuilt(subscription(), database))
        wall, cpu = time.perf_counter(), time.process_time()
        await Rebuild(bootstrap, services, SystemClock(), SystemIds(), prefix=PREFIX).run(note)
        measured.wall, measured.cpu = time.perf_counter() - wall, time.process_time() - cpu
    return measured


async def _empty(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for name in SUBSCRIPTIONS:
            await connection.execute(f"drop schema {name} cascade")
    finally:
        await connection.close()
    await migrate(dsn, list(SUBSCRIPTIONS))


async def _rows(dsn: str) -> dict[str, int]:
    """Count what was made: the rows of each table, and how many events the services handled together."""
    connection = await asyncpg.connect(dsn)
    counted = {"handled": 0}
    try:
        for service in SUBSCRIPTIONS:
            for (table,) in await connection.fetch(TABLES, service):
                name = f"{service}.{table}"
                rows = await connection.fetchval(f"select count(*) from {name}")  # noqa: S608 - a name of ours
                if table == "inbox":
                    counted["handled"] += rows
                elif rows:
                    counted[f"rows_{name}"] = rows
    finally:
        await connection.close()
    return counted


def _figures(
    counts: Counter[str], raws: Sequence[Measured], rebuilds: Sequence[Measured], rows: Mapping[str, int]
) -> dict[str, object]:
    """Take medians; the ratio is that of each round."""
    total = counts.total()
    quarter = max(max(each.resident[: len(each.resident) // 4 + 1]) for each in rebuilds)
    end = max(max(each.resident) for each in rebuilds)
    assert end <= quarter * (1 + GROWTH), f"memory grew from {quarter:.0f} to {end:.0f} MB"  # noqa: S101
    return {
        "replay_events": total,
        "replay_referrals": counts["referral.submitted"],
        "replay_decisions": counts["final_assessment.decided"],
        "replay_per_s": round(median(total / each.wall for each in rebuilds)),
        "replay_cpu_ms": round(median(each.cpu for each in rebuilds) * 1000 / total, 3),
        "replay_handled_per_s": round(median(rows["handled"] / each.wall for each in rebuilds)),
        "replay_raw_per_s": round(median(total / each.wall for each in raws)),
        "replay_raw_cpu_ms": round(median(each.cpu for each in raws) * 1000 / total, 3),
        "replay_ratio_raw": round(
            median(raw.wall / each.wall for raw, each in zip(raws, rebuilds, strict=True)), 3
        ),
        "replay_rss_mb": round(end),
        "replay_rss_growth": round(end / quarter - 1, 3),
    }


def _say(number: int, total: int, raw: Measured, rebuilt: Measured) -> None:
    for name, each in (("raw", raw), ("rebuild", rebuilt)):
        cpu = each.cpu * 1000 / total
        print(f"round {number}  {name:<8} {total / each.wall:>8.0f}/s {cpu:>7.3f} ms CPU", end="  ")
    print(f"load {os.getloadavg()[0]:.1f}, {max(rebuilt.resident):.0f} MB")


def _resident() -> float:
    """Return the megabytes of this process that are resident now."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE / 2**20


@asynccontextmanager
async def _servers() -> AsyncGenerator[tuple[str, str, Path]]:
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        home = Path(directory)
        async with embedded_kafka(home / "kafka") as bootstrap, embedded_postgres(home / "postgres") as dsn:
            yield bootstrap, dsn, home


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
