"""Claim: a year of events rebuilds all state at 5,000 a second in one process, in bounded memory.

20,000 persons are referred, decided on twice and followed; all topics of the hub hold their log. One process
reads it raw; then it makes referrals, contacts, identification, support, deadlines and console of it, all
in one reading, and each by itself, by what `stafet rebuild` runs. Run by `bench/run.py`; or by itself:
`python -m bench.replay [persons]`.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
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
AT_ONCE: Final = 2_000
RECENT_MS: Final = 3_600_000
"""The log ends about now: what is older than a topic's retention the broker would take away."""
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
TABLES: Final = "select tablename from pg_tables where schemaname = $1 order by 1"
GROWTH: Final = 0.25
"""By so much of what is resident after a quarter of the way may memory grow until its end."""


@dataclass
class Measured:
    """One reading: its events, seconds, CPU of this process, and its resident megabytes after each batch."""

    events: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    resident: list[float] = field(default_factory=list[float])

    @property
    def per_s(self) -> int:
        """How many events a second."""
        return round(self.events / self.wall)

    @property
    def cpu_ms(self) -> float:
        """CPU for an event, in milliseconds."""
        return round(self.cpu * 1000 / self.events, 3)


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
        raw = _said("raw", await _raw(bootstrap, total))
        together = _said("all in one reading", await _rebuilt(bootstrap, dsn, SUBSCRIPTIONS))
        rows = await _rows(dsn)
        alone = {each: _said(each, await _rebuilt(bootstrap, dsn, [each])) for each in SUBSCRIPTIONS}
    figures = _figures(counts, raw, together, alone, rows["handled"])
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
    measured, done = Measured(total), 0
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


async def _rebuilt(bootstrap: str, dsn: str, names: Collection[str]) -> Measured:
    """Empty all services' schemas and make some anew, of the topics that they listen to."""
    await _empty(dsn)
    measured = Measured()

    def note(_what: str, _done: int, _total: int) -> None:
        measured.resident.append(_resident())

    async with AsyncExitStack() as stack:
        services: list[Rebuilt] = []
        for name in names:
            database = await open_database(dsn, name)
            stack.push_async_callback(database.close)
            services.append(Rebuilt(SUBSCRIPTIONS[name](), database))
        wall, cpu = time.perf_counter(), time.process_time()
        work = Rebuild(bootstrap, services, SystemClock(), SystemIds(), prefix=PREFIX)
        measured.events = await work.run(note)
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
    counts: Counter[str], raw: Measured, together: Measured, alone: Mapping[str, Measured], handled: int
) -> dict[str, object]:
    resident = together.resident
    quarter, end = max(resident[: len(resident) // 4 + 1]), max(resident)
    assert end <= quarter * (1 + GROWTH), f"memory grew from {quarter:.0f} to {end:.0f} MB"  # noqa: S101 - a claim that fails ends the run
    return {
        "replay_events": together.events,
        "replay_referrals": counts["referral.submitted"],
        "replay_decisions": counts["final_assessment.decided"],
        "replay_raw_per_s": raw.per_s,
        "replay_raw_cpu_ms": raw.cpu_ms,
        "replay_per_s": together.per_s,
        "replay_cpu_ms": together.cpu_ms,
        "replay_handled_per_s": round(handled / together.wall),
        "replay_ratio_raw": round(together.per_s / raw.per_s, 3),
        **{f"replay_{name}_per_s": each.per_s for name, each in alone.items()},
        "replay_rss_mb": round(end),
        "replay_rss_growth": round(end / quarter - 1, 3),
    }


def _said(name: str, measured: Measured) -> Measured:
    print(
        f"{name:<20}{measured.events:>8} events {measured.per_s:>8}/s {measured.cpu_ms:>7.3f} ms CPU  "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return measured


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
