"""May a human at the hub be shown this."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.domain.release import Block, Permit
from stafet.vault.domain.reveal import (
    MOST_CASES,
    Facts,
    Judgement,
    check_review,
    check_reviewer,
    check_words,
    decide,
    still_open,
)
from stafet.vault.policy import PolicyError, parse_policy
from stafet_schemas.codes import ROLES
from stafet_schemas.groups import Group
from tests.services.vault import policies
from tests.services.vault.revealing import BY, OTHER, ask, break_glass

POLICY = load_policy()
DAY = date(2026, 11, 24)
KNOWN = Facts(case_known=True)


class TestDecide:
    """Role, purpose, case, bulk."""

    def test_permits_the_fields_of_the_allow_list(self) -> None:
        assert decide(ask(), KNOWN, POLICY, DAY) == Permit({Group.IDENTITY: POLICY.fields[Group.IDENTITY]})

    def test_permits_what_the_role_says_and_nothing_else(self) -> None:
        wrong = [
            (role, purpose, group)
            for role in [*POLICY.roles, "director"]
            for purpose in POLICY.purposes
            for group in Group
            if self.permits(role, purpose, group) != self.written(role, purpose, group)
        ]
        assert wrong == []

    def permits(self, role: str, purpose: str, group: Group) -> bool:
        asked = ask(role=role, purpose=purpose, groups=frozenset({group}))
        return isinstance(decide(asked, KNOWN, POLICY, DAY), Permit)

    def written(self, role: str, purpose: str, group: Group) -> bool:
        terms = POLICY.role(role, DAY)
        return terms is not None and purpose in terms.purposes and group in terms.groups

    def test_one_group_too_many_shuts_all(self) -> None:
        asked = ask(groups=frozenset({"identity", "health"}))
        assert decide(asked, KNOWN, POLICY, DAY) == Block("no_mandate")

    def test_before_a_role_is_in_force_it_is_none(self) -> None:
        assert decide(ask(), KNOWN, POLICY, date(2025, 12, 31)) == Block("no_mandate")
        assert decide(break_glass(), KNOWN, POLICY, date(2025, 12, 31)) == Block("no_mandate")

    def test_a_broken_glass_opens_any_group_for_safety_alone(self) -> None:
        assert isinstance(decide(break_glass(), KNOWN, POLICY, DAY), Permit)
        assert decide(break_glass(purpose="support"), KNOWN, POLICY, DAY) == Block("no_mandate")

    def test_the_glass_does_not_bring_back_what_was_erased(self) -> None:
        assert decide(break_glass(), Facts(case_known=False, erased=True), POLICY, DAY) == Block("erased")
        assert decide(break_glass(), Facts(case_known=False), POLICY, DAY) == Block("unknown_case")

    def test_whoever_may_not_see_it_does_not_learn_whether_there_is_such_a_case(self) -> None:
        asked = ask(groups=frozenset({"narrative"}))
        stands = (KNOWN, Facts(case_known=False), Facts(case_known=False, erased=True))
        assert {decide(asked, facts, POLICY, DAY) for facts in stands} == {Block("no_mandate")}
        late = [replace(facts, others=MOST_CASES) for facts in stands]
        assert {decide(ask(), facts, POLICY, DAY) for facts in late} == {Block("second_person")}

    @pytest.mark.parametrize("asked", [ask(), break_glass()])
    def test_bulk_needs_a_second_person(self, asked: Any) -> None:  # noqa: ANN401 - an Ask
        almost, bulk = (Facts(case_known=True, others=n) for n in (MOST_CASES - 1, MOST_CASES))
        assert isinstance(decide(asked, almost, POLICY, DAY), Permit)
        assert decide(asked, bulk, POLICY, DAY) == Block("second_person")

    def test_with_a_second_person_bulk_is_shown(self) -> None:
        assert isinstance(decide(ask(second=OTHER), Facts(case_known=True, others=99), POLICY, DAY), Permit)


class TestCheckWords:
    """How it is asked."""

    def test_finds_nothing_wrong_where_nothing_is(self) -> None:
        assert check_words(ask(second=OTHER, minutes=60), POLICY, DAY) == []

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"role": "director"}, "role"),
            ({"purpose": "curiosity"}, "purpose"),
            ({"break_glass": True}, "purpose"),
            ({"why": " "}, "reason"),
            ({"why": "x" * 301}, "reason"),
            ({"groups": frozenset[str]()}, "group"),
            ({"groups": frozenset({"shoe_size"})}, "group"),
            ({"minutes": 0}, "minutes"),
            ({"minutes": 61}, "minutes"),
            ({"second": f" {BY.upper()}"}, "second"),
            ({"second": " "}, "second"),
        ],
    )
    def test_names_the_field_and_repeats_no_word(self, changes: dict[str, Any], field: str) -> None:
        wrong = check_words(ask(**changes), POLICY, DAY)
        assert {name for name, _ in wrong} == {field}
        said = " ".join(text for _, text in wrong)
        assert not [each for each in ("director", "curiosity", "shoe_size", "Zorabelle") if each in said]

    def test_repr_hides_why(self) -> None:
        assert "Zorabelle" not in repr(ask())


class TestStillOpen:
    """The box of time."""

    @pytest.mark.parametrize(("minutes", "open_"), [(-10, False), (0, True), (14, True), (15, False)])
    def test_has_two_ends_so_that_a_wrong_clock_opens_nothing(self, minutes: int, open_: bool) -> None:
        at = datetime(2026, 11, 24, 12, tzinfo=UTC)
        now = at + timedelta(minutes=minutes)
        assert still_open(at, at + timedelta(minutes=15), now) is open_
        assert not still_open(at, None, at)


class TestCheckReview:
    """Who judges."""

    def test_nobody_judges_the_own_doing(self) -> None:
        said = Judgement("unjustified", "supervisor", OTHER)
        assert check_review(BY, said) is None
        assert check_review(BY, replace(said, by=BY.title())) == (
            "by", "you broke the glass yourself: somebody else reviews it"
        )  # fmt: skip
        assert check_review(BY, replace(said, verdict="fine")) == (
            "verdict", "say one of justified, unjustified",
        )  # fmt: skip

    def test_only_some_roles_judge(self) -> None:
        fine = [role for role in [*POLICY.roles, "director"] if check_reviewer(role, POLICY, DAY) is None]
        assert fine == ["supervisor", "data_protection"]
        assert check_reviewer("supervisor", POLICY, date(2025, 12, 31)) == ("role", "say one of ")


class TestRoles:
    """Roles of a policy."""

    def test_are_those_of_the_code_list(self) -> None:
        assert set(POLICY.roles) == ROLES.codes

    def test_two_terms_on_a_day_or_an_unknown_purpose_are_no_policy(self) -> None:
        term = f'[[roles.boss]]\npurposes = ["help"]\ngroups = []\n{policies.CELL.replace(", ", chr(10))}\n'
        text = policies.text() + "\n" + term
        assert parse_policy("p", text).role("boss", DAY) is not None
        with pytest.raises(PolicyError, match=r"roles\.boss: two terms on the same day"):
            parse_policy("p", text + term)
        with pytest.raises(PolicyError, match=r"roles\.boss\.purposes: joy is not defined"):
            parse_policy("p", text.replace('purposes = ["help"]\ngroups', 'purposes = ["joy"]\ngroups'))
