"""A vault on a real database with its own fresh keys."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet.vault.app.build import build
from stafet.vault.app.local import LocalVault
from stafet.vault.keyfiles import KeyFiles, create_key_files, read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds


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
    return build(database, clock, ids, key_files, VaultSettings())[1]
