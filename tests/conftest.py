"""One real Kafka and PostgreSQL for the session of each worker; each test has its own database and topics."""

import itertools
import logging
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
import structlog
from hypothesis import settings

from stafet_runtime.database import Database, migrate, open_database
from stafet_runtime.embedded import embedded_kafka, embedded_postgres
from stafet_runtime.settings import SERVICES

TEMPLATE = "stafet_template"
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 << 30
"""Bytes that must be free there, so that the servers of several workers have room."""

# How long an example takes is the machine's affair: no test may fail for it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def plain_logging() -> Generator[None]:
    """Take back what a test has configured: the next one reads its own output."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def servers() -> Generator[Path]:
    """Give the folder of the session's servers.

    Not below pytest's own: another pytest of the same user closes that to the account PostgreSQL runs under.
    In memory where there is room: a database is hundreds of files, and a disk that has just deleted as many
    takes ten times as long to make them.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    with TemporaryDirectory(prefix="stafet-tests-", dir=MEMORY if roomy else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
async def kafka(servers: Path) -> AsyncGenerator[str]:
    """Bootstrap address of the session's broker."""
    async with embedded_kafka(servers / "kafka") as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
async def postgres(servers: Path) -> AsyncGenerator[str]:
    """Administrator's DSN of the session's server, which has a migrated template."""
    async with embedded_postgres(servers / "postgres") as dsn:
        # Nobody pulls the plug of a test's machine; and a server that is killed loses nothing by it.
        await _administer(dsn, "alter system set fsync = off", "select pg_reload_conf()")
        await _administer(dsn, f"create database {TEMPLATE}")
        await migrate(_named(dsn, TEMPLATE), SERVICES)
        yield dsn


@pytest.fixture
async def dsn(postgres: str) -> AsyncGenerator[str]:
    """DSN of the test's own database: every service's schema, migrated and empty."""
    name = f"test_{next(_numbers)}"
    await _administer(postgres, f"create database {name} template {TEMPLATE} strategy file_copy")
    yield _named(postgres, name)
    await _administer(postgres, f"drop database {name} with (force)")


@pytest.fixture
async def database_for(dsn: str) -> AsyncGenerator[Callable[[str], Awaitable[Database]]]:
    """Open a service's way into its schema of the test's database; closed at the end."""
    opened: list[Database] = []

    async def open_one(service: str) -> Database:
        opened.append(await open_database(dsn, service))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()


@pytest.fixture
def topic_prefix() -> str:
    """Prefix of the test's own topics and consumer groups."""
    return f"t{next(_numbers)}-"


def _named(dsn: str, database: str) -> str:
    return dsn.replace("@/postgres?", f"@/{database}?", 1)


async def _administer(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for each in statements:
            await connection.execute(each)
    finally:
        await connection.close()
