"""`stafet erase` and `stafet hold` on a vault's own database and files."""

import asyncio
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from stafet.vault.keyfiles import create_key_files
from stafet_cli.credentials import Wanted, create
from stafet_cli.erase import (
    Order,
    check_command,
    erase_command,
    hold_command,
    holds_command,
    lift_command,
    replay_command,
)
from stafet_cli.hub import prepare, running
from stafet_cli.up import local_endpoints
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.services.vault.erasing import dump, restore
from tests.services.vault.people import SECRETS

REASON = "no_longer_needed"
ORDER = Order("archive", "journal 47", "A. Archivist", date(2999, 12, 31))


class TestErase:
    """Forgetting."""

    async def test_prints_what_it_destroyed_and_where_the_certificate_is(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(
            erase_command(settings, case, reason=REASON, by="D", output=terminal.console)
        )
        assert code == 0
        assert "1 aliases, 2 keys, 1 messages, 1 records, 5 values" in said
        assert f"{REASON} (GDPR art. 17(1)(a))" in said
        path = next((settings.home / "certificates").glob("*.json"))
        assert str(path) in said
        assert [each for each in SECRETS if each in said + path.read_text(encoding="utf-8")] == []

    async def test_says_so_when_it_was_done_before(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        erase = partial(erase_command, settings, case, reason=REASON, by="D", output=terminal.console)
        await terminal.run(erase())
        code, said = await terminal.run(erase())
        assert (code, said.splitlines()[0]) == (0, "erased before; this is its certificate")
        assert len(list((settings.home / "certificates").iterdir())) == 1

    async def test_of_an_unknown_case_says_how_to_find_one(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(
            erase_command(settings, "c-\x1b[2J", reason=REASON, by="D", output=terminal.console)
        )
        assert code == 1
        assert "`stafet trace` finds a case" in said
        assert "\x1b" not in said

    async def test_for_no_reason_names_the_reasons(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(
            erase_command(settings, case, reason="", by="D", output=terminal.console)
        )
        assert code == 2
        assert "--reason: say one of no_longer_needed, consent_withdrawn" in said


class TestHold:
    """Keeping."""

    async def test_blocks_and_is_shown_until_it_is_lifted(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        assert await hold_command(settings, case, ORDER, terminal.console) == 0
        hold = terminal.said().split()[0]
        erase = partial(erase_command, settings, case, reason=REASON, by="D", output=terminal.console)
        code, said = await terminal.run(erase())
        assert code == 1
        assert "until 2999-12-31, by A. Archivist: journal 47" in said
        assert hold in (await terminal.run(holds_command(settings, case, terminal.console)))[1]
        assert await lift_command(settings, hold, by="A", output=terminal.console) == 0
        assert (await terminal.run(holds_command(settings, case, terminal.console)))[1].endswith("no holds\n")
        assert await erase() == 0

    @pytest.mark.parametrize(
        ("order", "code", "said"),
        [
            (replace(ORDER, kind="whim"), 2, "--kind: say one of archive, duty, claim, evidence"),
            (replace(ORDER, why=""), 2, "--why and --by"),
            (replace(ORDER, until=date(2020, 1, 1)), 2, "a day that is over holds nothing"),
        ],
    )
    async def test_wrong_words_are_named(
        self, settings: HubSettings, case: str, terminal: Terminal, order: Order, code: int, said: str
    ) -> None:
        ended = await terminal.run(hold_command(settings, case, order, terminal.console))
        assert ended[0] == code
        assert said in ended[1]

    async def test_of_nothing_ends_with_exit_1(self, settings: HubSettings, terminal: Terminal) -> None:
        assert await hold_command(settings, "c-of-nobody", ORDER, terminal.console) == 1
        assert await lift_command(settings, "no id", by="A", output=terminal.console) == 1
        assert "`stafet hold CASE` lists them" in terminal.said()


class TestReplay:
    """After a restore."""

    async def test_prints_how_many_were_shredded_again(
        self, settings: HubSettings, database: Database, case: str, terminal: Terminal, tmp_path: Path
    ) -> None:
        dump(settings.postgres, tmp_path / "nightly")
        await database.close()
        await erase_command(settings, case, reason=REASON, by="D", output=terminal.console)
        await restore(settings.postgres, tmp_path / "nightly")
        terminal.said()
        for count in ("1 case shredded again\n", "0 cases shredded again\n"):
            assert await terminal.run(replay_command(settings, terminal.console)) == (0, count)

    async def test_every_command_replays_first(
        self, settings: HubSettings, database: Database, case: str, terminal: Terminal, tmp_path: Path
    ) -> None:
        dump(settings.postgres, tmp_path / "nightly")
        await database.close()
        await erase_command(settings, case, reason=REASON, by="D", output=terminal.console)
        await restore(settings.postgres, tmp_path / "nightly")
        terminal.said()
        assert await hold_command(settings, case, ORDER, terminal.console) == 1
        assert "An erased case has nothing left to hold" in terminal.said()

    async def test_a_journal_that_is_damaged_opens_no_vault(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        await erase_command(settings, case, reason=REASON, by="D", output=terminal.console)
        with (settings.home / "shreds" / "journal.jsonl").open("a", encoding="utf-8") as file:
            file.write("?\n")
        with pytest.raises(VaultUnavailableError, match="line 2"):
            await holds_command(settings, case, terminal.console)

    async def test_the_hub_replays_before_it_serves(
        self, settings: HubSettings, database: Database, case: str, kafka: str, topic_prefix: str,
        terminal: Terminal,
    ) -> None:  # fmt: skip
        create(settings.home, Wanted(local_endpoints()))
        dump(settings.postgres, settings.home / "nightly")
        await database.close()
        await erase_command(settings, case, reason=REASON, by="D", output=terminal.console)
        await restore(settings.postgres, settings.home / "nightly")
        changes = {"kafka": kafka, "topic_prefix": topic_prefix, "vault_port": 0, "health_port": 0}
        hub = settings.model_copy(update=changes)
        await prepare(hub)
        async with running(hub, ["vault"]):
            seen = await asyncpg.connect(settings.postgres)
            assert await seen.fetchval("select count(*) from vault.record_values") == 0
            await seen.close()


class TestCheck:
    """A certificate, offline."""

    async def test_holds_for_its_own_case_only_and_as_long_as_nobody_changes_it(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        await erase_command(settings, case, reason=REASON, by="D", output=terminal.console)
        path = next((settings.home / "certificates").glob("*.json"))
        assert check_command(path, case, terminal.console) == 0
        assert check_command(path, "c-of-nobody", terminal.console) == 1
        path.write_text(path.read_text(encoding="utf-8").replace(REASON, "objection"), encoding="utf-8")
        assert check_command(path, None, terminal.console) == 1
        assert check_command(settings.home / "nothing", None, terminal.console) == 2


class TestTyped:
    """As a person types it."""

    async def test_erases_through_the_shell(self, settings: HubSettings, case: str) -> None:
        told = {"STAFET_POSTGRES": settings.postgres, "STAFET_HOME": str(settings.home)}
        ended = await asyncio.to_thread(stafet, "erase", case, "--reason", REASON, "--by", "D", **told)
        assert ended.code == 0, ended.said
        assert ended.said.startswith("erased\n")
        path = next((settings.home / "certificates").glob("*.json"))
        assert (await asyncio.to_thread(stafet, "erase", case, "--check", str(path))).code == 0

    def test_without_anything_says_what_to_name(self) -> None:
        ended = stafet("erase")
        assert (ended.code, ended.said) == (2, "name a case and its --reason, or --replay, or --check FILE\n")

    def test_without_a_database_says_what_to_start(self, tmp_path: Path) -> None:
        create_key_files(tmp_path)
        ended = stafet("hold", "c-1", "--home", str(tmp_path))
        assert ended.code == 2
        assert "start the hub with `stafet up`, or set STAFET_POSTGRES" in ended.said
