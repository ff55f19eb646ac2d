"""`stafet keys` on a vault's own database and files."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from stafet.vault.adapters.filekeys import FileKeys
from stafet.vault.keyfiles import create_key_files, read_key_files
from stafet_cli.doctor_checks import Surroundings
from stafet_cli.doctor_vault import check_erasures
from stafet_cli.erase import erase_command
from stafet_cli.keys import retire_command, rotate_command, status_command
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.fakes.clock import FakeClock
from tests.services.vault.opened import vault_of
from tests.services.vault.people import REGISTRATION, SECRETS

CASES = 3


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
        assert "unused: dumps from before the rotation need it" in said

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


class TestRetire:
    async def test_says_first_what_no_longer_opens_and_does_nothing(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        await erased(settings, terminal)
        await terminal.run(rotate_command(settings, terminal.console))
        code, said = await terminal.run(retire_command(settings, "file-1", terminal.console, sure=False))
        assert code == 1
        assert (
            said.splitlines()[0] == "dumps taken while data keys were under file-1 still open 1 erased case"
        )
        assert "take a fresh dump now" in said
        assert (settings.home / "keys" / "kek" / "1").exists()

    async def test_destroys_it_when_told_to(self, settings: HubSettings, terminal: Terminal) -> None:
        case = await erased(settings, terminal)
        await terminal.run(rotate_command(settings, terminal.console))
        code, said = await terminal.run(retire_command(settings, "file-1", terminal.console, sure=True))
        assert (code, said) == (0, "file-1 is destroyed: no dump that needs it opens any more, of no case\n")
        code, said = await terminal.run(status_command(settings, terminal.console))
        assert (code, "file-1" in said) == (0, False)
        _, said = await terminal.run(erase(settings, case, terminal))
        assert "none opens it" in said

    async def test_until_then_erasing_and_the_status_tell_of_it(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        case = await erased(settings, terminal)
        _, said = await terminal.run(erase(settings, case, terminal))
        assert "opens it until retired: file-1: `stafet keys rotate`, take a fresh dump, then" in said
        _, said = await terminal.run(status_command(settings, terminal.console))
        assert "1 erased case that dumps still open until file-1 is retired" in said

    async def test_refuses_what_is_needed_before_it_says_anything(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        retire = partial(retire_command, settings, "file-1", terminal.console, sure=False)
        with pytest.raises(VaultUnavailableError, match="is the newest"):
            await retire()
        FileKeys(settings.home / "keys").rotate()
        with pytest.raises(VaultUnavailableError, match="data keys are under file-1"):
            await retire()
        assert terminal.said() == ""


class TestDoctor:
    async def test_fails_a_month_after_an_erasure_that_old_dumps_undo(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        await erased(settings, terminal)
        now = datetime.now(UTC)
        on_day = {
            days: await check_erasures(
                Surroundings(settings, clock=FakeClock(now + timedelta(days=days, hours=1)))
            )
            for days in (0, 29, 30)
        }
        assert {days: each.ok for days, each in on_day.items()} == {0: True, 29: True, 30: False}
        assert "cases under file-1 -> `stafet keys rotate`" in on_day[30].line

    async def test_says_what_is_not_here(self, settings: HubSettings, tmp_path: Path) -> None:
        elsewhere = settings.model_copy(update={"home": tmp_path / "elsewhere"})
        for each in (HubSettings(home=tmp_path, postgres=""), elsewhere):
            assert (await check_erasures(Surroundings(each))).ok is None


class TestCommand:
    async def test_rotates_retires_and_tells(self, settings: HubSettings) -> None:
        named = {"STAFET_HOME": str(settings.home), "STAFET_POSTGRES": settings.postgres}
        rotated = await asyncio.to_thread(stafet, "keys", "rotate", **named)
        assert (rotated.code, "6 data keys are now under file-2" in rotated.said) == (0, True)
        retired = await asyncio.to_thread(stafet, "keys", "retire", "file-1", "--yes", **named)
        assert (retired.code, "file-1 is destroyed" in retired.said) == (0, True)
        shown = await asyncio.to_thread(stafet, "keys", **named)
        assert (shown.code, "file-2" in shown.said) == (0, True)

    def test_knows_what_it_can_do(self) -> None:
        ended = stafet("keys", "retire")
        assert (ended.code, "say one of status, rotate, retire VERSION" in ended.said) == (2, True)


async def erased(settings: HubSettings, terminal: Terminal) -> str:
    """Erase one of the cases; return it."""
    connection = await asyncpg.connect(settings.postgres)
    case: str = await connection.fetchval("select min(case_id) from vault.cases")
    await connection.close()
    await terminal.run(erase(settings, case, terminal))
    return case


def erase(settings: HubSettings, case: str, terminal: Terminal) -> Coroutine[Any, Any, int]:
    """Erase a case as the command does."""
    return erase_command(settings, case, reason="objection", by="D", output=terminal.console)
