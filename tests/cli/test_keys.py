"""`stafet keys` on a vault's own database and files."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stafet.vault.keyfiles import create_key_files, read_key_files
from stafet_cli.keys import rotate_command, status_command
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.services.vault.opened import vault_of
from tests.services.vault.people import REGISTRATION, SECRETS

CASES = 3


@pytest.fixture
def terminal() -> Terminal:
    """A terminal."""
    return Terminal()


@pytest.fixture
async def settings(
    database_for: Callable[[str], Awaitable[Database]], dsn: str, tmp_path: Path
) -> HubSettings:
    """A home with keys, and a vault with some cases."""
    create_key_files(tmp_path)
    vault = vault_of(tmp_path, await database_for("vault"))
    for number in range(CASES):
        await vault.register(replace(REGISTRATION, message=f"m-{number}", reference=f"r-{number}"))
    return HubSettings(home=tmp_path, postgres=dsn)


class TestStatus:
    async def test_counts_data_keys_by_version_and_names_the_seal_keys(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(status_command(settings, terminal.console))
        pair = read_key_files(settings.home).seals.current
        assert code == 0
        assert f"file-1{2 * CASES:>17} data keys  current" in said
        assert f"{pair.id.hex()}       0 h old  current" in said
        assert not any(secret in said for secret in SECRETS)

    async def test_tells_of_a_rotation_that_is_not_at_its_end(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        path = settings.home / "keys" / "kek" / "2"
        path.write_bytes(bytes(32))
        path.chmod(0o600)
        code, said = await terminal.run(status_command(settings, terminal.console))
        assert code == 1
        assert "run `stafet keys rotate`" in said

    async def test_tells_of_a_version_that_is_missing(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        folder = settings.home / "keys" / "kek"
        (folder / "1").rename(folder / "7")
        code, said = await terminal.run(status_command(settings, terminal.console))
        assert code == 1
        assert f"file-1{2 * CASES:>17} data keys  MISSING" in said
        assert "restore it" in said


class TestRotate:
    async def test_says_what_it_did(self, settings: HubSettings, terminal: Terminal) -> None:
        code, said = await terminal.run(rotate_command(settings, terminal.console))
        assert (code, said) == (0, f"{2 * CASES} data keys are now under file-2; no record was changed\n")
        code, said = await terminal.run(status_command(settings, terminal.console))
        assert code == 0
        assert "unused: backups from before the rotation need it" in said

    async def test_ends_an_earlier_one(self, settings: HubSettings, terminal: Terminal) -> None:
        path = settings.home / "keys" / "kek" / "2"
        path.write_bytes(bytes(32))
        path.chmod(0o600)
        _, said = await terminal.run(rotate_command(settings, terminal.console))
        assert said.splitlines()[0] == "an earlier rotation had been cut off: this one ended it"
        assert not (settings.home / "keys" / "kek" / "3").exists()

    async def test_refuses_without_the_old_key(self, settings: HubSettings, terminal: Terminal) -> None:
        folder = settings.home / "keys" / "kek"
        (folder / "1").rename(folder / "7")
        with pytest.raises(VaultUnavailableError, match="put it back"):
            await rotate_command(settings, terminal.console)


class TestCommand:
    async def test_rotates_and_tells(self, settings: HubSettings) -> None:
        named = {"STAFET_HOME": str(settings.home), "STAFET_POSTGRES": settings.postgres}
        rotated = await asyncio.to_thread(stafet, "keys", "rotate", **named)
        assert (rotated.code, "6 data keys are now under file-2" in rotated.said) == (0, True)
        shown = await asyncio.to_thread(stafet, "keys", **named)
        assert (shown.code, "file-2" in shown.said) == (0, True)

    def test_knows_what_it_can_do(self) -> None:
        ended = stafet("keys", "shake")
        assert (ended.code, "say one of status, rotate" in ended.said) == (2, True)
