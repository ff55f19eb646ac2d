"""A partner's HTTPS server that behaves as badly as a script says, on a real socket."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import trustme

LOOPBACK = ("127.0.0.0/8",)
"""What a partner's file lists so that the hub may connect to a server of a test."""

Writer = asyncio.StreamWriter
Script = Callable[[Writer], Awaitable[None]]


@dataclass
class PartnerServer:
    """What a test sees of the server: its URL, whose certificate it has, and the requests that came, raw."""

    url: str
    trust: ssl.SSLContext
    requests: list[bytes] = field(default_factory=list[bytes])
    clients: list[str] = field(default_factory=list[str])
    """Common name of the client certificate behind each request, empty without one."""
    connections: int = 0


@asynccontextmanager
async def partner_server(
    script: Script,
    *,
    clients: trustme.CA | None = None,
    not_after: datetime | None = None,
    reading: bool = True,
) -> AsyncGenerator[PartnerServer]:
    """Serve on a free port of 127.0.0.1; every request is read whole and then left to `script`.

    `clients` is the authority of the certificates that clients must have; ours is good until `not_after`.
    Without `reading` the script does all there is to do with a connection.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued = authority.issue_cert("127.0.0.1", not_after=not_after)
    with issued.private_key_and_cert_chain_pem.tempfile() as path:
        context.load_cert_chain(path)
    if clients is not None:
        context.load_verify_locations(cadata=clients.cert_pem.bytes().decode())
        context.verify_mode = ssl.CERT_REQUIRED
    trust = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            served.connections += 1
            while True:
                if not reading:
                    await script(writer)
                served.requests.append(await read_request(reader))
                served.clients.append(_common_name(writer))
                await script(writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            running.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    served = PartnerServer(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", trust)
    try:
        yield served
    finally:
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _common_name(writer: Writer) -> str:
    shown: dict[str, tuple[tuple[tuple[str, str], ...], ...]] = writer.get_extra_info("peercert") or {}
    return dict(name for part in shown.get("subject", ()) for name in part).get("commonName", "")


@asynccontextmanager
async def answers_unread(answer: bytes) -> AsyncGenerator[PartnerServer]:
    """Serve on a free port: answer without taking more of a request than the sockets' buffers do."""

    async def script(writer: Writer) -> None:
        cast("asyncio.ReadTransport", writer.transport).pause_reading()
        writer.write(answer)
        await asyncio.Event().wait()

    async with partner_server(script, reading=False) as server:
        yield server


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request with content-length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)


def answers(status: str, headers: str = "", body: bytes = b"") -> Script:
    """Answer every request so; `headers` are lines that end in CRLF."""

    async def script(writer: Writer) -> None:
        writer.write(f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body)

    return script


async def answers_twice(writer: Writer) -> None:
    """Answer, and in the same breath refuse what was not asked yet."""
    writer.write(
        b"".join(b"HTTP/1.1 %s\r\ncontent-length: 0\r\n\r\n" % each for each in (b"200 OK", b"403 No"))
    )


async def hangs(writer: Writer) -> None:
    """Take the request and never answer."""
    del writer
    await asyncio.Event().wait()


async def drips(writer: Writer) -> None:
    """Promise a body and send it a byte at a time, faster than any time-out between bytes."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    for _ in range(100_000):
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.01)


class Flood:
    """Send 100 MB without saying how much it will be; `sent` counts what the other side let through."""

    def __init__(self) -> None:
        self.sent = 0

    async def __call__(self, writer: Writer) -> None:
        """Send until the other side hangs up."""
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        while self.sent < 100_000_000:
            writer.write(chunk)
            await writer.drain()
            self.sent += len(chunk)


async def resets(writer: Writer) -> None:
    """Cut the connection."""
    writer.transport.abort()


async def babbles(writer: Writer) -> None:
    """Answer something that is not HTTP."""
    writer.write(b"220 mail.example ESMTP\r\n\r\n")


async def breaks_off(writer: Writer) -> None:
    """Stop in the middle of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")
    await writer.drain()
    writer.close()
