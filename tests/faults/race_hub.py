"""A whole hub as a process of its own that is killed in the middle and started again at once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from stafet_runtime.settings import SERVICES
from tests.walk.whole_hub import WholeHub

RETRY_S: Final = 0.2
TRIES: Final = 50
NAMED: Final = {"kafka", "postgres", "topic_prefix", "gateway_port", "console_port", "health_port"}


class KilledHub:
    """The process: `up` while it works, `kills` says how often it was killed."""

    def __init__(self, hub: WholeHub, policy: Path) -> None:
        self.up = asyncio.Event()
        self.kills = 0
        self._hub = hub
        self._killed = asyncio.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = os.environ | {
            **{f"STAFET_{name.upper()}": str(getattr(hub.settings, name)) for name in NAMED},
            "STAFET_INSTANCE": "race",
            "STAFET_VAULT_POLICY": str(policy),
            "STAFET_DISPATCH_SCHEDULE_S": str([RETRY_S] * TRIES),
        }

    def kill(self) -> None:
        """Kill it, by SIGKILL."""
        self.up.clear()
        self.kills += 1
        if self._process is not None:
            self._process.kill()
        self._killed.set()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Start it, and again each time that it was killed."""
        reviving = asyncio.create_task(self._revive())
        try:
            await self.up.wait()
            yield
        finally:
            reviving.cancel()
            await asyncio.gather(reviving, return_exceptions=True)
            await self._end()

    async def _start(self) -> None:
        self._process = self._spawned()
        await self._hub.ready()
        self.up.set()

    def _spawned(self) -> subprocess.Popen[bytes]:
        # Not in a thread: what is cancelled there would leave a process that nobody knows.
        command = [sys.executable, "-m", "stafet_cli", "run", *SERVICES, f"--home={self._hub.home}"]
        with (self._hub.home / "said.log").open("ab") as said:
            return subprocess.Popen(command, env=self._environment, stdout=said, stderr=said)

    async def _revive(self) -> None:
        while True:
            await self._start()
            await self._killed.wait()
            self._killed.clear()
            await self._end()

    async def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
