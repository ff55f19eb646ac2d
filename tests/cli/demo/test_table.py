import io
from collections.abc import Callable
from typing import Literal

import pytest
from rich.console import Console

from stafet_cli.demo.leak_patterns import Leak
from stafet_cli.demo.report import Judgement
from stafet_cli.demo.table import SHOWN_PROBLEMS, show, verdict
from stafet_schemas import referral
from tests.cli.demo.played import Played, whole

Shown = Callable[..., str]


@pytest.fixture
def shown() -> Shown:
    """Give what is printed for a judgement, to a terminal or not."""

    def print_it(judgement: Judgement, *, terminal: bool = False) -> str:
        file = io.StringIO()
        # The colours are ours to choose: those of the terminal that runs the tests may be none.
        colours: Literal["standard"] | None = "standard" if terminal else None
        show(
            judgement,
            Console(file=file, width=100, force_terminal=terminal, color_system=colours, highlight=False),
        )
        return file.getvalue()

    return print_it


class TestShow:
    def test_is_plain_lines_where_there_is_no_terminal(self, shown: Shown) -> None:
        text = shown(whole().judge())

        assert text.isascii()
        assert "\x1b" not in text
        assert (
            text.splitlines()[0] == "submitted                         16  by the police, each counted once"
        )
        assert "rejected                          10  FEJLET 3, doctype 1, malformed 1" in text
        assert "accept to delivered          44.0 ms  p50" in text
        assert text.splitlines()[-1].startswith("OK: 16 submitted, 10 rejected with a reason, 6 answered")

    def test_is_a_coloured_table_on_a_terminal(self, shown: Shown) -> None:
        text = shown(whole().judge(Leak("hub.log:1", 1)), terminal=True)

        assert "\x1b" in text
        assert "Demo: the police to three agencies and back" in text
        assert "leaked: 1 values at hub.log:1" in text

    def test_keeps_a_long_problem_on_its_line(self, shown: Shown) -> None:
        place = "vault." + "x" * 200

        assert f"- leaked: 1 values at {place}\n" in shown(whole().judge(Leak(place, 1)))

    def test_shows_the_first_problems_and_counts_the_rest(self, shown: Shown) -> None:
        leaks = [Leak(f"hub.log:{number}", 1) for number in range(SHOWN_PROBLEMS + 5)]
        text = shown(whole().judge(*leaks))

        assert text.count("- leaked") == SHOWN_PROBLEMS
        assert "- and 5 more" in text

    def test_shows_a_dash_for_times_of_nothing(self, shown: Shown) -> None:
        assert "accept to delivered                -  p50" in shown(Played().judge())


class TestVerdict:
    def test_names_what_went_wrong(self) -> None:
        judged = whole().without(referral.ReferralLoopClosed).judge(Leak("hub.log:1", 2))

        assert verdict(judged) == (
            "FAILED: 6 lost, 0 doubled, 0 out of order, 2 leaked; 2 problems, listed above."
        )
