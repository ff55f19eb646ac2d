"""The vault's own seat: commands that work on it directly, where its key files and its database are.

Whoever sits here holds the keys; a running hub is not needed, its database is.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from stafet.vault.app.build import open_session
from stafet.vault.app.session import Session
from stafet.vault.keyfiles import read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import DATABASE_DOWN, Database, open_database
from stafet_runtime.embedded import PostgresServer
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError

NOBODY: Final = "no database: start the hub with `stafet up`, or set STAFET_POSTGRES"


@asynccontextmanager
async def vault_seat(settings: HubSettings) -> AsyncGenerator[Session]:
    """Open the vault of STAFET_POSTGRES or, without it, of the hub that is up on this machine.

    Raises:
        VaultUnavailableError: no database, no keys, or no policy; the text says what to do.
    """
    keys = read_key_files(settings.home)
    database = await _database(settings)
    try:
        yield open_session(database, SystemClock(), SystemIds(), keys, VaultSettings())
    finally:
        await database.close()


async def _database(settings: HubSettings) -> Database:
    folder = settings.home / "postgres"
    dsn = settings.postgres or (PostgresServer(folder).dsn if (folder / "pid").exists() else "")
    if not dsn:
        raise VaultUnavailableError(NOBODY)
    try:
        return await open_database(dsn, "vault")
    except DATABASE_DOWN:
        raise VaultUnavailableError(NOBODY) from None
