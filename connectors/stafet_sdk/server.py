"""An HTTP server on this process's loop, with or without TLS. Needs the extra `services` (uvicorn).

A TLS client is asked for its certificate where `clients` says whom to trust. uvicorn does not pass it on, so
that is done here, in the scope's `state`: nothing that a client can write in a request.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PATIENCE_S: Final = 2
"""How long running requests may take to end once the server stops."""

_NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: who shows an expired certificate is told so in words, by who checks the pin."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Whose certificates TLS clients may show; `refused` hears of all others.

    Where one is `required`, it must be valid now, too, and nobody is served without.
    """

    authority: Path
    refused: Callable[[], None] = lambda: None
    required: bool = False


def client_certificate(scope: Mapping[str, Any]) -> bytes | None:
    """Return the certificate (DER) that the TLS client of a request showed and proved; None without one."""
    shown: bytes | None = scope.get("state", {}).get("client_certificate")
    return shown


class _Introducing(H11Protocol):
    """Tells each request, in the ASGI scope's `state`, who is at the other end of its connection.

    No ASGI server does so by itself. `client_certificate` (DER or None) is what the client showed and proved;
    `hang_up` ends the connection at once.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        tls = cast("ssl.SSLObject | None", transport.get_extra_info("ssl_object"))
        shown = None if tls is None else tls.getpeercert(binary_form=True)
        self.app_state = {**self.app_state, "client_certificate": shown, "hang_up": transport.abort}


def _ask_for_certificates(context: ssl.SSLContext, clients: Clients) -> None:
    class Handshake(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except ssl.SSLCertVerificationError:
                clients.refused()
                raise

    context.load_verify_locations(clients.authority)
    if clients.required:
        context.verify_mode = ssl.CERT_REQUIRED
    else:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= _NO_CHECK_TIME
    context.sslobject_class = Handshake


class _Server(uvicorn.Server):
    """Leaves the process's signal handlers alone: whoever runs the server decides about signals."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def serve(
    app: "ASGIApp",
    host: str,
    port: int,
    certificate: Path | None = None,
    key: Path | None = None,
    *,
    clients: Clients | None = None,
) -> AsyncGenerator[int]:
    """Serve `app` while the block runs, over TLS if there is a certificate; yields the port that was taken.

    Raises:
        OSError: the port is in use, or a key file is missing.
    """
    config = uvicorn.Config(
        app, http=_Introducing, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, ssl_certfile=certificate, ssl_keyfile=key,
        timeout_graceful_shutdown=PATIENCE_S,
    )  # fmt: skip
    config.load()
    if config.ssl is not None and clients is not None:
        _ask_for_certificates(config.ssl, clients)
    server = _Server(config)
    with socket.create_server((host, port)) as listener:
        # As asyncio does with its own sockets; without it an answer waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                if running.done():
                    await running
                    raise OSError("the server did not start; its log says why")
                await asyncio.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            while not running.done():
                # An idle TLS connection ends when its client next looks at it: only requests are waited for.
                if not server.server_state.tasks:
                    _hang_up(server)
                await asyncio.sleep(0.02)
            await running


def _hang_up(server: _Server) -> None:
    for each in list(server.server_state.connections):
        # A connection is on the list only once it has its transport.
        each.transport.abort()
