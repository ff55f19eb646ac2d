"""An eraser beside a vault, dumps of its database, and what is left of a case."""

import subprocess
from dataclasses import replace
from pathlib import Path

import asyncpg

from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.keyfiles import read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.embedded.postgres import find_programs
from stafet_schemas.groups import Group
from tests.services.vault.people import REGISTRATION, VALUES

WITH_PERPETRATOR = replace(
    REGISTRATION, values={**VALUES, Group.PERPETRATOR: {"text": "Man in a Testgrey coat"}}
)
TABLES_OF_A_CASE = ("aliases", "records", "record_values", "messages")


def eraser(database: Database, clock: Clock, ids: Ids, home: Path) -> Eraser:
    """An eraser of a home's vault, as another process would have it."""
    return Eraser(open_session(database, clock, ids, read_key_files(home), VaultSettings()), home)


async def left(database: Database) -> dict[str, int]:
    """Count the rows of all cases by table."""
    return {
        table: await database.pool.fetchval(f"select count(*) from {table}")  # noqa: S608 - names of ours
        for table in TABLES_OF_A_CASE
    }


def dump(dsn: str, path: Path) -> None:
    """Write a dump as an operator's nightly backup would."""
    _run("pg_dump", "--format=custom", "--schema=vault", f"--file={path}", f"--dbname={dsn}")


async def restore(dsn: str, path: Path) -> None:
    """Put the vault's schema back as it was in a dump."""
    admin = await asyncpg.connect(dsn)
    try:
        await admin.execute("drop schema vault cascade")
    finally:
        await admin.close()
    _run("pg_restore", f"--dbname={dsn}", str(path))


def _run(program: str, *arguments: str) -> None:
    subprocess.run([find_programs() / program, *arguments], check=True, capture_output=True)
