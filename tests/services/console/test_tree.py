"""The tree of causes."""

from datetime import UTC, datetime, timedelta

from stafet.console.domain.steps import Step
from stafet.console.domain.tree import chains

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def step(name: str, cause: str | None = None, seconds: float = 0) -> Step:
    time = START + timedelta(seconds=seconds)
    return Step(name, "case.opened", "t", time, time, "/stafet/x", "c", cause, "c", anchored=True)


class TestChains:
    def test_a_chain_of_single_causes_stays_at_one_depth(self) -> None:
        (chain,) = chains([step("c", "b", 2), step("a"), step("b", "a", 1)])

        assert [(row.step.id, row.depth, row.parent) for row in chain.rows] == [
            ("a", 0, None), ("b", 0, "a"), ("c", 0, "b")
        ]  # fmt: skip

    def test_several_effects_are_indented_and_in_order_of_time(self) -> None:
        (chain,) = chains([step("a"), step("late", "a", 9), step("early", "a", 1), step("next", "early", 20)])

        assert [(row.step.id, row.depth) for row in chain.rows] == [
            ("a", 0), ("early", 1), ("next", 1), ("late", 1)
        ]  # fmt: skip

    def test_an_effect_whose_cause_is_not_here_is_a_root(self) -> None:
        found = chains([step("b", "elsewhere", 5), step("a")])

        assert [chain.root.id for chain in found] == ["a", "b"]
        assert found[1].rows[0].gap is None

    def test_the_gap_is_the_time_since_the_cause(self) -> None:
        (chain,) = chains([step("a"), step("b", "a", 2.5)])

        assert chain.rows[1].gap == timedelta(seconds=2.5)

    def test_the_gap_is_negative_when_two_clocks_disagree(self) -> None:
        (chain,) = chains([step("a", None, 10), step("b", "a", 7)])

        assert chain.rows[1].gap == timedelta(seconds=-3)

    def test_a_circle_shows_every_step_once(self) -> None:
        found = chains([step("a", "b"), step("b", "a", 1), step("self", "self", 2)])

        assert [[row.step.id for row in chain.rows] for chain in found] == [["a", "b"], ["self"]]

    def test_a_very_long_chain_does_not_exhaust_the_stack(self) -> None:
        (chain,) = chains([step(str(each), str(each - 1) if each else None, each) for each in range(5000)])

        assert len(chain.rows) == 5000

    def test_no_steps_make_no_chains(self) -> None:
        assert chains([]) == []
