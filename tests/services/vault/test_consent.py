"""Which versions count, when, and for whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stafet.vault.domain.consent import Holding, Scope, Version, in_force, lost, newest, opened
from stafet_schemas.groups import Group

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCOPE = Scope(frozenset({"redcross"}), frozenset({"support"}), frozenset({"health", "narrative"}))
FIRST = Version("b-1", 1, "consent", "given", SCOPE, NOON, NOON, "police")
LAST = replace(FIRST, number=2, statement="withdrawn", valid_from=NOON + HOUR, recorded_at=NOON + HOUR)
HELD = Holding("redcross", "support", frozenset({"routing", "health"}))


class TestNewest:
    def test_goes_by_the_number_not_by_the_time(self) -> None:
        early = replace(LAST, recorded_at=NOON - HOUR)
        assert newest([early, FIRST]) == (early,)

    def test_knows_what_was_known_then(self) -> None:
        assert newest([FIRST, LAST], NOON) == (FIRST,)
        assert newest([FIRST, LAST], NOON - HOUR) == ()


class TestInForce:
    @pytest.mark.parametrize(("hours", "count"), [(-1, 0), (0, 1), (1, 1), (2, 0), (3, 0)])
    def test_from_its_first_moment_to_before_its_end(self, hours: int, count: int) -> None:
        ends = replace(FIRST, scope=replace(SCOPE, until=NOON + 2 * HOUR))
        assert len(in_force([ends], NOON + hours * HOUR)) == count

    @pytest.mark.parametrize("statement", ["withdrawn", "expired"])
    def test_not_once_it_was_ended(self, statement: str) -> None:
        ended = replace(LAST, statement=statement)
        assert in_force([FIRST, ended], NOON + 2 * HOUR) == ()
        # Not even for a time before: of then it is known now that it does not hold.
        assert in_force([FIRST, ended], NOON) == ()
        assert in_force([FIRST, ended], NOON, NOON) == (FIRST,)


class TestOpened:
    @pytest.mark.parametrize(
        ("basis", "child", "consented", "grounded"),
        [
            ("consent", False, True, False),
            ("consent", True, False, False),
            ("duty", False, False, False),
            ("duty", True, True, True),
            ("ground", False, False, True),
            ("ground", True, False, True),
        ],
    )
    def test_by_basis_and_age(self, basis: str, child: bool, consented: bool, grounded: bool) -> None:
        standing = [replace(FIRST, basis=basis)]
        found = opened(standing, "redcross", "support", child=child)
        wanted = frozenset({Group.HEALTH, Group.NARRATIVE})
        assert found == (wanted if consented else frozenset(), wanted if grounded else frozenset())

    def test_for_its_own_recipients_and_purposes_only(self) -> None:
        assert opened([FIRST], "cmm", "support", child=False) == (frozenset(), frozenset())
        assert opened([FIRST], "redcross", "treatment", child=False) == (frozenset(), frozenset())


class TestLost:
    def test_is_what_is_held_by_the_cut_basis_and_not_visible_otherwise(self) -> None:
        assert lost([LAST], [FIRST], HELD, {"routing"}) == {"health"}
        assert lost([LAST], [FIRST], HELD, {"routing", "health"}) == frozenset()

    @pytest.mark.parametrize("changes", [{"recipient": "cmm"}, {"purpose": "treatment"}])
    def test_is_nothing_for_others(self, changes: dict[str, Any]) -> None:
        assert lost([LAST], [FIRST], replace(HELD, **changes), set()) == frozenset()

    def test_is_nothing_of_a_basis_that_was_not_cut(self) -> None:
        assert lost([replace(LAST, consent="b-2")], [FIRST], HELD, set()) == frozenset()
