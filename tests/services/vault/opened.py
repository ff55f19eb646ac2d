"""The vault as the hub composes it, from the parts that a test has."""

from pathlib import Path

from stafet.vault.app.build import build, open_session
from stafet.vault.app.local import LocalVault
from stafet.vault.keyfiles import KeyFiles, read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import Clock, Ids, SystemClock, SystemIds
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def opened_vault(
    database: Database, clock: Clock, ids: Ids, key_files: KeyFiles, settings: VaultSettings
) -> tuple[Service, LocalVault]:
    """Open a session and build the service on it."""
    session = open_session(database, clock, ids, key_files, settings)
    return build(session, key_files.folder.parent, settings)


def vault_of(home: Path, database: Database) -> LocalVault:
    """Open the vault of a home that has keys, by the machine's clock."""
    return opened_vault(database, SystemClock(), SystemIds(), read_key_files(home), VaultSettings())[1]
