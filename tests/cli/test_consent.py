"""`stafet consent` on a vault's own database and files."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stafet.vault.app.local import LocalVault
from stafet_cli.consent import record_command, show_command
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import StoredRecord
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.services.vault.consents import ADULT, consent_rows, duty, given, narrowed, withdrawn
from tests.services.vault.opened import vault_of
from tests.services.vault.people import SECRETS, request


@pytest.fixture
def vault(settings: HubSettings, database: Database) -> LocalVault:
    """The hub's own vault beside the command."""
    return vault_of(settings.home, database)


@pytest.fixture
async def stored(vault: LocalVault) -> StoredRecord:
    """An adult's record."""
    return await vault.register(ADULT)


class TestRecord:
    async def test_says_what_was_recorded_and_that_it_stands_so(
        self, settings: HubSettings, stored: StoredRecord, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(record_command(settings, given(stored), terminal.console))
        assert (code, said.split()[0], said.split()[-1]) == (0, "consent", "given")
        again = given(stored, message="said-2")
        code, said = await terminal.run(record_command(settings, again, terminal.console))
        assert (code, said) == (0, "nothing to change: it stands so already\n")

    async def test_of_a_withdrawal_says_who_still_holds_what(
        self, settings: HubSettings, stored: StoredRecord, vault: LocalVault, terminal: Terminal
    ) -> None:
        await vault.record_consent(given(stored))
        await vault.release(request(stored))
        code, said = await terminal.run(record_command(settings, withdrawn(stored), terminal.console))
        assert code == 0
        assert said.splitlines()[-1] == "redcross may not use any more: health, narrative"

    async def test_refuses_by_the_option_that_is_wrong(
        self, settings: HubSettings, stored: StoredRecord, database: Database, terminal: Terminal
    ) -> None:
        order = given(stored, recipients=("Zorabelle",), groups=(), how=None)
        code, said = await terminal.run(record_command(settings, order, terminal.console))
        assert code == 2
        assert sorted(line.partition(":")[0] for line in said.splitlines()) == ["--group", "--how", "--to"]
        assert not [each for each in SECRETS if each in said]
        assert await consent_rows(database) == []

    async def test_an_unknown_case_is_not_done(
        self, settings: HubSettings, stored: StoredRecord, terminal: Terminal
    ) -> None:
        order = replace(given(stored), case="c-of-nobody")
        code, said = await terminal.run(record_command(settings, order, terminal.console))
        assert (code, said) == (1, "CASE: unknown\n")


class TestShow:
    async def test_prints_every_version_and_what_is_in_force(
        self, settings: HubSettings, stored: StoredRecord, vault: LocalVault, terminal: Terminal
    ) -> None:
        await vault.record_consent(given(stored))
        await vault.record_consent(narrowed(stored))
        await vault.record_consent(duty(stored))
        code, said = await terminal.run(show_command(settings, stored.case, None, terminal.console))
        assert code == 0
        assert [line.split()[1:4] for line in said.splitlines() if not line.startswith(" ")] == [
            ["consent", "1", "given"],
            ["consent", "2", "narrowed"],
            ["duty", "1", "given"],
        ]
        assert said.count("in force") == 2
        assert "Barnets lov § 133, by K. Testgaard" in said

    async def test_prints_what_was_known_at_a_time(
        self, settings: HubSettings, stored: StoredRecord, vault: LocalVault, terminal: Terminal
    ) -> None:
        await vault.record_consent(given(stored))
        before = datetime(2026, 1, 1, tzinfo=UTC)
        code, said = await terminal.run(show_command(settings, stored.case, before, terminal.console))
        assert (code, said.splitlines()[0].split(",")[0]) == (0, "no consent")

    async def test_of_an_unknown_case_says_how_to_find_one(
        self, settings: HubSettings, database: Database, terminal: Terminal
    ) -> None:
        assert database.service == "vault"
        code, said = await terminal.run(show_command(settings, "c-\x1b[2J", None, terminal.console))
        assert code == 1
        assert "`stafet trace` finds a case" in said
        assert "\x1b" not in said


class TestTyped:
    def test_gives_narrows_withdraws_and_shows(self, settings: HubSettings, stored: StoredRecord) -> None:
        home = ("--home", str(settings.home))
        words = ["--to", "redcross", "--purpose", "support", "--group", "health", "--group", "narrative"]
        told = ("--language", "vie", "--how", "oral", "--interpreter", "--until", "2999-01-01")
        for typed in (
            ("give", stored.case, *words, *told),
            ("narrow", stored.case, "--group", "health"),
            ("withdraw", stored.case),
        ):
            done = stafet("consent", *typed, *home, STAFET_POSTGRES=settings.postgres)
            assert done.code == 0, done.said
        shown = stafet("consent", "show", stored.case, *home, STAFET_POSTGRES=settings.postgres)
        assert (shown.code, shown.said.count("withdrawn\n")) == (0, 1)

    def test_without_a_database_says_what_to_do(self, settings: HubSettings) -> None:
        done = stafet("consent", "withdraw", "c-1", "--home", str(settings.home))
        assert done.code == 2
        assert "start the hub with `stafet up`" in done.said
