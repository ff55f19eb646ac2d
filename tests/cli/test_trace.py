"""`stafet trace` against a console behind a real socket."""

import asyncio
import io
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from stafet.console.app import build
from stafet_cli.trace import trace_command
from stafet_runtime.database import Database
from stafet_schemas import case, delivery
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.console.samples import closed, delivered, stopped, unusable
from tests.services.console.serving import AUTH, SETTINGS, Record, recorder, serve
from tests.services.console.stories import silent, support_of

START = datetime(2026, 11, 24, 9, tzinfo=UTC)

Trace = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The console's own empty schema."""
    return await database_for("console")


@pytest.fixture
def record(database: Database) -> Record:
    """Take events through the console's subscription."""
    return recorder(build(database, FakeClock(START), FakeIds(), SETTINGS, desk=None), FakeClock(START))


@pytest.fixture
async def url(database: Database) -> AsyncGenerator[str]:
    """A served console."""
    async with serve(build(database, FakeClock(START), FakeIds(), SETTINGS, desk=None)) as address:
        yield address


@pytest.fixture
def trace(url: str, tmp_path: Path) -> Trace:
    """Run the command with the credentials that `stafet up` would write; return exit code and output."""
    (tmp_path / "credentials.toml").write_text(
        f'[console]\nurl = "{url}/"\nuser = "{AUTH[0]}"\npassword = "{AUTH[1]}"\n', encoding="utf-8"
    )

    async def run(reference: str, home: Path = tmp_path, **given: str) -> tuple[int, str]:
        output = Console(file=io.StringIO(), width=200, highlight=False)
        code = await asyncio.to_thread(trace_command, reference, home=home, output=output, **given)
        assert isinstance(output.file, io.StringIO)
        return code, output.file.getvalue()

    return run


class TestTrace:
    async def test_says_where_clocks_decisions_and_other_things_stand(
        self, trace: Trace, record: Record
    ) -> None:
        story = support_of(silent(1, START))
        await record(story.events)
        _, text = await trace(story.case)
        assert "Deadline over: referral answer, was due 25 November 2026, 23:59, Red Cross must act" in text
        assert "Immigration Service decided: not a victim of trafficking" in text
        assert "Place to live: Moved in at Shelter  s-1" in text
        assert "Stopped: Refused by the hub, from Coordinator (CMM): period extended" in text

    async def test_prints_the_chain_as_a_tree_with_times_and_agencies(
        self, trace: Trace, record: Record
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        code, text = await trace(story.case)

        assert code == 0
        assert f"Case {story.case}  Loop closed  {len(story.events)} of {len(story.events)} events" in text
        assert "Police → Red Cross: submitted" in text
        lines = text.splitlines()
        root = next(line for line in lines if "Message received from Police" in line)
        effect = next(line for line in lines if "Police referred to Red Cross" in line)
        assert effect.index("─") > root.index("─")
        assert "+48 ms  Notice delivered to Red Cross" in text
        assert "Case opened  Police" in text
        assert sum("Message received from" in line for line in lines) == 4

    async def test_finds_the_case_of_a_referral(self, trace: Trace, record: Record) -> None:
        story = delivered(1, START)
        await record(story.events)

        assert (await trace(story.referral))[1] == (await trace(story.case))[1]

    async def test_shows_what_stops_a_case(self, trace: Trace, record: Record) -> None:
        story = stopped(1, START)
        await record(story.events)

        assert (
            "Stopped: Notice could not be delivered to Red Cross: reply not json"
            in (await trace(story.case))[1]
        )

    async def test_names_the_fields_of_an_unusable_message(self, trace: Trace, record: Record) -> None:
        await record(unusable(1, START).events)

        assert "Prioritet: unknown code" in (await trace("tx-1"))[1]

    async def test_names_what_opened_what_left(self, trace: Trace, record: Record) -> None:
        story = delivered(1, START)
        said = {"recipient": "redcross", "part": "content", "purpose": "support", "policy": "1"}
        bases = ("consent:c-1:2", "ground:c-2:1")
        story.add(case.DisclosureMade, disclosure="l-9", groups=("routing", "health"), bases=bases, **said)
        await record(story.events)

        text = (await trace(story.case))[1]

        assert "groups: routing, health, by consent c-1 version 2, by legal ground c-2 version 1" in text

    async def test_does_not_let_an_event_steer_the_terminal(self, trace: Trace, record: Record) -> None:
        story = delivered(1, START)
        story.add(delivery.DeliveryRejected, agency="redcross", message="m", reason="[red]x\x1b[2J\r\n")
        await record(story.events)

        text = (await trace(story.case))[1]

        assert "\x1b" not in text
        assert "[red]x" in text

    async def test_an_unknown_reference_says_where_to_look(self, trace: Trace) -> None:
        code, text = await trace("nothing")

        assert code == 1
        assert "Nothing is known under nothing." in text

    async def test_a_wrong_password_says_where_the_right_one_is(self, trace: Trace) -> None:
        code, text = await trace("x", password="wrong")

        assert code == 2
        assert "refuses this name and password" in text

    async def test_a_console_without_its_database_says_to_try_again(
        self, trace: Trace, database: Database
    ) -> None:
        await database.close()

        code, text = await trace("x")

        assert code == 2
        assert "answered 503" in text


class TestWithoutConsole:
    @pytest.mark.parametrize("console", ["http://127.0.0.1:9", "not a url", "http://[bad"])
    async def test_says_how_to_start_the_hub(self, trace: Trace, console: str) -> None:
        code, text = await trace("x", console=console)

        assert code == 2
        assert "Start it with `stafet up`" in text

    async def test_without_credentials_says_who_writes_them(self, trace: Trace, tmp_path: Path) -> None:
        code, text = await trace("x", home=tmp_path / "empty")

        assert code == 2
        assert "credentials.toml does not hold them" in text

    async def test_damaged_credentials_are_named(self, trace: Trace, tmp_path: Path) -> None:
        (tmp_path / "credentials.toml").write_text("[console", encoding="utf-8")

        code, text = await trace("x")

        assert code == 2
        assert "cannot be read as TOML" in text
