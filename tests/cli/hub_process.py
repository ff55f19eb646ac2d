"""`stafet up` as a process: started on free ports, read until it is ready, and looked at from outside."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from stafet_sdk.freeports import free_ports
from tests.cli.command import environment

PORTS = ("GATEWAY", "VAULT", "CONSOLE", "HEALTH")
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub; `said` is what it printed until it was ready, `ports` by name."""

    process: Process
    home: Path
    said: str
    ports: dict[str, int]

    @property
    def credentials(self) -> tuple[str, str]:
        """User and password of the console, as printed."""
        found = re.search(r"user (\S+), password (\S+)", self.said)
        if found is None:
            raise LookupError(f"no credentials in {self.said}")
        return found[1], found[2]

    def resident_mib(self) -> int:
        """Memory of the hub's own process."""
        return psutil.Process(self.process.pid).memory_info().rss // MEBIBYTE

    def broker(self) -> psutil.Process:
        """Find the broker that was started for this hub's home."""
        [found] = [each for each in psutil.process_iter(["cmdline"]) if self._is_broker(each)]
        return found

    def _is_broker(self, process: psutil.Process) -> bool:
        command: list[str] = process.info["cmdline"] or []
        return "kafka.Kafka" in command and any(str(self.home) in each for each in command)


@asynccontextmanager
async def hub_up(home: Path) -> AsyncGenerator[Hub]:
    """Start a hub in a folder and wait until it says that it is ready; killed at the end if it still runs."""
    ports: dict[str, int] = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    settings = {f"STAFET_{name}_PORT": str(port) for name, port in ports.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stafet_cli", "up", "--home", str(home),
        stdout=PIPE, stderr=STDOUT, env=environment(settings),
    )  # fmt: skip
    try:
        yield Hub(process, home, await _until_ready(process), ports)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_ready(process: Process) -> str:
    said = ""
    while process.stdout and (line := await process.stdout.readline()):
        said += line.decode("utf-8")
        if line.startswith(b"ready;"):
            return said
    raise ChildProcessError(f"the hub ended before it was ready: {said}")
