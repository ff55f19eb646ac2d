"""A transfer that is cut leaves nothing behind: no request that failed unheard, no connection."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, Final

import pytest

from stafet_sdk.errors import Retriable
from stafet_sdk.sftpserver import Confined
from stafet_sdk.sftpsession import CHUNK_BYTES, Session, open_session
from tests.sdk.sftp_sites import own_server

CONTENT: Final = bytes(4 * CHUNK_BYTES)
NAME: Final = "beds.csv"


class Halting(Confined):
    """Answers no question about a file's content; says when it is asked one."""

    asked: ClassVar[asyncio.Event]

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Wait for the end."""
        del file_obj, offset, size
        self.asked.set()
        await self.connection.wait_closed()
        return b""

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Wait for the end."""
        del file_obj, offset
        self.asked.set()
        await self.connection.wait_closed()
        return len(data)


class HangingUp(Halting):
    """Cuts the connection at the first question."""

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Cut."""
        self.connection.abort()
        return await super().read(file_obj, offset, size)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Cut."""
        self.connection.abort()
        return await super().write(file_obj, offset, data)


async def read(session: Session) -> None:
    """Fetch the file."""
    known = await session.entry("OUT", NAME)
    assert known is not None
    await session.read("OUT", known, NAME)


async def write(session: Session) -> None:
    """Put a file."""
    await session.write("IN", NAME, CONTENT)


Transfer = Callable[[Session], Awaitable[None]]


@pytest.fixture
async def unheard() -> AsyncGenerator[list[str]]:
    """Collect what the loop is told of tasks that failed and that nobody looked at."""
    loop, told = asyncio.get_running_loop(), list[str]()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: told.append(str(context["message"])))
    yield told
    loop.set_exception_handler(before)


@asynccontextmanager
async def begun(root: Path, server: type[Halting], transfer: Transfer) -> AsyncGenerator[asyncio.Task[None]]:
    """Begin a transfer, with five seconds for it; the block runs once the server was asked."""
    server.asked = asyncio.Event()
    async with own_server(root / "site", server) as site:
        site.drop(NAME, CONTENT)

        async def transferring() -> None:
            async with open_session(site.partner, 5.0) as session:
                with session.within(5.0):
                    await transfer(session)

        task = asyncio.create_task(transferring())
        await server.asked.wait()
        yield task


@pytest.mark.parametrize("transfer", [read, write])
class TestATransferThatIsCut:
    async def test_by_the_server_leaves_no_request_unheard(
        self, tmp_path: Path, transfer: Transfer, unheard: list[str]
    ) -> None:
        async with begun(tmp_path, HangingUp, transfer) as task:
            with pytest.raises(Retriable, match=r"^(broken_connection|connect)$"):
                await task
        gc.collect()
        assert unheard == []

    async def test_by_whoever_runs_it_leaves_no_request_unheard(
        self, tmp_path: Path, transfer: Transfer, unheard: list[str]
    ) -> None:
        async with begun(tmp_path, Halting, transfer) as task:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        del task
        gc.collect()
        assert unheard == []
