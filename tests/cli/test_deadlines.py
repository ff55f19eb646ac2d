"""`stafet deadlines` on a database with clocks in it."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.subscribers import subscription
from stafet_cli.deadlines import deadlines_command, remaining_text, span_of
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.deadlines.samples import CASE, FACT, NOON, event, records, routed, submitted

NOW = NOON + timedelta(hours=3)


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """A referral that waits for its answer, a child in another case, an absence that was seen to."""
    database = await database_for("deadlines")
    other = {**FACT, "case": "case-2", "notification": "n-1", "receiver": "municipality"}
    told = [
        submitted(),
        routed(),
        event("child.notification_sent", NOON - timedelta(hours=30), **other),
        event("child.acute_assessed", NOON, **other),
        event("child.reported_missing", **{**FACT, "case": "case-2"}, absence="a-1"),
    ]
    await Processor(subscription(load_plan()), database, FakeClock(NOON), FakeIds()).process(records(told))
    return database


@pytest.mark.usefixtures("database")
class TestDeadlines:
    async def test_shows_what_runs_soonest_first(self, settings: HubSettings, terminal: Terminal) -> None:
        code, said = await terminal.run(deadlines_command(settings, NOW, terminal.console))

        lines = said.splitlines()
        assert code == 0
        assert [each.split()[0] for each in lines if "case-" in each] == [
            "missing_child",
            "referral_answer",
            "child_acknowledgement",
        ]
        answer = next(each for each in lines if each.split()[:1] == ["referral_answer"])
        assert "redcross" in answer
        assert "2026-03-03 12:00" in answer
        assert "21 h 0 min" in answer
        assert "IASC" in answer

    async def test_shows_those_of_a_case_and_those_due_soon(
        self, settings: HubSettings, terminal: Terminal
    ) -> None:
        _, of_case = await terminal.run(deadlines_command(settings, NOW, terminal.console, case=CASE))
        soon = deadlines_command(settings, NOW, terminal.console, within=timedelta(hours=22))
        _, due_soon = await terminal.run(soon)
        _, none = await terminal.run(deadlines_command(settings, NOW, terminal.console, case="case-9"))

        assert ("referral_answer" in of_case, "missing_child" in of_case) == (True, False)
        assert ("referral_answer" in due_soon, "child_acknowledgement" in due_soon) == (True, False)
        assert none.strip() == "no clock runs in case-9"

    async def test_as_json_says_what_a_row_says(self, settings: HubSettings, terminal: Terminal) -> None:
        ask = deadlines_command(settings, NOW, terminal.console, case=CASE, as_json=True)
        _, said = await terminal.run(ask)

        (row,) = json.loads(said)
        assert row["due"] == "2026-03-03T12:00:00+01:00"
        assert row["remaining_s"] == 21 * 3600
        assert (row["state"], row["force"], row["notify"]) == ("set", "practice", "cmm police")

    async def test_says_what_was_told_last(
        self, settings: HubSettings, terminal: Terminal, database: Database
    ) -> None:
        await database.pool.execute(
            "update deadlines set told = '{set,half,breached}' where matter = $1", CASE
        )
        later = NOON + timedelta(hours=30)

        ask = deadlines_command(settings, later, terminal.console, case=CASE, as_json=True)
        (row,) = json.loads((await terminal.run(ask))[1])

        assert (row["state"], row["remaining_s"]) == ("breached", -6 * 3600)

    async def test_without_a_database_says_what_to_do(self, terminal: Terminal) -> None:
        nowhere = HubSettings(postgres="postgresql://127.0.0.1:1/postgres")

        with pytest.raises(VaultUnavailableError, match="stafet up"):
            await terminal.run(deadlines_command(nowhere, NOW, terminal.console))


class TestWords:
    @pytest.mark.parametrize(
        ("text", "span"),
        [
            ("3d", timedelta(days=3)),
            ("12h", timedelta(hours=12)),
            ("30m", timedelta(minutes=30)),
            ("3", None),
            ("soon", None),
            ("-3d", None),
        ],
    )
    def test_reads_a_span(self, text: str, span: timedelta | None) -> None:
        assert span_of(text) == span

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(90_000, "1 d 1 h"), (3_660, "1 h 1 min"), (0, "0 h 0 min"), (-200_000, "over for 2 d 7 h")],
    )
    def test_writes_what_remains(self, seconds: int, text: str) -> None:
        assert remaining_text(seconds) == text

    def test_a_span_that_is_none_is_refused(self) -> None:
        done = stafet("deadlines", "--due", "tomorrow")

        assert (done.code, "say a number and m, h or d" in done.said) == (2, True)
