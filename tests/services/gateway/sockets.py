"""Bare connections: for senders that announce one thing and do another."""

import asyncio
import itertools
import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from stafet_connectors.police.samples import post

CODES = re.compile(rb"too_large|timeout")


@dataclass
class Stream:
    """One connection; `answer` waits until the server has closed it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *headers: str, agency: str = "police") -> None:
        """Send the head of a request."""
        lines = [
            f"POST /agencies/{agency}/inbox HTTP/1.1",
            "host: hub.example",
            *(f"{name}: {value}" for name, value in post(b"").headers.items()),
            *headers,
        ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.writer.drain()

    async def chunk(self, content: bytes) -> None:
        """Send a piece of a chunked body."""
        self.writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        await self.writer.drain()

    async def answer(self) -> tuple[int, str]:
        """Read status and code of an answer after which the server hangs up."""
        text = await self.reader.read()
        assert b"connection: close" in text.lower()
        found = CODES.search(text)
        return int(text.split(b" ", 2)[1]), found.group().decode() if found else ""


@asynccontextmanager
async def opened(port: int) -> AsyncGenerator[Stream]:
    """Connect."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Stream(reader, writer)
    finally:
        writer.transport.abort()


def say_all_then_listen(port: int, framing: str, size: int) -> bytes:
    """Send a whole request before reading anything, as simple clients do; return the answer."""
    head = (b"POST /agencies/police/inbox HTTP/1.1", b"host: hub.example", framing.encode(), b"", b"")
    body = b"x" * size
    if "chunked" in framing:
        body = f"{size:x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        sender.sendall(b"\r\n".join(head))
        for start in range(0, len(body), 16 * 1024):
            sender.sendall(body[start : start + 16 * 1024])
        answer = b""
        while piece := sender.recv(64 * 1024):
            answer += piece
    return answer


async def hang_up(port: int) -> None:
    """Break off in the middle of a body."""
    async with opened(port) as stream:
        await stream.say("content-length: 100")
        stream.writer.write(b"<soap")
        await stream.writer.drain()


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; the test's own time-out ends an endless wait."""
    for _ in itertools.count():
        if condition():
            return
        await asyncio.sleep(0.005)
