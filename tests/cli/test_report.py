"""`stafet step` and its siblings against a console behind a real socket."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stafet.console.app import build
from stafet_cli.report import Report, WordError, given, kinds_listed, report_command, settings_said
from stafet_runtime.database import Database
from stafet_schemas.steps import steps
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.console.samples import closed
from tests.services.console.serving import AUTH, SETTINGS, recorder, serve

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
CASE = closed(1, START).case
ID = "019cae02-4c1a-7b3e-9d20-6f1f0c5a0003"
GRANTED = {"step": "period_granted", "subject": ID}
THEN = "look at {receipt}"

Say = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The console's own schema, with one case."""
    opened = await database_for("console")
    service = build(opened, FakeClock(START), FakeIds(), SETTINGS, desk=None)
    await recorder(service, FakeClock(START))(closed(1, START).events)
    return opened


@pytest.fixture
async def url(database: Database) -> AsyncGenerator[str]:
    """A served console."""
    async with serve(build(database, FakeClock(START), FakeIds(1), SETTINGS, desk=None)) as address:
        yield address


@pytest.fixture
def say(url: str, tmp_path: Path, terminal: Terminal) -> Say:
    """Run the command with the credentials that `stafet up` would write; return exit code and output."""

    async def run(
        path: str, said: dict[str, Any], password: str = AUTH[1], key: str = "k-1"
    ) -> tuple[int, str]:
        (tmp_path / "credentials.toml").write_text(
            f'[console]\nurl = "{url}/"\nuser = "{AUTH[0]}"\npassword = "{password}"\n', encoding="utf-8"
        )
        report = Report(path, said, key, THEN)
        work = asyncio.to_thread(report_command, report, home=tmp_path, console=None, output=terminal.console)
        return await terminal.run(work)

    return run


class TestReport:
    async def test_prints_the_receipt_and_counts_once(self, say: Say, database: Database) -> None:
        code, text = await say(f"/cases/{CASE}/steps", GRANTED)
        [told] = [json.loads(row["value"]) for row in await database.pool.fetch("select value from outbox")]
        assert (code, told["step"]) == (0, "period_granted")
        assert f"receipt {told['message']}" in text
        assert f"look at {told['message']}" in text
        code, text = await say(f"/cases/{CASE}/steps", GRANTED)
        assert (code, "nothing new was told" in text) == (0, True)
        assert await database.pool.fetchval("select count(*) from outbox") == 1

    async def test_says_which_option_is_wrong(self, say: Say) -> None:
        code, text = await say(f"/cases/{CASE}/steps", {"step": "period_extended", "starts": "2026-11-20"})
        assert code == 2
        assert "--about: missing" in text
        assert "--set until: missing" in text
        assert "--set starts: not of this step" in text
        assert "`stafet steps`" in text

    async def test_says_that_there_is_no_such_case(self, say: Say) -> None:
        code, text = await say("/cases/c-9/steps", GRANTED)
        assert (code, "no such case" in text) == (1, True)

    async def test_says_that_the_key_is_taken(self, say: Say) -> None:
        await say("/operations", {"expected": 3})
        code, text = await say("/operations", {"expected": 4})
        assert (code, "key of its own" in text) == (2, True)

    async def test_says_that_the_password_is_wrong(self, say: Say) -> None:
        code, text = await say("/operations", {"expected": 3}, password="wrong")
        assert (code, "refuses this name and password" in text) == (2, True)


class TestWithoutAHub:
    def test_says_how_to_start_one_and_how_to_say_it_again(self, tmp_path: Path) -> None:
        (tmp_path / "credentials.toml").write_text(
            '[console]\nurl = "http://127.0.0.1:9"\nuser = "u"\npassword = "p"\n', encoding="utf-8"
        )
        ended = stafet("capacity", "--for", "female", "--key", "k-7", "--home", str(tmp_path))
        assert ended.code == 2
        assert "`stafet up`" in ended.said
        assert "--key k-7" in ended.said

    def test_lists_every_step_with_its_fields(self) -> None:
        said = "\n".join(kinds_listed())
        assert all(f"{name}  " in said for name in steps())
        assert "--about PERIOD --set until=... [--set reason=...]" in said
        assert stafet("steps").said.splitlines() == said.splitlines()

    def test_refuses_what_is_no_pair(self) -> None:
        ended = stafet("step", "c-1", "need_assessed", "--set", "health")
        assert (ended.code, "field=value" in ended.said) == (2, True)


class TestSaid:
    def test_reads_lists_numbers_and_flags(self) -> None:
        assert settings_said(["codes=health,legal_aid", "persons=2", "consents=no", "venue=hotline"]) == {
            "codes": ["health", "legal_aid"], "persons": 2, "consents": False, "venue": "hotline",
        }  # fmt: skip

    @pytest.mark.parametrize("pair", ["persons=two", "consents=maybe", "venue=", "=x", "venue"])
    def test_says_how_to_type_it(self, pair: str) -> None:
        with pytest.raises(WordError, match="say"):
            settings_said([pair])

    def test_leaves_out_what_was_not_typed(self) -> None:
        at = datetime(2026, 11, 24, 9, tzinfo=UTC)
        assert given(at, {"a": "", "b": None, "c": 0}) == {"c": 0, "at": at.astimezone().isoformat()}
