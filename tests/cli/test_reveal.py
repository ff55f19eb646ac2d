"""`stafet reveal` on a vault's own database and files."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from stafet.vault.domain.reveal import MOST_CASES, Judgement
from stafet_cli.doctor_checks import Surroundings
from stafet_cli.doctor_vault import check_reviews
from stafet_cli.erase import erase_command
from stafet_cli.login import NOBODY, who
from stafet_cli.reveal import (
    again_command,
    list_command,
    open_command,
    person_command,
    review_command,
    why_command,
)
from stafet_runtime.clock import SystemClock
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_schemas.groups import Group
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.fakes.clock import FakeClock
from tests.services.vault.opened import vault_of
from tests.services.vault.people import REGISTRATION, SECRETS, notice
from tests.services.vault.revealing import ASK, BY, OTHER, WHY, ask, ask_who, break_glass, judged

NOBODYS = "c-of-nobody"


@pytest.fixture
async def broken(settings: HubSettings, database: Database, case: str, terminal: Terminal) -> str:
    """The id of a look at the case by a broken glass."""
    await open_command(settings, case, break_glass(), terminal.console)
    assert "Testrup station" in terminal.said()
    return str(await database.pool.fetchval("select reveal_id::text from reveals"))


class TestOpen:
    """Values of a case."""

    async def test_prints_them_by_group_and_how_long(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(open_command(settings, case, ASK, terminal.console))
        assert code == 0
        assert said.startswith("from police, ")
        assert "  identity.first_name       Zorabelle\n" in said
        assert "Ukendtvej" not in said
        assert "UTC: `stafet reveal again " in said

    async def test_prints_nothing_that_steers_the_terminal(
        self, settings: HubSettings, database: Database, terminal: Terminal
    ) -> None:
        values = {**REGISTRATION.values, Group.IDENTITY: {"first_name": "\x1b[2J[red]Zora[/]"}}
        vault = vault_of(settings.home, database)
        case = (await vault.register(replace(REGISTRATION, values=values))).case
        said = (await terminal.run(open_command(settings, case, ASK, terminal.console)))[1]
        assert "\x1b" not in said
        assert "\N{REPLACEMENT CHARACTER}[2J[red]Zora[/]" in said

    async def test_of_a_group_without_values_says_so(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        asked = ask(groups=frozenset({"support"}))
        code, said = await terminal.run(open_command(settings, case, asked, terminal.console))
        assert (code, said.splitlines()[0]) == (0, "the case has no such values")

    async def test_refused_says_what_would_be_allowed(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        refused = ask(groups=frozenset({"narrative"}))
        code, said = await terminal.run(open_command(settings, case, refused, terminal.console))
        assert code == 1
        assert "--purpose safety --break-glass" in said
        code, said = await terminal.run(open_command(settings, NOBODYS, ASK, terminal.console))
        assert code == 1
        assert "`stafet trace` finds a case" in said

    async def test_of_an_erased_case_says_so(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        await erase_command(settings, case, reason="objection", by="D", output=terminal.console)
        terminal.said()
        code, said = await terminal.run(open_command(settings, case, break_glass(), terminal.console))
        assert (code, said) == (1, "the case was erased: nothing of it opens any more\n")

    async def test_of_too_many_asks_for_a_second_person(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        for number in range(MOST_CASES):
            await open_command(settings, f"c-{number}", ASK, terminal.console)
        terminal.said()
        code, said = await terminal.run(open_command(settings, case, ASK, terminal.console))
        assert code == 1
        assert "--second" in said
        assert await open_command(settings, case, ask(second=OTHER), terminal.console) == 0

    async def test_wrong_words_are_named_by_their_option(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        asked = ask(role="", purpose="joy", why="", groups=frozenset[str](), minutes=0, second=BY)
        code, said = await terminal.run(open_command(settings, case, asked, terminal.console))
        assert code == 2
        assert [line.split(":")[0] for line in said.splitlines()] == [
            "--role", "--purpose", "--reason", "--group", "--minutes", "--second",
        ]  # fmt: skip


class TestAgain:
    """While the minutes last."""

    async def test_prints_the_same_to_the_same_human_only(
        self, settings: HubSettings, database: Database, case: str, terminal: Terminal
    ) -> None:
        first = (await terminal.run(open_command(settings, case, ASK, terminal.console)))[1]
        reveal = first.rstrip("`\n").split()[-1]
        assert await terminal.run(again_command(settings, reveal, BY, terminal.console)) == (0, first)
        assert (await terminal.run(again_command(settings, reveal, OTHER, terminal.console)))[0] == 1
        await database.pool.execute(
            "update reveals set at = at - interval '1 day', until = until - interval '1 day'"
        )
        code, said = await terminal.run(again_command(settings, reveal, BY, terminal.console))
        assert code == 1
        assert "the time is over" in said

    async def test_of_nothing_ends_with_exit_1(
        self, settings: HubSettings, database: Database, terminal: Terminal
    ) -> None:
        assert database.pool is not None
        code, said = await terminal.run(again_command(settings, "no id", BY, terminal.console))
        assert code == 1
        assert "`stafet reveal list`" in said


class TestPerson:
    """Who a pseudonym is."""

    async def test_prints_the_case(
        self, settings: HubSettings, database: Database, terminal: Terminal
    ) -> None:
        vault = vault_of(settings.home, database)
        stored = await vault.register(REGISTRATION)
        person = (await vault.release(notice(stored))).person or ""
        found = person_command(settings, "redcross", person, ask_who(), terminal.console)
        assert await terminal.run(found) == (0, f"case {stored.case}\n")
        guessed = person_command(settings, "police", person, ask_who(), terminal.console)
        assert (await terminal.run(guessed))[0] == 1


class TestReview:
    """Afterwards."""

    async def test_says_why_to_a_reviewer_and_then_takes_the_judgement(
        self, settings: HubSettings, broken: str, terminal: Terminal
    ) -> None:
        code, said = await terminal.run(list_command(settings, terminal.console, due=True))
        assert code == 1
        assert f"{broken}  " in said
        assert "glass broken, REVIEW DUE" in said
        assert WHY not in said
        code, said = await terminal.run(why_command(settings, broken, "supervisor", terminal.console))
        assert (code, said.splitlines()[-1]) == (0, f"why: {WHY}")
        judge = review_command(settings, broken, judged(), terminal.console)
        assert await terminal.run(judge) == (0, "reviewed: justified\n")
        nothing = await terminal.run(list_command(settings, terminal.console, due=True))
        assert nothing == (0, "no review is due\n")
        assert "justified, says s.secondsen" in (
            await terminal.run(list_command(settings, terminal.console, due=False))
        )[1]  # fmt: skip

    @pytest.mark.parametrize(
        ("said", "code", "words"),
        [
            (judged(by=BY), 2, "you broke the glass yourself: somebody else reviews it\n"),
            (judged(role=""), 2, "--role: say one of data_protection, supervisor\n"),
            (judged(verdict="fine"), 2, "--verdict: say one of justified, unjustified\n"),
        ],
    )
    async def test_wrong_words_are_named(
        self, settings: HubSettings, broken: str, terminal: Terminal, said: Judgement, code: int, words: str
    ) -> None:
        ended = await terminal.run(review_command(settings, broken, said, terminal.console))
        assert ended == (code, words)

    async def test_of_nothing_ends_with_exit_1(
        self, settings: HubSettings, database: Database, terminal: Terminal
    ) -> None:
        assert database.pool is not None
        nothing = (1, "REVEAL: nothing to review under this id\n")
        assert await terminal.run(review_command(settings, "x", judged(), terminal.console)) == nothing
        assert await terminal.run(why_command(settings, "x", "supervisor", terminal.console)) == nothing

    async def test_of_an_erased_case_has_no_reason_left(
        self, settings: HubSettings, case: str, broken: str, terminal: Terminal
    ) -> None:
        await erase_command(settings, case, reason="objection", by="D", output=terminal.console)
        terminal.said()
        code, said = await terminal.run(why_command(settings, broken, "supervisor", terminal.console))
        assert code == 1
        assert "erased" in said
        assert await review_command(settings, broken, judged(), terminal.console) == 0


class TestList:
    """What was asked for."""

    async def test_of_nothing_says_so(
        self, settings: HubSettings, database: Database, terminal: Terminal
    ) -> None:
        assert database.pool is not None
        nothing = await terminal.run(list_command(settings, terminal.console, due=False))
        assert nothing == (0, "nothing was ever shown\n")

    async def test_has_who_what_and_what_came_of_it_and_no_value(
        self, settings: HubSettings, case: str, terminal: Terminal
    ) -> None:
        await open_command(settings, case, ask(second=OTHER), terminal.console)
        await open_command(settings, NOBODYS, ask(role="supervisor"), terminal.console)
        terminal.said()
        guess, shown = (
            (await terminal.run(list_command(settings, terminal.console, due=False)))[1].splitlines()
        )  # fmt: skip
        assert guess.endswith(
            f"{BY} as supervisor, reveal, no case, for support, identity, refused: unknown_case"
        )
        assert shown.endswith(
            f"{BY} as caseworker, reveal, case {case}, for support, identity, approved by {OTHER}, shown"
        )
        assert [each for each in (*SECRETS, WHY, NOBODYS) if each in guess + shown] == []


class TestDoctor:
    """Where operators look."""

    async def test_names_what_is_due_and_fails_after_a_day(self, settings: HubSettings, broken: str) -> None:
        assert broken
        found = await check_reviews(Surroundings(settings))
        assert found.ok is True
        assert found.detail.startswith("1 due, oldest of 20")
        assert found.detail.endswith(" UTC: `stafet reveal list --due`")
        late = FakeClock(SystemClock().now() + timedelta(days=1, minutes=1))
        found = await check_reviews(Surroundings(settings, clock=late))
        assert found.ok is False
        assert "`stafet reveal review`" in found.line

    async def test_says_so_when_none_is_due(self, settings: HubSettings, case: str) -> None:
        assert case
        assert (await check_reviews(Surroundings(settings))).detail == "none due"

    async def test_is_skipped_where_the_vault_is_not(self, settings: HubSettings, tmp_path: Path) -> None:
        elsewhere = settings.model_copy(update={"home": tmp_path / "nothing"})
        nowhere = settings.model_copy(update={"postgres": ""})
        empty = await asyncpg.connect(settings.postgres)
        await empty.execute("drop schema if exists vault cascade")
        await empty.close()
        found = [await check_reviews(Surroundings(each)) for each in (elsewhere, nowhere, settings)]
        assert [each.ok for each in found] == [None] * 3


class TestWho:
    """Who types."""

    def test_is_who_logged_in_whatever_the_environment_says(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        login = tmp_path / "loginuid"
        login.write_text("0", encoding="ascii")
        own = who(tmp_path / "nothing")
        for name in ("LOGNAME", "USER", "SUDO_USER"):
            monkeypatch.setenv(name, "somebody-else")
        assert who(login) == "root"
        assert who(tmp_path / "nothing") == own != "somebody-else"
        login.write_text(str(NOBODY), encoding="ascii")
        assert who(login) == own
        login.write_text("3999999999", encoding="ascii")
        assert who(login) == "uid 3999999999"


class TestTyped:
    """As a person types it."""

    async def test_opens_and_refuses_the_own_review_through_the_shell(
        self, settings: HubSettings, case: str
    ) -> None:
        told = {"STAFET_POSTGRES": settings.postgres, "STAFET_HOME": str(settings.home)}
        opened = await asyncio.to_thread(
            stafet, "reveal", "open", case, "--group", "narrative", "--group", "health", "--minutes", "5",
            "--role", "caseworker", "--purpose", "safety", "--reason", "a call from the shelter",
            "--break-glass", **told,
        )  # fmt: skip
        assert opened.code == 0, opened.said
        assert re.search(r"narrative\.text +Found at Testrup station", opened.said)
        reveal = opened.said.split("`stafet reveal review ")[1].split()[0]
        mine = await asyncio.to_thread(
            stafet, "reveal", "review", reveal, "--role", "supervisor", "--verdict", "justified",
            **told, LOGNAME="somebody-else",
        )  # fmt: skip
        assert (mine.code, mine.said) == (2, "you broke the glass yourself: somebody else reviews it\n")
