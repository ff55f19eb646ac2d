"""Wait for a condition of the real world: the test ends when it holds, not when a guessed time is over."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> None:
    """Return as soon as `holds`; raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - another process is waited for, which tells nobody
            await asyncio.sleep(0.02)
