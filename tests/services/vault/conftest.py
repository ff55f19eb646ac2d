"""A vault on a real database with its own fresh keys."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet.vault.app.erasures import Eraser
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.app.reveals import Revealer
from stafet.vault.keyfiles import KeyFiles, create_key_files, read_key_files
from stafet.vault.keys import VaultKeys
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import StoredRecord
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.erasing import eraser
from tests.services.vault.ledgering import (
    Written,
    open_notary,
    write,
)
from tests.services.vault.opened import opened_vault
from tests.services.vault.people import REGISTRATION
from tests.services.vault.revealing import session_of


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at noon."""
    return FakeClock(datetime(2026, 11, 24, 12, tzinfo=UTC))


@pytest.fixture
def ids() -> FakeIds:
    """Ids in sequence."""
    return FakeIds()


@pytest.fixture
def key_files(tmp_path: Path) -> KeyFiles:
    """New keys."""
    create_key_files(tmp_path)
    return read_key_files(tmp_path)


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The vault's own empty schema."""
    return await database_for("vault")


@pytest.fixture
def vault(database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> LocalVault:
    """A vault in this process."""
    return opened_vault(database, clock, ids, key_files, VaultSettings())[1]


@pytest.fixture
def opened(
    database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles
) -> tuple[Notary, VaultKeys]:
    """A notary and the keys of its hub."""
    return open_notary(database, clock, ids, key_files)


@pytest.fixture
def notary(opened: tuple[Notary, VaultKeys]) -> Notary:
    """A notary."""
    return opened[0]


@pytest.fixture
def keys(opened: tuple[Notary, VaultKeys]) -> VaultKeys:
    """The keys of its hub."""
    return opened[1]


@pytest.fixture
def desk(database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> Eraser:
    """Who erases cases."""
    return eraser(database, clock, ids, key_files.folder.parent)


@pytest.fixture
async def fresh(vault: LocalVault) -> Written:
    """A ledger with rows in it that no tree head has yet."""
    return await write(vault)


@pytest.fixture
async def signed(fresh: Written, notary: Notary) -> Written:
    """A ledger with a tree head over all rows."""
    await notary.sign()
    return fresh


@pytest.fixture
async def stored(vault: LocalVault) -> StoredRecord:
    """A registered message."""
    return await vault.register(REGISTRATION)


@pytest.fixture
def revealer(database: Database, clock: FakeClock, key_files: KeyFiles, vault: LocalVault) -> Revealer:
    """A revealer of the same vault."""
    assert vault is not None
    return Revealer(session_of(database, clock, FakeIds(9), key_files))
