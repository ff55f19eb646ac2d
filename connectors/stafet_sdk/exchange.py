"""HTTP/1.1 over TLS to one partner: connections that are kept, one request and one whole answer at a time.

A general HTTP client costs six times as much as the request itself (`bench/SUMMARY.md`), and what it adds
(redirects, cookies, proxies, decompression) is what the hub must not do. The protocol's rules are h11's.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

import h11

from stafet_sdk.contract import Reply
from stafet_sdk.errors import ContractBroken
from stafet_sdk.tls import is_about_certificate

AT_ONCE: Final = 8
KEPT_S: Final = 4.0
"""So long an idle connection is kept: less than the five seconds after which many servers close theirs."""

PIECE_BYTES: Final = 64 * 1024

Headers = Iterable[tuple[str, str]]
OpenSocket = Callable[[], Awaitable[socket.socket]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where an https URL leads; `authority` is what goes into the header `host`."""

    host: str
    port: int
    authority: str
    target: str

    @property
    def origin(self) -> tuple[str, int]:
        """Host, in lower case, and port."""
        return self.host, self.port

    @classmethod
    def of(cls, url: str) -> "Address":
        """Read a URL.

        Raises:
            ValueError: not an https URL of a host, in ASCII.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or not url.isascii() or not url.isprintable():
            raise ValueError("not an https URL")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if " " in target:
            raise ValueError("a space in an URL")
        return cls(parts.hostname, parts.port or 443, parts.netloc.rpartition("@")[2], target)


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """A request, and how many bytes of an answer's body are taken at `most`."""

    method: str
    target: str
    headers: Headers
    body: bytes
    most: int


@dataclass(slots=True)
class Trip:
    """What is known of a call that failed; `left`: the whole request had gone out."""

    left: bool = False


class Connection(asyncio.Protocol):
    """One connection; after a failed exchange it is of no use, nor after words that nobody asked for.

    `left` says whether the last request has gone out whole, but for what the system still holds for us.
    """

    def __init__(self) -> None:
        self._protocol = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._woken = asyncio.Event()
        self._asked = self._answered = self._full = self._lost = False
        self.left = False
        self._refused: Exception | None = None
        self._idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)
        # So that it tells as soon as anything has to wait.
        self._transport.set_write_buffer_limits(high=1, low=0)

    def pause_writing(self) -> None:
        """Note that the partner does not read as fast as we write."""
        self._full = True

    def resume_writing(self) -> None:
        """Note that what waited has gone out."""
        self._full = False
        self._woken.set()

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer. What comes without a question must not answer the next one."""
        if self._asked:
            self._answered = True
            self._protocol.receive_data(data)
            self._woken.set()
        else:
            self.close()

    def eof_received(self) -> None:
        """Note that the partner says no more."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone, and whether it is for a certificate's sake."""
        if is_about_certificate(exc):
            self._refused = exc
        self._end()

    @property
    def usable(self) -> bool:
        """Say whether a request may go over it."""
        if self._lost or self._protocol.our_state is not h11.IDLE:
            return False
        return not self._idle_since or time.monotonic() - self._idle_since < KEPT_S

    async def exchange(self, call: Call) -> Reply:
        """Send a request and read its answer.

        Raises:
            ContractBroken: `answer_too_large` or `compressed_answer`.
            OSError, h11.RemoteProtocolError: there is no whole answer.
        """
        if self._transport is None or self._lost:
            raise ConnectionResetError
        request = h11.Request(method=call.method, target=call.target, headers=list(call.headers))
        events = (request, h11.Data(call.body), h11.EndOfMessage())
        self._asked, self._answered = True, False
        await self._write(self._transport, b"".join(self._protocol.send(each) or b"" for each in events))
        answer = await self._answer(call.most)
        self._asked = False
        if not self.left:
            self._lost = True
        if self._protocol.our_state is self._protocol.their_state is h11.DONE:
            if self._protocol.trailing_data[0]:
                self._lost = True
            self._protocol.start_next_cycle()
            self._idle_since = time.monotonic()
        return answer

    def close(self) -> None:
        """Hang up without a farewell, for which a partner that hangs would be waited for."""
        self._lost = True
        if self._transport is not None:
            self._transport.abort()

    async def _write(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write a piece when the one before has gone, unless an answer comes first."""
        self.left = False
        whole = memoryview(data)
        for start in range(0, len(data), PIECE_BYTES):
            while self._full and not self._lost:
                self._woken.clear()
                await self._woken.wait()
                if self._answered:
                    return
            transport.write(whole[start : start + PIECE_BYTES])
        self.left = True

    async def _answer(self, most: int) -> Reply:
        status, headers, body = 0, dict[str, str](), bytearray()
        while True:
            match await self._event():
                case h11.Response() as response:
                    status = response.status_code
                    for name, value in response.headers:
                        _add(headers, name.decode("latin-1").lower(), value.decode("latin-1"))
                    if headers.get("content-encoding", "identity").lower() != "identity":
                        raise ContractBroken("compressed_answer")
                case h11.Data(data):
                    body += data
                    if len(body) > most:
                        raise ContractBroken("answer_too_large")
                case h11.EndOfMessage():
                    return Reply(status, headers, bytes(body))
                case h11.InformationalResponse():
                    pass  # one that comes before the answer
                case _:
                    raise ConnectionResetError

    async def _event(self) -> object:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            self._woken.clear()
            await self._woken.wait()
            if self._refused is not None:
                raise self._refused
        return event

    def _end(self) -> None:
        if not self._lost:
            self._lost = True
            self._protocol.receive_data(b"")
        self._woken.set()


class Connections:
    """The connections to one server of a partner, at most AT_ONCE; a TLS handshake is dearer than all else.

    `open_socket` connects to it, or raises.
    """

    def __init__(self, tls: ssl.SSLContext, host: str, open_socket: OpenSocket) -> None:
        self._tls = tls
        self._host = host
        self._open_socket = open_socket
        self._free = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Connection] = []

    async def exchange(self, call: Call, trip: Trip) -> Reply:
        """Exchange over a kept connection or a new one; tells `trip` how far it got if there is no answer.

        Raises:
            ConnectError: there is no connection; its cause says why.
            DeliveryError, OSError, h11.RemoteProtocolError: see `Connection.exchange`.
        """
        async with self._free:
            connection = self._kept() or await self._open()
            try:
                reply = await connection.exchange(call)
            except BaseException:
                trip.left = connection.left
                connection.close()
                raise
            if connection.usable:
                self._idle.append(connection)
            else:
                connection.close()
            return reply

    async def close(self) -> None:
        """Close those that nobody uses."""
        idle, self._idle = self._idle, []
        for each in idle:
            each.close()
        await asyncio.sleep(0)

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.close()
        return None

    async def _open(self) -> Connection:
        connect = asyncio.get_running_loop().create_connection
        try:
            opened = await self._open_socket()
            _, connection = await connect(Connection, sock=opened, ssl=self._tls, server_hostname=self._host)
        except (OSError, UnicodeError) as error:
            raise ConnectError from error
        return connection


class ConnectError(Exception):
    """No connection came about; the cause is what the system or TLS said."""


def _add(headers: dict[str, str], name: str, value: str) -> None:
    headers[name] = f"{headers[name]}, {value}" if name in headers else value
