"""`stafet policy`, and what a hub does with a policy file that was swapped."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.policy import PolicyError, parse_policy
from stafet_cli.credentials import Wanted, create
from stafet_cli.generate_matrix import matrix_page
from stafet_cli.hub import running
from stafet_cli.policy import check_command, diff_command, show_command
from stafet_cli.up import local_endpoints
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.services.vault.policies import CELL, changed, text

TODAY = date(2026, 11, 24)
OPENED = changed("identity", f'{{ mark = "c", {CELL} }}')


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy file of one's own, in use."""
    path = tmp_path / "mine.toml"
    path.write_text(text(), encoding="utf-8")
    monkeypatch.setenv("STAFET_VAULT_POLICY", str(path))
    return path


@pytest.fixture
def swapped(tmp_path: Path) -> Path:
    """A file of the same version that opens more."""
    path = tmp_path / "swapped.toml"
    path.write_text(OPENED, encoding="utf-8")
    return path


@pytest.fixture
async def settings(
    dsn: str, tmp_path: Path, database_for: Callable[[str], Awaitable[Database]]
) -> HubSettings:
    """A vault with keys and tables."""
    await database_for("vault")
    create(tmp_path, Wanted(local_endpoints()))
    return HubSettings(home=tmp_path, postgres=dsn)


class TestShow:
    """The matrix in use."""

    def test_prints_every_row_and_mandate(self, terminal: Terminal) -> None:
        assert show_command("", TODAY, terminal.console) == 0
        said = terminal.said()
        assert said.startswith(
            f"policy {load_policy().version} on 2026-11-24, SHA-256 {load_policy().digest}\n"
        )
        assert [line.split()[0] for line in said.splitlines()[2:19]] == list(load_policy().receivers)
        assert "police               A    c/l  c/l  -    c    c    -    c/l  l    -    -\n" in said
        assert "cmm (Center mod Menneskehandel) stands in cmm, identifies formally" in said

    def test_prints_a_row_with_fields_and_law(self, terminal: Terminal) -> None:
        assert show_command("shelter", TODAY, terminal.console) == 0
        said = terminal.said()
        assert said.startswith("shelter: Shelter\n")
        assert "identity      A  alias, first_name\n" in said
        assert "Serviceloven §§ 109, 110, GDPR art. 6(1)(e); from 2026-01-01\n" in said

    def test_finds_the_row_of_an_organisation(self, terminal: Terminal) -> None:
        assert show_command("redcross", TODAY, terminal.console) == 0
        assert terminal.said().startswith("childrens_centre: Red Cross children's centre\n")

    def test_of_another_day_prints_what_holds_then(self, terminal: Terminal) -> None:
        assert show_command("", date(2025, 12, 31), terminal.console) == 0
        rows = terminal.said().splitlines()[2:19]
        assert {mark for row in rows for mark in row.split()[1:]} == {"-"}

    def test_of_nobody_names_who_there_is(self, terminal: Terminal) -> None:
        assert show_command("\x1b[2Jnobody", TODAY, terminal.console) == 2
        said = terminal.said()
        assert "municipality" in said
        assert "\x1b" not in said

    def test_of_no_policy_says_what_is_wrong(self, mine: Path, terminal: Terminal) -> None:
        mine.write_text("version =", encoding="utf-8")
        assert show_command("", TODAY, terminal.console) == 2
        assert terminal.said().startswith("mine.toml is no TOML")


class TestDiff:
    """Two files."""

    def test_says_who_would_see_more_and_less_and_from_when(
        self, mine: Path, tmp_path: Path, terminal: Terminal
    ) -> None:
        other = tmp_path / "other.toml"
        cell = f'{{ mark = "A", fields = ["a"], {CELL}, valid_to = 2027-03-01 }}'
        other.write_text(changed("routing", cell).replace('version = "1"', 'version = "2"'), encoding="utf-8")
        assert diff_command(mine, other, TODAY, terminal.console) == 0
        assert terminal.said().splitlines() == [
            "from 1 to 2",
            "from 2026-11-24:",
            "  - receiver house: routing.b (A -> -)",
            "from 2027-03-01:",
            "  - receiver house: routing.a (A -> -)",
            "  - receiver house: routing.b (A -> -)",
        ]

    def test_of_the_same_says_so(self, mine: Path, terminal: Terminal) -> None:
        assert diff_command(mine, mine, TODAY, terminal.console) == 0
        assert terminal.said().endswith("  the same is seen by all\n")

    def test_of_no_policy_says_which(self, mine: Path, tmp_path: Path, terminal: Terminal) -> None:
        assert diff_command(mine, tmp_path / "nowhere.toml", TODAY, terminal.console) == 2
        assert terminal.said().startswith("nowhere.toml cannot be read")


class TestCheck:
    """A file before it is used."""

    def test_a_good_one_is_counted_and_what_lapses_is_noted(self, mine: Path, terminal: Terminal) -> None:
        mine.write_text(text(mandate_to="2027-03-01"), encoding="utf-8")
        assert check_command(mine, TODAY, terminal.console) == 0
        first, second = terminal.said().splitlines()
        assert first.startswith("version 1: 1 receivers, 1 organisations, SHA-256 ")
        assert second == "note: from 2027-03-01 nothing is in force for organisation home"

    def test_a_bad_one_is_told_place_by_place(self, mine: Path, terminal: Terminal) -> None:
        mine.write_text(text().replace('"A"', '"B"').replace('row = "House"', 'row = ""'), encoding="utf-8")
        assert check_command(mine, TODAY, terminal.console) == 1
        said = terminal.said()
        assert "receivers.house.row" in said
        assert "receivers.house.cells.routing.0.mark" in said

    def test_a_changed_one_needs_a_version_of_its_own(
        self, mine: Path, swapped: Path, terminal: Terminal
    ) -> None:
        assert check_command(mine, TODAY, terminal.console) == 0
        assert check_command(swapped, TODAY, terminal.console) == 1
        assert "give this one a version of its own" in terminal.said()
        swapped.write_text(OPENED.replace('version = "1"', 'version = "2"'), encoding="utf-8")
        assert check_command(swapped, TODAY, terminal.console) == 0


class TestSwapped:
    """A known version with another text."""

    async def test_opens_no_seat_and_starts_no_hub(
        self, settings: HubSettings, mine: Path, swapped: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = {"STAFET_POSTGRES": settings.postgres, "STAFET_HOME": str(settings.home)}
        ended = [
            await asyncio.to_thread(stafet, "hold", "c-of-nobody", **told, STAFET_VAULT_POLICY=str(policy))
            for policy in (mine, swapped, mine)
        ]
        assert [each.code for each in ended] == [0, 2, 0]
        assert "says version 1, which this vault has used with another text: put the old" in ended[1].said
        monkeypatch.setenv("STAFET_VAULT_POLICY", str(swapped))
        with pytest.raises(PolicyError, match="version 1"):
            async with running(settings, ["vault"]):
                pytest.fail("it serves")


class TestTyped:
    """As a person types it."""

    def test_shows_compares_and_checks_without_a_hub(self, mine: Path) -> None:
        shown = stafet("policy", "show", "--receiver", "shelter", "--on", "2026-06-01")
        assert (shown.code, shown.said.splitlines()[0]) == (0, "shelter: Shelter")
        assert stafet("policy", "diff", str(mine), str(mine)).said.endswith("the same is seen by all\n")
        assert stafet("policy", "check", str(mine)).code == 0

    def test_without_a_command_names_them(self) -> None:
        said = stafet("policy").said
        assert all(command in said for command in ("show", "diff", "check"))


class TestPage:
    """The reference page; that it is fresh is checked with the other generated files."""

    def test_has_each_cell_with_its_law(self) -> None:
        page = matrix_page(load_policy())
        assert (
            "| perpetrator | l | `description`, `employer`, `role`, `safety_warning` | "
            "Straffeloven § 141: acute danger, or duty to avert crime | from 2026-01-01 |"
        ) in page
        assert "| [Prison service](#prison_service) |" in page
        assert page.count("\n## ") == 5 + len(load_policy().receivers)

    def test_says_when_a_cell_changes(self) -> None:
        cells = f'{{ mark = "A", {CELL}, valid_to = 2027-03-01 }}'
        page = matrix_page(parse_policy("p", changed("routing", cells)))
        assert "| [House](#house) | A from 2026-01-01; - from 2027-03-01 |" in page
