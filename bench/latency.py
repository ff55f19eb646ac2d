"""Claim: from accepted to delivered takes at most three times as long as four raw hops, at 50 referrals/s.

A load that a machine does not hold is one queue: beside the claimed load, a quiet one is measured, and how
many a second the hub gets done of the claimed one.

The hub's way is message.received, referral.submitted, referral.routed, the HTTPS delivery and
delivery.delivered: four events through Kafka, each with its transactions. The raw way is four aiokafka loops
that pass bytes on. Both run in this process, on the same broker, one after the other; load and partners are
processes of their own.
Run by `bench/run.py`; or by itself: `python -m bench.latency`.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.hops import protected_hops
from bench.load import topic
from stafet_cli.credentials import Wanted, create
from stafet_cli.demo.report import percentile
from stafet_cli.demo.state import choose_ports
from stafet_cli.hub import prepare, running, servers
from stafet_cli.up import local_endpoints, open_log
from stafet_runtime.broker import create_topics
from stafet_runtime.settings import HubSettings

RATE: Final = 50.0
WARM: Final = 150
COUNT: Final = 1_000
QUIET_RATE: Final = 5.0
QUIET_WARM: Final = 30
QUIET_COUNT: Final = 270
HOPS: Final = 4
LONGEST_S: Final = 300.0
ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from begin to end of `count` messages."""

    p50_ms: float
    p99_ms: float
    count: int

    @classmethod
    def of(cls, times: Sequence[float]) -> "Latency":
        """Take the percentiles of some times in seconds."""
        ordered = sorted(each * 1000 for each in times)
        return cls(percentile(ordered, 50) or 0.0, percentile(ordered, 99) or 0.0, len(ordered))


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one load: its latency, the hub's CPU for each referral, and how many a second it did."""

    latency: Latency
    cpu_ms: float
    per_s: float


Offer = Callable[[float, int, int], Awaitable[Measured]]
"""Sends at a rate (1/s) so many to warm up, and so many that count."""


async def main() -> Mapping[str, float]:
    """Measure both ways and return the figures of `bench/results.json`."""
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        home = Path(directory)
        ports = choose_ports()
        create(home, Wanted(local_endpoints({each: ports[each] for each in ("police", "redcross")})))
        wanted = {f"{name}_port": ports[name] for name in ("gateway", "console", "health")}
        settings = HubSettings.model_validate({"home": home, "kafka": "", "postgres": "", **wanted})
        with open_log(home):
            async with servers(settings) as complete:
                raw = await raw_hops(complete.kafka)
                await prepare(complete)
                protected = Latency.of((await protected_hops(complete, RATE, WARM + COUNT))[WARM:])
                async with _hub(complete, ports) as offer:
                    quiet = await offer(QUIET_RATE, QUIET_WARM, QUIET_COUNT)
                    hub = await offer(RATE, WARM, COUNT)
    figures = {
        "hub_p50_ms": hub.latency.p50_ms,
        "hub_p99_ms": hub.latency.p99_ms,
        "hub_held_per_s": hub.per_s,
        "hub_quiet_p50_ms": quiet.latency.p50_ms,
        "hub_quiet_p99_ms": quiet.latency.p99_ms,
        "raw_hops_p50_ms": raw.p50_ms,
        "raw_hops_p99_ms": raw.p99_ms,
        "protected_hops_p50_ms": protected.p50_ms,
        "protected_hops_p99_ms": protected.p99_ms,
        "hub_cpu_ms": hub.cpu_ms,
        "hub_quiet_cpu_ms": quiet.cpu_ms,
        "ratio_p50": round(hub.latency.p50_ms / raw.p50_ms, 2),
        "ratio_p99": round(hub.latency.p99_ms / raw.p99_ms, 2),
        "ratio_quiet_p50": round(quiet.latency.p50_ms / raw.p50_ms, 2),
        "ratio_quiet_p99": round(quiet.latency.p99_ms / raw.p99_ms, 2),
        "ratio_protected_p50": round(protected.p50_ms / raw.p50_ms, 2),
        "ratio_protected_p99": round(protected.p99_ms / raw.p99_ms, 2),
    }
    for name, value in figures.items():
        print(f"{name:<24}{value:>10}")
    return figures


@asynccontextmanager
async def _hub(settings: HubSettings, ports: Mapping[str, int]) -> AsyncGenerator[Offer]:
    """Run the hub with partners that only take; yield what sends it so many signed referrals at a rate."""
    home, seeds = str(settings.home), itertools.count(1)
    url = f"https://127.0.0.1:{ports['gateway']}"

    async def offer(rate: float, warm: int, count: int) -> Measured:
        total = str(warm + count)
        async with AsyncExitStack() as stack:
            watching = _process("bench.watcher", settings.kafka, total, stdout=PIPE)
            watcher = await stack.enter_async_context(watching)
            cpu = time.process_time()
            load = (home, url, str(rate), total, str(next(seeds)))
            await stack.enter_async_context(_process("bench.driver", *load))
            async with asyncio.timeout(LONGEST_S):
                printed, _ = await watcher.communicate()
            cpu = time.process_time() - cpu
        said = json.loads(printed)
        cpu_ms = round(cpu * 1000 / len(said["took_s"]), 1)
        per_s = round(len(said["took_s"]) / said["lasted_s"], 1)
        return Measured(Latency.of(said["took_s"][warm:]), cpu_ms, per_s)

    partners = ("bench.partners", home, str(ports["redcross"]), str(ports["police"]))
    async with running(settings), _process(*partners):
        yield offer


async def raw_hops(bootstrap: str) -> Latency:
    """Pass 1.85 KB on through HOPS raw loops at RATE."""
    names = [f"stafet-raw{letter}-v1" for letter in "abcd"[:HOPS]]
    await create_topics(bootstrap, [topic(name) for name in names])
    times: list[float] = []
    async with AsyncExitStack() as stack:
        for source, target in zip(names, [*names[1:], ""], strict=True):
            await stack.enter_async_context(_raw_loop(bootstrap, source, target, times))
        producer = await stack.enter_async_context(_producer(bootstrap))
        begin = time.perf_counter()
        for number in range(WARM + COUNT):
            await asyncio.sleep(max(0.0, begin + number / RATE - time.perf_counter()))
            value = json.dumps({"at": time.time(), "padding": "x" * 1800}).encode()
            _ = await producer.send(names[0], value, key=str(number % 100).encode())
        await _until(lambda: len(times) >= WARM + COUNT)
    return Latency.of(times[WARM:])


@asynccontextmanager
async def _raw_loop(bootstrap: str, source: str, target: str, times: list[float]) -> AsyncGenerator[None]:
    consumer = AIOKafkaConsumer(
        source,
        bootstrap_servers=bootstrap,
        group_id=source,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )

    async def work() -> None:
        async with consumer, _producer(bootstrap) as producer:
            while True:
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    for record in records:
                        if target:
                            _ = await producer.send(target, record.value, key=record.key)
                        else:
                            times.append(time.time() - json.loads(record.value or b"")["at"])
                await consumer.commit()

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _producer(bootstrap: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)


@asynccontextmanager
async def _process(module: str, *arguments: str, stdout: int | None = None) -> AsyncGenerator[Process]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", module, *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=stdout)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_S):
        while not holds():  # noqa: ASYNC110 - what is waited for grows in a loop of another library
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main())
