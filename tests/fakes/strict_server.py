"""A TLS server that says why it takes no certificate, as most do: asyncio's hangs up without a word."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager

import trustme


@contextmanager
def strict_server(clients: trustme.CA) -> Generator[tuple[str, ssl.SSLContext]]:
    """Take certificates of `clients` only and answer 204; yields the URL, and whom to trust for it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.tempfile() as path:
        context.load_cert_chain(path)
    context.load_verify_locations(cadata=clients.cert_pem.bytes().decode())
    context.verify_mode = ssl.CERT_REQUIRED
    trust = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=_serve, args=(listener, context))
        serving.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}", trust
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            serving.join()


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listener.accept()
            with plain, contextlib.suppress(OSError):
                _answer(plain, context)


def _answer(plain: socket.socket, context: ssl.SSLContext) -> None:
    # The descriptor stays ours, so that we can read what is still coming: closing over it would reset.
    secured = context.wrap_socket(plain.dup(), server_side=True, do_handshake_on_connect=False)
    try:
        with secured:
            secured.do_handshake()
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 204 Taken\r\n\r\n")
    finally:
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(65536):
            pass
