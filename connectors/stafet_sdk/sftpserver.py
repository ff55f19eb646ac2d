"""An SFTP server on this process's loop, for simulators: SSH keys only, and nobody leaves the folder.

It follows no link, makes none, and runs nothing. Needs the extra `services` (asyncssh).
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncssh

LOGIN_S: Final = 10
COMING_IN: Final = 20
"""So many turns of the loop make a connection that was taken one that can be ended; it needs four."""

Files = Callable[["asyncssh.SSHServerChannel[bytes]", bytes], asyncssh.SFTPServer]
"""Makes the files of one session, below a folder."""


class Confined(asyncssh.SFTPServer):
    """The files below a folder, which is `/` for whoever logs in; links are seen and never followed."""

    def map_path(self, path: bytes) -> bytes:
        """Find a path below the folder; none that leads through a link to somewhere else."""
        mapped, root = super().map_path(path), self._root()
        folder = os.path.realpath(mapped.rpartition(b"/")[0])
        if mapped.rstrip(b"/") != root and folder != root and not folder.startswith(root + b"/"):
            raise asyncssh.SFTPPermissionDenied("outside")
        return mapped

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file, but no link."""
        self._refuse_link(path)
        return super().open(path, pflags, attrs)

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Tell of a link what it is, not where it leads."""
        return asyncssh.SFTPAttrs.from_local(os.lstat(self.map_path(path)))

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List a folder, but no link to one."""
        self._refuse_link(path)
        async for each in super().scandir(path):
            yield each

    async def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Change attributes, but not through a link."""
        self._refuse_link(path)
        changed = super().setstat(path, attrs)
        if changed is not None:
            await changed

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """Make no link."""
        del oldpath, newpath
        raise asyncssh.SFTPPermissionDenied("no links")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """Make no link."""
        del oldpath, newpath
        raise asyncssh.SFTPPermissionDenied("no links")

    def _root(self) -> bytes:
        return super().map_path(b"/").rstrip(b"/")

    def _refuse_link(self, path: bytes) -> None:
        if Path(os.fsdecode(self.map_path(path))).is_symlink():
            raise asyncssh.SFTPPermissionDenied("a link")


class _Door(asyncssh.SSHServer):
    """Lets users in by the keys that are theirs; knows who is in, to see them out."""

    def __init__(self, users: Mapping[str, bytes], inside: set[asyncssh.SSHServerConnection]) -> None:
        self._users = users
        self._inside = inside
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._inside.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._connection is not None:
            self._inside.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        keys = self._users.get(username, b"").decode()
        if self._connection is not None and keys:
            self._connection.set_authorized_keys(asyncssh.import_authorized_keys(keys))
        return True


@asynccontextmanager
async def serve_sftp(
    root: Path,
    host_key: bytes,
    users: Mapping[str, bytes],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    files: Files = Confined,
) -> AsyncGenerator[int]:
    """Serve the folder `root` while the block runs; yields the port that was taken.

    `host_key` is a private key in OpenSSH's format; `users` are names with the content of their
    `authorized_keys`.

    Raises:
        OSError: the port is in use.
        asyncssh.KeyImportError: the host key is none.
    """
    inside: set[asyncssh.SSHServerConnection] = set()
    folder = os.fsencode(root)

    def session(channel: "asyncssh.SSHServerChannel[bytes]") -> asyncssh.SFTPServer:
        return files(channel, folder)

    with socket.create_server((host, port)) as listener:
        server = await asyncssh.listen(
            sock=listener, server_factory=lambda: _Door(users, inside), config=None,
            server_host_keys=[asyncssh.import_private_key(host_key)],
            sftp_factory=session, allow_scp=False, encoding=None,
            password_auth=False, kbdint_auth=False, host_based_auth=False, gss_auth=False, gss_kex=False,
            agent_forwarding=False, x11_forwarding=False, compression_algs=["none"], login_timeout=LOGIN_S,
            server_version="Stafet_simulator", x509_trusted_certs=None,
        )  # fmt: skip
        try:
            yield listener.getsockname()[1]
        finally:
            # A server that closes while a connection is being made loses it, open (asyncio of Python 3.11):
            # no more are taken first, and those that were come in.
            asyncio.get_running_loop().remove_reader(listener)
            for _ in range(COMING_IN):
                await asyncio.sleep(0)
            server.close()
            for each in list(inside):
                each.abort()
            await server.wait_closed()
