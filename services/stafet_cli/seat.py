"""The vault's own seat: commands that work on it directly, where its key files and its database are.

Whoever sits here holds the keys; a running hub is not needed, its database is.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.app.policies import pin_policy
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

    What a restored backup brought back of erased cases is shredded again first, as at the hub's own start.

    Raises:
        VaultUnavailableError: no database, or no keys; the text says what to do.
        DataError: no policy, or (PolicyError) not the one it says it is.
    """
    async with bare_seat(settings) as session:
        await pin_policy(session)
        await Eraser(session, settings.home).replay()
        yield session


@asynccontextmanager
async def bare_seat(settings: HubSettings) -> AsyncGenerator[Session]:
    """Open the vault as it stands, for the command that replays the shred journal.

    Raises:
        VaultUnavailableError: see `vault_seat`.
    """
    keys = read_key_files(settings.home)
    database = await open_hub_database(settings, "vault")
    try:
        yield open_session(database, SystemClock(), SystemIds(), keys, VaultSettings())
    finally:
        await database.close()


async def open_hub_database(settings: HubSettings, service: str) -> Database:
    """Open a service's schema in STAFET_POSTGRES or, without it, of the hub that is up on this machine.

    Raises:
        VaultUnavailableError: no database; the text says what to do.
    """
    folder = settings.home / "postgres"
    dsn = settings.postgres or (PostgresServer(folder).dsn if (folder / "pid").exists() else "")
    if not dsn:
        raise VaultUnavailableError(NOBODY)
    try:
        return await open_database(dsn, service)
    except DATABASE_DOWN:
        raise VaultUnavailableError(NOBODY) from None
