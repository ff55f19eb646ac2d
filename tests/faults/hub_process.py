"""`stafet up` as a process of its own, on the servers and ports of a test's hub."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.walk.whole_hub import WholeHub


@asynccontextmanager
async def process_of(hub: WholeHub) -> AsyncGenerator[subprocess.Popen[bytes]]:
    """Start it, wait until it can work, and see that it has ended at the end."""
    settings = hub.settings.model_dump(
        include={"kafka", "postgres", "topic_prefix", "gateway_port", "console_port", "health_port"}
    )
    environment = os.environ | {f"STAFET_{name.upper()}": str(value) for name, value in settings.items()}
    with (hub.home / "said.log").open("ab") as said:
        command = [sys.executable, "-m", "stafet_cli", "up", f"--home={hub.home}"]
        process = await asyncio.to_thread(
            subprocess.Popen, command, env=environment, stdout=said, stderr=said
        )
    try:
        await hub.ready()
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
