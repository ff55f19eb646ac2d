"""HTTP/1.1 over TLS to one partner: connections that are kept, one request and one whole answer at a time.

A general HTTP client costs six times as much as the request itself (`bench/SUMMARY.md`), and what it adds
(redirects, cookies, proxies, decompression) is what a push must not do. The protocol's rules are h11's.
"""

import asyncio
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

import h11

from stafet_sdk.contract import Reply
from stafet_sdk.errors import ContractBroken

AT_ONCE: Final = 8
KEPT_S: Final = 4.0
"""So long an idle connection is kept: less than the five seconds after which many servers close theirs."""

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where an https URL leads; `authority` is what goes into the header `host`."""

    host: str
    port: int
    authority: str
    target: str

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


class Connection(asyncio.Protocol):
    """One connection; after a failed exchange it is of no use, nor after words that nobody asked for."""

    def __init__(self) -> None:
        self._protocol = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._woken = asyncio.Event()
        self._asked = self._lost = False
        self._idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer. What comes without a question must not answer the next one."""
        if self._asked:
            self._protocol.receive_data(data)
            self._woken.set()
        else:
            self.close()

    def eof_received(self) -> None:
        """Note that the partner says no more."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone."""
        del exc
        self._end()

    @property
    def usable(self) -> bool:
        """Say whether a request may go over it."""
        if self._lost or self._protocol.our_state is not h11.IDLE:
            return False
        return not self._idle_since or time.monotonic() - self._idle_since < KEPT_S

    async def exchange(self, target: str, headers: Headers, body: bytes, most: int) -> Reply:
        """Send a POST and read its answer, with a body of at most `most` bytes.

        Raises:
            ContractBroken: `answer_too_large`.
            OSError, h11.RemoteProtocolError: there is no whole answer.
        """
        if self._transport is None or self._lost:
            raise ConnectionResetError
        request = h11.Request(method="POST", target=target, headers=list(headers))
        events = (request, h11.Data(body), h11.EndOfMessage())
        self._asked = True
        self._transport.write(b"".join(self._protocol.send(each) or b"" for each in events))
        answer = await self._answer(most)
        self._asked = False
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

    async def _answer(self, most: int) -> Reply:
        status, headers, body = 0, dict[str, str](), bytearray()
        while True:
            match await self._event():
                case h11.Response() as response:
                    status = response.status_code
                    for name, value in response.headers:
                        _add(headers, name.decode("latin-1").lower(), value.decode("latin-1"))
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
        return event

    def _end(self) -> None:
        if not self._lost:
            self._lost = True
            self._protocol.receive_data(b"")
        self._woken.set()


class Connections:
    """The connections to one partner, at most AT_ONCE of them; a TLS handshake is dearer than all else."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._free = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Connection] = []

    async def post(self, address: Address, headers: Headers, body: bytes, most: int) -> Reply:
        """Exchange over a kept connection or a new one.

        Raises:
            ConnectError: there is no connection; its cause says why.
            ContractBroken, OSError, h11.RemoteProtocolError: see `Connection.exchange`.
        """
        async with self._free:
            connection = self._kept() or await self._open(address)
            try:
                reply = await connection.exchange(address.target, headers, body, most)
            except BaseException:
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

    async def _open(self, address: Address) -> Connection:
        connect = asyncio.get_running_loop().create_connection
        try:
            _, connection = await connect(Connection, address.host, address.port, ssl=self._tls)
        except OSError as error:
            raise ConnectError from error
        return connection


class ConnectError(Exception):
    """No connection came about; the cause is what the system or TLS said."""


def _add(headers: dict[str, str], name: str, value: str) -> None:
    headers[name] = f"{headers[name]}, {value}" if name in headers else value
