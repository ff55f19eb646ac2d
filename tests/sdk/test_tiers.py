"""The tier is what the findings and the lines say, and nothing more."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources

import pytest

from stafet_sdk.certification.certify import Certificate, asked_of
from stafet_sdk.certification.check import Finding, State
from stafet_sdk.certification.quality import Line, Lines, complaints, read_quality
from stafet_sdk.certification.tiers import earned, tiers, wanted_lines

ALL_DONE: Lines = {
    section: {name: Line("done") for name in names} for section, names in wanted_lines().items()
}
NAMES = [tier.name for tier in tiers()]


def findings(**changed: State) -> list[Finding]:
    """Let every check pass but some, with `__` for the dot in a name."""
    passed: State = "passed"
    names = [name for tier in tiers() for name in tier.checks]
    return [Finding(name, changed.get(name.replace(".", "__"), passed)) for name in names]


def lines(section: str, name: str, line: Line) -> Lines:
    """Have all lines done but one."""
    return {**ALL_DONE, section: {**ALL_DONE[section], name: line}}


class TestEarned:
    def test_is_the_highest_when_nothing_is_lacking(self) -> None:
        assert earned(findings(), ALL_DONE)[0] == "platinum"

    @pytest.mark.parametrize("state", ["failed", "not_applicable", "skipped"])
    @pytest.mark.parametrize("place", range(4))
    def test_ends_below_the_first_tier_whose_check_did_not_pass(self, place: int, state: State) -> None:
        name = tiers()[place].passed[0]
        changed: dict[str, State] = {name.replace(".", "__"): state}
        tier, lacking = earned(findings(**changed), ALL_DONE)
        assert tier == (None, *NAMES)[place]
        assert lacking[NAMES[place]] == [f"{name} is {state.replace('_', ' ')}"]

    @pytest.mark.parametrize(("state", "tier"), [("not_applicable", "platinum"), ("failed", "silver")])
    def test_takes_not_applicable_where_the_rule_says_so(self, state: State, tier: str) -> None:
        assert earned(findings(faults__a_killed_simulator_goes_on=state), ALL_DONE)[0] == tier

    @pytest.mark.parametrize(
        ("line", "tier"),
        [
            (Line("done"), "platinum"),
            (Line("exempt", "there is no network"), "platinum"),
            (Line("exempt"), "silver"),
            (Line("todo", "soon"), "silver"),
        ],
    )
    def test_counts_on_what_people_vouch_for(self, line: Line, tier: str) -> None:
        assert earned(findings(), lines("gold", "hostile_input", line))[0] == tier

    def test_waits_for_nothing_that_only_the_agency_can_do(self) -> None:
        todo = {name: Line("todo", "needs the agency") for name in ALL_DONE["agency"]}
        assert earned(findings(), {**ALL_DONE, "agency": todo})[0] == "platinum"

    def test_is_nothing_where_nothing_was_run(self) -> None:
        assert earned([], ALL_DONE)[0] is None


class TestCertificate:
    WHOLE = Certificate(
        agency="tax",
        version="1",
        transport="sftp",
        at=datetime(2026, 11, 25, tzinfo=UTC),
        quick=False,
        findings=tuple(findings()),
        tier="gold",
        claimed="gold",
        lacking={},
        agency_lines={},
    )

    @pytest.mark.parametrize(
        ("tier", "claimed", "quick", "ok"),
        [
            ("gold", "gold", False, True),
            ("gold", "silver", False, True),
            ("gold", None, False, True),
            ("gold", "platinum", False, False),
            (None, None, False, False),
            (None, "bronze", False, False),
            (None, "platinum", True, True),
        ],
    )
    def test_is_well_when_no_more_is_claimed_than_was_earned(
        self, tier: str | None, claimed: str | None, quick: bool, ok: bool
    ) -> None:
        assert replace(self.WHOLE, tier=tier, claimed=claimed, quick=quick).ok is ok

    def test_is_not_well_by_what_fails_below_what_is_claimed(self) -> None:
        failed = tuple(findings(contract__is_discovered="failed", rotation__the_old_key_ends="failed"))
        found = replace(self.WHOLE, findings=failed, claimed="silver", quick=True)
        assert [each.check for each in found.broken] == ["contract.is_discovered"]
        assert not found.ok

    def test_asks_at_least_for_bronze(self) -> None:
        assert asked_of(None) == asked_of("bronze") < asked_of("silver")


class TestComplaints:
    def test_are_none_about_the_agencies_of_this_tree(self) -> None:
        for agency in ("police", "redcross"):
            folder = resources.files(f"stafet_connectors.{agency}")
            assert complaints(read_quality(folder), wanted_lines()) == []

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            (
                lines("gold", "hostile_input", Line("maybe")),
                "[gold] hostile_input must be done, todo or exempt",
            ),
            (
                lines("gold", "hostile_input", Line("exempt")),
                "[gold] hostile_input is exempt without a comment",
            ),
            (lines("gold", "charm", Line("done")), "[gold] charm is no line of this section"),
            ({**ALL_DONE, "lead": {"charm": Line("done")}}, "[lead] charm is no line of this section"),
            ({**ALL_DONE, "silver": {}}, "[silver] lacks runbook"),
        ],
    )
    def test_name_section_and_line(self, changed: Lines, said: str) -> None:
        assert complaints(changed, wanted_lines()) == [said]
