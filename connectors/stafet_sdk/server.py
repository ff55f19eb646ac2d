"""An HTTP server on this process's loop, with or without TLS. Needs the extra `services` (uvicorn)."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PATIENCE_S: Final = 2
"""How long running requests may take to end once the server stops."""


class _Introducing(H11Protocol):
    """Tells each request, in the ASGI scope's `state`, who is at the other end of its connection.

    No ASGI server does so by itself. `client_certificate` (DER or None) is what the client showed and proved;
    `hang_up` ends the connection at once.
    """

    def connection_made(  # type: ignore[override] # as uvicorn's own
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        shown = None if tls is None else tls.getpeercert(binary_form=True)
        self.app_state = {**self.app_state, "client_certificate": shown, "hang_up": transport.abort}


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
    clients: Path | None = None,
) -> AsyncGenerator[int]:
    """Serve `app` while the block runs, over TLS if there is a certificate; yields the port that was taken.

    With `clients` every client must show a certificate of one of the authorities in that file.

    Raises:
        OSError: the port is in use, or a key file is missing.
    """
    config = uvicorn.Config(
        app, http=_Introducing, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, ssl_certfile=certificate, ssl_keyfile=key, ssl_ca_certs=clients,
        ssl_cert_reqs=ssl.CERT_NONE if clients is None else ssl.CERT_REQUIRED,
        timeout_graceful_shutdown=PATIENCE_S,
    )  # fmt: skip
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
