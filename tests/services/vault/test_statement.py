"""What may be said of consent, and what is refused by the name of its field."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.domain.consent import Scope, Version, newest
from stafet.vault.domain.statement import SKEW, begin, check_words, expire, narrow, withdraw
from tests.services.vault.consents import SCOPE, said

POLICY = load_policy()
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOTHING = Scope(frozenset(), frozenset(), frozenset())


def began(**changes: Any) -> Version:  # noqa: ANN401 - fields differ
    """Begin what is sound."""
    version = begin(said(**changes), [], NOON, POLICY)
    assert isinstance(version, Version)
    return replace(version, consent="b-1")


FIRST = began()


class TestBegin:
    def test_makes_the_first_version(self) -> None:
        assert (FIRST.number, FIRST.statement, FIRST.scope) == (1, "given", SCOPE)
        assert (FIRST.valid_from, FIRST.recorded_at) == (NOON, NOON)

    @pytest.mark.parametrize(
        ("scope", "problem"),
        [
            ({"recipients": frozenset[str]()}, ("recipients", "name at least one")),
            ({"purposes": frozenset[str]()}, ("purposes", "name at least one")),
            ({"groups": frozenset[str]()}, ("groups", "name at least one")),
            ({"recipients": frozenset({"redcross", "nobody"})}, ("recipients", "unknown")),
            ({"purposes": frozenset({"curiosity"})}, ("purposes", "unknown")),
            ({"groups": frozenset({"everything"})}, ("groups", "unknown")),
            ({"until": NOON}, ("until", "in the past")),
            ({"until": NOON - MINUTE}, ("until", "in the past")),
            ({"until": datetime(2027, 1, 1)}, ("until", "a time without its zone")),  # noqa: DTZ001 - on purpose
        ],
    )
    def test_refuses_a_scope_by_field(self, scope: dict[str, Any], problem: tuple[str, str]) -> None:
        asked = said(scope=replace(SCOPE, **scope))
        assert begin(asked, [], NOON, POLICY) == [problem]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"at": NOON + SKEW + MINUTE}, "at"),
            ({"at": datetime(2026, 11, 24)}, "at"),  # noqa: DTZ001 - on purpose
            ({"how": "telepathy"}, "how"),
            ({"how": None}, "how"),
            ({"language": "Vietnamese, from Hue"}, "language"),
            ({"language": None}, "language"),
            ({"consent": "b-7"}, "consent"),
            ({"basis": "duty", "law": None, "by": "K. Testgaard"}, "law"),
            ({"basis": "ground", "law": "Lov § 1", "by": " "}, "by"),
            ({"basis": "ground", "law": "Lov § 1", "by": "x" * 301}, "by"),
        ],
    )
    def test_refuses_words_by_field(self, changes: dict[str, Any], field: str) -> None:
        problems = begin(said(**changes), [], NOON, POLICY)
        assert isinstance(problems, list)
        assert [name for name, _ in problems] == [field]

    @pytest.mark.parametrize("minutes", [-10, 10])
    def test_a_clock_ten_minutes_wrong_does_no_harm(self, minutes: int) -> None:
        version = began(at=NOON + minutes * MINUTE)
        assert version.holds(NOON)
        assert version.valid_from == NOON + min(minutes, 0) * MINUTE

    @pytest.mark.parametrize(
        "scope",
        [
            {"groups": frozenset({"health", "identity"})},
            {"recipients": frozenset({"redcross", "cmm"})},
            {"groups": frozenset({"health"}), "purposes": frozenset({"support", "treatment"})},
        ],
    )
    def test_refuses_what_overlaps(self, scope: dict[str, Any]) -> None:
        asked = said(scope=replace(SCOPE, **scope))
        problems = begin(asked, [FIRST], NOON, POLICY)
        assert problems == [("groups", "overlaps what is in force: narrow or withdraw that first")]

    @pytest.mark.parametrize("groups", [{"health"}, {"health", "narrative"}])
    def test_what_stands_already_is_nothing_new(self, groups: set[str]) -> None:
        asked = said(scope=replace(SCOPE, groups=frozenset(groups)))
        assert begin(asked, [FIRST], NOON + MINUTE, POLICY) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"scope": replace(SCOPE, groups=frozenset({"identity"}))},
            {"scope": replace(SCOPE, recipients=frozenset({"cmm"}))},
            {"basis": "duty", "law": "Lov § 1", "by": "K. Testgaard"},
        ],
    )
    def test_what_opens_something_else_stands_beside(self, changes: dict[str, Any]) -> None:
        assert isinstance(begin(said(**changes), [FIRST], NOON, POLICY), Version)

    def test_may_follow_what_was_withdrawn_or_is_over(self) -> None:
        ended = withdraw(said(scope=NOTHING), [FIRST], NOON)
        assert isinstance(ended, tuple)
        assert isinstance(begin(said(), [FIRST, *ended], NOON, POLICY), Version)
        over = replace(FIRST, scope=replace(FIRST.scope, until=NOON + MINUTE))
        assert isinstance(begin(said(), [over], NOON + MINUTE, POLICY), Version)


class TestNarrow:
    def test_keeps_what_is_not_named(self) -> None:
        asked = said(scope=replace(NOTHING, groups=frozenset({"health"})))
        version = narrow(asked, [FIRST], NOON + MINUTE, POLICY)
        assert isinstance(version, Version)
        assert (version.number, version.statement) == (2, "narrowed")
        assert version.scope == replace(FIRST.scope, groups=frozenset({"health"}))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"groups": frozenset({"health", "identity"})}, "groups"),
            ({"recipients": frozenset({"cmm"})}, "recipients"),
            ({"purposes": frozenset({"treatment"})}, "purposes"),
            ({"groups": frozenset({"health", "narrative"})}, "groups"),
            ({"until": NOON - MINUTE}, "until"),
        ],
    )
    def test_refuses_what_contradicts(self, changes: dict[str, Any], field: str) -> None:
        problems = narrow(said(scope=replace(NOTHING, **changes)), [FIRST], NOON, POLICY)
        assert isinstance(problems, list)
        assert [name for name, _ in problems] == [field]

    def test_refuses_a_later_end(self) -> None:
        ends = replace(FIRST, scope=replace(FIRST.scope, until=NOON + MINUTE))
        asked = said(scope=replace(NOTHING, until=NOON + 2 * MINUTE))
        assert narrow(asked, [ends], NOON, POLICY) == [("until", "wider than what is in force")]

    @pytest.mark.parametrize(
        ("history", "consent", "problem"),
        [
            ([], None, "none is in force"),
            ([FIRST], "b-9", "unknown, or not in force"),
            ([FIRST, replace(FIRST, consent="b-2")], None, "several are in force: say which"),
        ],
    )
    def test_must_know_which(self, history: list[Version], consent: str | None, problem: str) -> None:
        asked = said(scope=replace(NOTHING, groups=frozenset({"health"})), consent=consent)
        assert narrow(asked, history, NOON, POLICY) == [("consent", problem)]


class TestWithdraw:
    def test_ends_all_of_its_kind(self) -> None:
        duty = replace(FIRST, consent="b-2", basis="duty")
        ended = withdraw(said(scope=NOTHING), [FIRST, duty], NOON)
        assert isinstance(ended, tuple)
        assert [(each.consent, each.number, each.statement) for each in ended] == [("b-1", 2, "withdrawn")]

    def test_ends_what_has_expired_too_and_nothing_twice(self) -> None:
        ends = replace(FIRST, scope=replace(FIRST.scope, until=NOON + MINUTE))
        expired = expire([ends], NOON + MINUTE)
        assert [each.statement for each in expired] == ["expired"]
        assert expire([ends, *expired], NOON + MINUTE) == ()
        ended = withdraw(said(scope=NOTHING), [ends, *expired], NOON + MINUTE)
        assert isinstance(ended, tuple)
        assert [each.number for each in ended] == [3]
        assert withdraw(said(scope=NOTHING), [ends, *expired, *ended], NOON + MINUTE) == ()
        assert len(newest([ends, *expired, *ended])) == 1

    @pytest.mark.parametrize("name", ["recipients", "purposes", "groups"])
    def test_refuses_a_part(self, name: str) -> None:
        asked = said(scope=replace(NOTHING, **dict[str, Any]({name: frozenset({"x"})})))
        assert withdraw(asked, [FIRST], NOON) == [(name, "a withdrawal is of the whole: narrow it instead")]

    def test_refuses_an_unknown_one(self) -> None:
        assert withdraw(said(scope=NOTHING, consent="b-9"), [FIRST], NOON) == [("consent", "unknown")]


class TestCheckWords:
    def test_names_statement_and_basis(self) -> None:
        problems = check_words(said(statement="expired", basis="whim"))
        assert [name for name, _ in problems] == ["statement", "basis"]
