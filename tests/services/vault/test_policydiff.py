"""What two policies differ in."""

from datetime import date
from itertools import product

import pytest

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.domain.policydiff import LESS, MORE, OTHER, Change, Period, differences, lapses
from stafet.vault.policy import Policy, parse_policy
from stafet_schemas.groups import Group
from tests.services.vault.policies import CELL, MANDATE, changed, text

TODAY = date(2026, 11, 24)
LATER = date(2027, 3, 1)
OLD = parse_policy("old", text())


def seen(policy: Policy, *, consented: bool, grounded: bool) -> dict[Group, frozenset[str]]:
    """List what the organisation `home` sees with or without consent and ground to everything."""
    every = frozenset(Group)
    return policy.visible(
        "home",
        TODAY,
        consented=every if consented else frozenset(),
        grounded=every if grounded else frozenset(),
    )


class TestDifferences:
    """More, less, other."""

    @pytest.mark.parametrize(
        ("cells", "changes"),
        [
            (f'{{ mark = "A", {CELL} }}', [("identity.i", MORE, "-", "A")]),
            (f'{{ mark = "c", {CELL} }}', [("identity.i", MORE, "-", "c")]),
            (f'{{ mark = "-", {CELL} }}', []),
        ],
    )
    def test_a_group_that_opens_is_more(self, cells: str, changes: list[tuple[str, ...]]) -> None:
        new = parse_policy("new", changed("identity", cells))
        wanted = tuple(Change("receiver house", *each) for each in changes)
        assert differences(OLD, new, TODAY) == [Period(TODAY, wanted)]

    @pytest.mark.parametrize(
        ("marks", "sign", "now"),
        [
            (["c"], LESS, "c"),
            (["c", "l"], LESS, "c/l"),
            (["-"], LESS, "-"),
        ],
    )
    def test_a_gate_in_front_of_what_was_open_is_less(self, marks: list[str], sign: str, now: str) -> None:
        new = parse_policy("new", changed("routing", ", ".join(f'{{ mark = "{m}", {CELL} }}' for m in marks)))
        wanted = tuple(Change("receiver house", f"routing.{name}", sign, "A", now) for name in "ab")
        assert differences(OLD, new, TODAY) == [Period(TODAY, wanted)]

    def test_a_ground_instead_of_a_consent_is_neither(self) -> None:
        one, other = (parse_policy("p", changed("identity", f'{{ mark = "{m}", {CELL} }}')) for m in "cl")
        wanted = (Change("receiver house", "identity.i", OTHER, "c", "l"),)
        assert differences(one, other, TODAY) == [Period(TODAY, wanted)]

    def test_a_narrower_list_of_fields_is_less(self) -> None:
        new = parse_policy("new", changed("routing", f'{{ mark = "A", fields = ["a"], {CELL} }}'))
        wanted = (Change("receiver house", "routing.b", LESS, "A", "-"),)
        assert differences(OLD, new, TODAY) == [Period(TODAY, wanted)]

    def test_what_changes_later_is_named_on_its_day_and_again_when_it_is_over(self) -> None:
        cells = f'{{ mark = "A", {CELL} }}, {{ mark = "A", {CELL} }}'.split(", {")
        first = cells[0].replace(" }", ", valid_to = 2027-03-01 }")
        second = '{ mark = "A", citation = "law", valid_from = 2027-04-01 }'
        new = parse_policy("new", changed("routing", f"{first}, {second}"))
        gone = tuple(Change("receiver house", f"routing.{name}", LESS, "A", "-") for name in "ab")
        assert differences(OLD, new, TODAY) == [
            Period(TODAY, ()),
            Period(LATER, gone),
            Period(date(2027, 4, 1), ()),
        ]

    def test_mandates_and_purposes_are_compared(self) -> None:
        said = (
            text()
            .replace("identify = false", "identify = true")
            .replace("services = []", 'services = ["health"]')
        )
        said = said.replace('help = "Help"', 'help = "Help"\nspy = "Spy"').replace(
            '["help"]', '["help", "spy"]'
        )
        (period,) = differences(OLD, parse_policy("new", said), TODAY)
        assert [(each.who, each.what, each.sign) for each in period.changes] == [
            ("organisation home", "identify victims formally", MORE),
            ("organisation home", "service health", MORE),
            ("receiver house", "purpose spy", MORE),
        ]

    def test_a_mandate_that_ends_takes_everything(self) -> None:
        last = differences(OLD, parse_policy("new", text(mandate_to="2027-03-01")), TODAY)[-1]
        assert last == Period(
            LATER, (Change("organisation home", "what receiver house sees", LESS, "A", "-"),)
        )

    def test_a_status_that_is_withheld_is_less(self) -> None:
        new = parse_policy("new", text().replace('[status]\nmark = "A"', '[status]\nmark = "-"'))
        assert differences(OLD, new, TODAY) == [Period(TODAY, (Change("sender", "status", LESS, "A", "-"),))]

    def test_the_policy_that_comes_with_the_vault_does_not_differ_from_itself(self) -> None:
        assert differences(load_policy(), load_policy(), date(2025, 1, 1)) == [Period(date(2025, 1, 1), ())]

    @pytest.mark.parametrize("before", ["A", "c", "l", "-", "cl"])
    @pytest.mark.parametrize("after", ["A", "c", "l", "-", "cl"])
    def test_the_sign_is_what_visible_would_say(self, before: str, after: str) -> None:
        old, new = (
            parse_policy(
                "p", changed("identity", ", ".join(f'{{ mark = "{mark}", {CELL} }}' for mark in marks))
            )
            for marks in (before, after)
        )
        states = list(product((False, True), (False, True)))
        sees = [
            [Group.IDENTITY in seen(policy, consented=c, grounded=g) for c, g in states]
            for policy in (old, new)
        ]
        more = any(now and not then for then, now in zip(*sees, strict=True))
        less = any(then and not now for then, now in zip(*sees, strict=True))
        wanted = {(True, False): [MORE], (False, True): [LESS], (True, True): [OTHER], (False, False): []}
        (period,) = differences(old, new, TODAY)
        assert [each.sign for each in period.changes] == wanted[more, less]


class TestLapses:
    """What ends without a successor."""

    def test_names_the_first_day_without(self) -> None:
        cell = f'{{ mark = "A", {CELL}, valid_to = 2027-03-01 }}'
        assert lapses(parse_policy("p", changed("routing", cell)), TODAY) == {
            "receiver house, routing": LATER
        }
        assert lapses(parse_policy("p", text(mandate_to="2027-03-01")), TODAY) == {"organisation home": LATER}

    def test_a_successor_leaves_no_gap(self) -> None:
        successor = MANDATE.replace("2026-01-01", "2027-03-01")
        assert lapses(parse_policy("p", text(mandate_to="2027-03-01") + successor), TODAY) == {}

    def test_nothing_lapses_in_the_policy_that_comes_with_the_vault(self) -> None:
        assert lapses(load_policy(), TODAY) == {}
