"""Claim: the console answers within 8 s of a warm `stafet up`, and hub and broker stay below 350 and 250 MB.

Warm: the same folder has been up before, so keys, topics, schemas and the database's files are there.
Run by `bench/run.py`; or by itself: `python -m bench.start`.
"""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
import psutil

from stafet_cli.credentials import OPERATOR, CredentialsError, Files
from stafet_cli.demo.state import choose_ports

ROUNDS: Final = 3
LONGEST_S: Final = 120.0
LOOK_S: Final = 0.05
MEGABYTE: Final = 1_000_000
ROOT: Final = Path(__file__).parents[1]


async def main() -> Mapping[str, float]:
    """Measure and return the figures of `bench/results.json`; seconds are the slowest of ROUNDS."""
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        home = Path(directory)
        await _round(home)
        rounds = [await _round(home) for _ in range(ROUNDS)]
    figures = {
        "warm_up_s": max(seconds for seconds, _, _ in rounds),
        "hub_rss_mb": max(hub for _, hub, _ in rounds),
        "broker_rss_mb": max(broker for _, _, broker in rounds),
    }
    for name, value in figures.items():
        print(f"{name:<24}{value:>10}")
    return figures


async def _round(home: Path) -> tuple[float, float, float]:
    """Start a hub and stop it; return the seconds until its console answered, and megabytes resident then."""
    ports = choose_ports()
    begin = time.perf_counter()
    async with _hub(home, ports) as hub:
        await _until_console_answers(home, ports["console"])
        seconds = time.perf_counter() - begin
        return round(seconds, 2), _resident(hub.pid), _resident(_broker(home))


@asynccontextmanager
async def _hub(home: Path, ports: Mapping[str, int]) -> AsyncGenerator[Process]:
    environment = {f"STAFET_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    hub = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stafet_cli", "up", "--home", str(home),
        stdout=DEVNULL, env={**os.environ, **environment}, cwd=ROOT,
    )  # fmt: skip
    try:
        yield hub
    finally:
        hub.send_signal(signal.SIGTERM)
        await hub.wait()


async def _until_console_answers(home: Path, port: int) -> None:
    async with asyncio.timeout(LONGEST_S), httpx.AsyncClient(trust_env=False) as client:
        while not await _answers(client, home, port):  # noqa: ASYNC110 - another process, no event tells
            await asyncio.sleep(LOOK_S)


async def _answers(client: httpx.AsyncClient, home: Path, port: int) -> bool:
    try:
        access = OPERATOR, Files(home).console_password()
        answer = await client.get(f"http://127.0.0.1:{port}/", auth=access)
    except (httpx.TransportError, CredentialsError):
        return False
    return answer.is_success


def _resident(pid: int) -> float:
    return round(psutil.Process(pid).memory_info().rss / MEGABYTE, 1)


def _broker(home: Path) -> int:
    for each in psutil.process_iter(["pid", "cmdline"]):
        command: list[str] = each.info["cmdline"] or []
        if "kafka.Kafka" in command and any(str(home) in part for part in command):
            return each.pid
    raise LookupError("the broker of this hub does not run")


if __name__ == "__main__":
    asyncio.run(main())
