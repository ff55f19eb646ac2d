"""Several takers of one stream, each at its own pace: one waits for its database while another works."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

T = TypeVar("T")
Take = Callable[[Sequence[T]], Awaitable[None]]
HandOut = Callable[[Sequence[Sequence[T]]], Awaitable[None]]

AHEAD: Final = 2
"""So many batches wait for each: what is in memory is bounded by them."""


@asynccontextmanager
async def at_once(takers: Sequence[Take[T]]) -> AsyncGenerator[HandOut[T]]:
    """Yield what hands a batch to each taker, if it is not empty; on leaving, all have taken theirs.

    Raises:
        Exception: the first that a taker raised; the others are stopped then.
    """
    queues: list[asyncio.Queue[Sequence[T] | None]] = [asyncio.Queue(AHEAD) for _ in takers]

    async def hand_out(batches: Sequence[Sequence[T]]) -> None:
        for queue, batch in zip(queues, batches, strict=True):
            if batch:
                await queue.put(batch)

    try:
        async with asyncio.TaskGroup() as group:
            for taker, queue in zip(takers, queues, strict=True):
                group.create_task(_work(taker, queue))
            yield hand_out
            for each in queues:
                await each.put(None)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _work(take: Take[T], queue: asyncio.Queue[Sequence[T] | None]) -> None:
    while (batch := await queue.get()) is not None:
        await take(batch)
