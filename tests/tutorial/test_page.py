"""docs/how-to/add-an-agency.md: what it shows is what these tests run."""

import re
from pathlib import Path

import pytest

from stafet_cli.connector_check import check_command
from stafet_sdk.contract import Connector
from tests.cli.command import ROOTS, Ended, stafet
from tests.cli.scaffolding import heard
from tests.tutorial.refuge import BY_HAND, ORDER, PAGE, PIECES, ROOT

TEXT = PAGE.read_text(encoding="utf-8")
SNIPPETS = dict(re.findall(r"<!-- ([\w.-]+) -->\n```\w+\n(.*?)```", TEXT, re.DOTALL))
MOST_LINES = 120


def at(site: Path, *arguments: str) -> Ended:
    """Run a command where the project is installed."""
    paths = ":".join([*(str(ROOT / each) for each in ROOTS), str(site)])
    return stafet(*arguments, PYTHONPATH=paths)


class TestThePage:
    def test_shows_every_file_as_it_is(self) -> None:
        files = {each.name: each.read_text(encoding="utf-8") for each in PIECES.iterdir() if each.is_file()}
        assert files == SNIPPETS

    def test_asks_for_four_pieces_by_hand_in_at_most_120_lines(self) -> None:
        lines = {name: len(SNIPPETS[name].splitlines()) for name in BY_HAND}
        assert len(lines) <= 4
        assert sum(lines.values()) <= MOST_LINES
        assert f"{len(lines)} pieces, {sum(lines.values())} lines" in TEXT

    def test_names_the_files_that_the_scaffold_writes_for_them(self, project: Path) -> None:
        written = {each.name for each in (project / ORDER.folder).iterdir()} - {"__pycache__"}
        assert written - set(BY_HAND) == {"__init__.py", "simulator.py", "golden"}


class TestRefuge:
    def test_holds_by_its_files(self, project: Path) -> None:
        folder = str(project / ORDER.folder)
        checked = heard(lambda output: check_command(folder, fix=False, output=output))
        assert checked == (0, "stafet_refuge: 8 rules hold\n")

    def test_is_discovered_where_it_is_installed(self, site: Path) -> None:
        listed = at(site, "connector", "list").said
        assert re.search(r"^refuge +webhook +bronze +1\.0\.0 +Refuge *$", listed, re.MULTILINE), listed

    def test_is_certified_with_its_simulator(self, site: Path) -> None:
        done = at(site, "connector", "certify", "refuge")
        assert (done.code, "refuge 1.0.0: earned bronze" in done.said) == (0, True), done.said
        assert " failed" not in done.said
        assert "for silver:\n- quality.toml: [silver] runbook is not done" in done.said

    @pytest.mark.usefixtures("installed")
    def test_is_a_connector_like_any_other(self) -> None:
        from stafet_sdk.discovery import connectors  # noqa: PLC0415 - found only while it is installed

        assert isinstance(connectors()["refuge"], Connector)
