"""`stafet subject-report` on a vault's own database and files."""

import asyncio
from pathlib import Path

import pytest

from stafet.vault.domain.reveal import MOST_CASES
from stafet_cli.erase import erase_command
from stafet_cli.subject import Order, check_command, report_command
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.services.vault.people import SECRETS
from tests.services.vault.subjects import OFFICER


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """A report in Danish."""
    return Order("da", OFFICER, None, tmp_path / "out")


@pytest.fixture
async def signed(settings: HubSettings, case: str, order: Order, terminal: Terminal) -> Path:
    """The signed file of a report."""
    assert await report_command(settings, case, order, terminal.console) == 0
    terminal.said()
    return next(order.out.glob("*.json"))


class TestReport:
    """Answering a person."""

    async def test_says_where_the_files_are_and_no_value(
        self, settings: HubSettings, case: str, order: Order, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(report_command(settings, case, order, terminal.console))
        assert code == 0
        files = sorted(each.name for each in order.out.iterdir())
        assert [Path(each).suffix for each in files] == [".html", ".json"]
        assert [each for each in files if each not in said] == []
        assert [each for each in (*SECRETS, case) if each in said + " ".join(files)] == []
        assert "Zorabelle" in next(order.out.glob("*.html")).read_text(encoding="utf-8")

    async def test_of_nothing_or_an_erased_case_writes_nothing(
        self, settings: HubSettings, case: str, order: Order, terminal: Terminal
    ) -> None:
        assert await report_command(settings, "c-of-nobody", order, terminal.console) == 1
        assert "`stafet trace` finds a case" in terminal.said()
        await erase_command(settings, case, reason="objection", by="D", output=terminal.console)
        assert await report_command(settings, case, order, terminal.console) == 1
        assert "the case was erased" in terminal.said()
        assert not order.out.exists()

    async def test_wrong_words_are_named(
        self, settings: HubSettings, database: Database, case: str, order: Order, terminal: Terminal
    ) -> None:
        wrong = {
            "--language: say one of da, en": Order("xx", OFFICER, None, order.out),
            "--second: is the one who asks: name somebody else": Order("da", OFFICER, OFFICER, order.out),
        }
        for words, each in wrong.items():
            assert await report_command(settings, case, each, terminal.console) == 2
            assert terminal.said() == f"{words}\n"
        assert await database.pool.fetchval("select count(*) from disclosures") == 0

    async def test_into_what_is_no_folder_is_refused_before_anything_is_read(
        self, settings: HubSettings, database: Database, case: str, order: Order, terminal: Terminal
    ) -> None:
        order.out.write_text("a file", encoding="utf-8")
        code, said = await terminal.run(report_command(settings, case, order, terminal.console))
        assert code == 2
        assert "--out: nothing can be written there" in said
        assert await database.pool.fetchval("select count(*) from disclosures") == 0

    async def test_of_too_many_asks_for_a_second_person(
        self, settings: HubSettings, case: str, order: Order, terminal: Terminal
    ) -> None:
        for number in range(MOST_CASES):
            await report_command(settings, f"c-{number}", order, terminal.console)
        terminal.said()
        code, said = await terminal.run(report_command(settings, case, order, terminal.console))
        assert code == 1
        assert "--second" in said


class TestCheck:
    """Offline."""

    def test_holds_as_long_as_nobody_changes_it(self, signed: Path, terminal: Terminal) -> None:
        assert check_command(signed, terminal.console) == 0
        assert "signed by " in terminal.said()
        text = signed.read_text(encoding="utf-8")
        signed.write_text(text.replace("Zorabelle", "Zorabella"), encoding="utf-8")
        assert check_command(signed, terminal.console) == 1
        assert "changed since it was signed" in terminal.said()

    def test_finds_a_changed_page(self, signed: Path, terminal: Terminal) -> None:
        page = signed.with_suffix(".html")
        page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
        assert check_command(signed, terminal.console) == 1
        assert "the page was changed" in terminal.said()

    def test_of_something_else_says_what_to_name(
        self, signed: Path, tmp_path: Path, terminal: Terminal
    ) -> None:
        page = signed.with_suffix(".html")
        for each in (page, tmp_path / "nothing.json"):
            assert check_command(each, terminal.console) == 2
        page.unlink()
        assert check_command(signed, terminal.console) == 2
        assert "with the page beside it" in terminal.said()


class TestTyped:
    """As a person types it."""

    async def test_writes_and_checks_through_the_shell(
        self, settings: HubSettings, case: str, tmp_path: Path
    ) -> None:
        told = {"STAFET_POSTGRES": settings.postgres, "STAFET_HOME": str(settings.home)}
        out = tmp_path / "answer"
        ended = await asyncio.to_thread(
            stafet, "subject-report", case, "--language", "en", "--out", str(out), **told
        )
        assert ended.code == 0, ended.said
        (signed,) = out.glob("*.json")
        checked = await asyncio.to_thread(stafet, "subject-report", "--check", str(signed))
        assert checked.code == 0, checked.said
        assert "both whole" in checked.said

    def test_without_anything_says_what_to_name(self) -> None:
        ended = stafet("subject-report")
        assert (ended.code, ended.said) == (2, "name a case and its --language, or --check FILE\n")
