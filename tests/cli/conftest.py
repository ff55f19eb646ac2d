"""What commands work on: a terminal, and a vault's own keys and database."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from stafet.vault.keyfiles import create_key_files
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from tests.cli.terminal import Terminal
from tests.services.vault.opened import vault_of
from tests.services.vault.people import REGISTRATION


@pytest.fixture
def terminal() -> Terminal:
    """A terminal."""
    return Terminal()


@pytest.fixture
def settings(dsn: str, tmp_path: Path) -> HubSettings:
    """Where the vault's keys and database are."""
    create_key_files(tmp_path / "home")
    return HubSettings(home=tmp_path / "home", postgres=dsn)


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The vault's schema."""
    return await database_for("vault")


@pytest.fixture
async def case(settings: HubSettings, database: Database) -> str:
    """A case with one message."""
    return (await vault_of(settings.home, database).register(REGISTRATION)).case
