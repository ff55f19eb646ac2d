"""A Maven repository over HTTP on loopback that serves what a test put into it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class FakeMaven:
    """Files by path (`/group/artifact/version/file`); `asked` keeps the paths of all requests."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[str] = field(default_factory=list[str])

    def publish(self, coordinate: str, content: bytes) -> None:
        """Serve `content` as the jar of `group:artifact:version`."""
        group, artifact, version = coordinate.split(":")
        path = f"/{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.jar"
        self.files[path] = content


@contextmanager
def fake_maven() -> Generator[FakeMaven]:
    """Serve a `FakeMaven` until the block ends; afterwards its port refuses connections."""
    maven = FakeMaven()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            maven.asked.append(self.path)
            content = maven.files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Stay silent: `asked` is the record."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    maven.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield maven
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
