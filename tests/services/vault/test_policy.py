"""The matrix as data."""

from datetime import date
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest

from stafet.referrals.adapters.rulesfile import load_rules
from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.policy import Cell, PolicyError, parse_policy
from stafet_runtime.dated import DataError
from stafet_schemas.codes import AGENCIES
from stafet_schemas.groups import Group
from tests.services.vault.matrix import BEGIN, COLUMNS, ROWS, expected, staffed
from tests.services.vault.policies import CELL, EMPTY, MANDATE, changed, text

POLICY = load_policy()
STAFFED = staffed(POLICY)
TODAY = date(2026, 11, 24)
DAYS = (date(2025, 12, 31), BEGIN, TODAY, date(2031, 1, 1))


class TestMatrix:
    """What comes with the vault, cell by cell against the design."""

    def test_has_the_rows_of_the_design_and_no_other(self) -> None:
        assert [each.row for each in POLICY.receivers.values()] == list(ROWS)
        assert all(len(cells.split(" | ")) == len(COLUMNS) == len(Group) for cells in ROWS.values())

    @pytest.mark.parametrize("code", POLICY.receivers)
    def test_a_row_sees_what_the_design_says_and_nothing_else(self, code: str) -> None:
        row = POLICY.receivers[code].row
        for group, consented, grounded, on in product(Group, (False, True), (False, True), DAYS):
            seen = STAFFED.visible(
                code,
                on,
                consented=frozenset({group} if consented else ()),
                grounded=frozenset({group} if grounded else ()),
            )
            wanted = expected(row, group, consented=consented, grounded=grounded, on=on)
            assert seen.get(group) == wanted, (row, group, consented, grounded, on)

    @pytest.mark.parametrize("code", POLICY.receivers)
    def test_what_opens_one_group_opens_no_other(self, code: str) -> None:
        always = STAFFED.visible(code, TODAY)
        for group in Group:
            only = frozenset({group})
            seen = STAFFED.visible(code, TODAY, consented=only, grounded=only)
            assert {each: names for each, names in seen.items() if each != group} == {
                each: names for each, names in always.items() if each != group
            }

    def test_every_cell_is_cited(self) -> None:
        cells = [cell for each in POLICY.receivers.values() for some in each.cells.values() for cell in some]
        assert len(cells) == 17 * 11 + 4
        assert all(cell.citation for cell in cells)

    def test_every_agency_that_is_connected_has_a_mandate(self) -> None:
        connected = {rule.receiver for rule in load_rules().rules if rule.channel == "hub"}
        assert connected == {"police", "redcross", "shelter", "immigration"}
        assert {each for each in connected if POLICY.mandate(each, TODAY) is None} == set()

    def test_every_organisation_is_an_agency_that_is_known(self) -> None:
        assert set(POLICY.organisations) - AGENCIES.codes == set()

    def test_what_the_routing_rules_send_the_mandates_allow(self) -> None:
        # What is not connected is told nothing by the vault: the coordinator hands it over.
        for rule in (each for each in load_rules().rules if each.channel == "hub"):
            mandate = POLICY.mandate(rule.receiver, max(rule.valid_from, BEGIN))
            assert mandate is not None
            assert set(rule.services) <= mandate.services

    def test_a_return_partner_can_be_sent_nothing_for_support(self) -> None:
        assert "support" not in STAFFED.purposes_of("return_agency", TODAY)
        assert "support" not in STAFFED.purposes_of("return_partner", TODAY)

    def test_only_the_competent_identify_formally(self) -> None:
        mandates = {code: POLICY.mandate(code, TODAY) for code in POLICY.organisations}
        competent = {code for code, mandate in mandates.items() if mandate and mandate.identify}
        assert competent == {"cmm", "immigration", "siri"}


class TestVisible:
    """What an organisation may see on a day."""

    def test_an_unknown_organisation_sees_nothing(self) -> None:
        every = frozenset(Group)
        assert POLICY.visible("hotel", TODAY, consented=every, grounded=every) == {}
        assert POLICY.purposes_of("hotel", TODAY) == frozenset()

    def test_before_its_mandate_and_after_it_an_organisation_sees_nothing(self) -> None:
        policy = parse_policy("p", text(mandate_to="2027-01-01"))
        sees = {
            day: set(policy.visible("home", day)) for day in (BEGIN, date(2026, 12, 31), date(2027, 1, 1))
        }
        assert sees == {BEGIN: {"routing"}, date(2026, 12, 31): {"routing"}, date(2027, 1, 1): set()}
        assert policy.visible("home", date(2025, 12, 31)) == {}

    def test_a_cell_that_has_ended_closes_its_group(self) -> None:
        policy = parse_policy("p", changed("routing", f'{{ mark = "A", {CELL}, valid_to = 2026-06-01 }}'))
        assert Group.ROUTING in policy.visible("home", date(2026, 5, 31))
        assert Group.ROUTING not in policy.visible("home", date(2026, 6, 1))

    def test_a_successor_takes_over_on_its_day(self) -> None:
        ended = f'{{ mark = "A", {CELL}, valid_to = 2026-06-01 }}'
        successor = '{ mark = "c", citation = "law", valid_from = 2026-06-01 }'
        policy = parse_policy("p", changed("routing", f"{ended}, {successor}"))
        assert not policy.needs_consent("home", Group.ROUTING, date(2026, 5, 31))
        assert policy.needs_consent("home", Group.ROUTING, date(2026, 6, 1))

    def test_consent_and_ground_open_what_each_of_them_names(self) -> None:
        cells = f'{{ mark = "c", fields = ["a"], {CELL} }}, {{ mark = "l", fields = ["b"], {CELL} }}'
        policy = parse_policy("p", changed("routing", cells))
        routing = frozenset({Group.ROUTING})
        assert policy.visible("home", TODAY) == {}
        assert policy.visible("home", TODAY, consented=routing) == {Group.ROUTING: {"a"}}
        assert policy.visible("home", TODAY, grounded=routing) == {Group.ROUTING: {"b"}}
        assert policy.visible("home", TODAY, consented=routing, grounded=routing) == {
            Group.ROUTING: {"a", "b"}
        }

    def test_consent_and_ground_open_nothing_that_is_never_released(self) -> None:
        every = frozenset(Group)
        seen = parse_policy("p", text()).visible("home", TODAY, consented=every, grounded=every)
        assert seen == {Group.ROUTING: {"a", "b"}}


class TestNeedsConsent:
    """Where consent is the gate."""

    @pytest.mark.parametrize(
        ("recipient", "group", "needed"),
        [
            ("redcross", Group.NARRATIVE, True),
            ("redcross", Group.IDENTITY, False),
            ("police", Group.IDENTITY, True),
            ("police", Group.CHILD, False),
            ("police", Group.HEALTH, False),
            ("nobody", Group.IDENTITY, False),
        ],
    )
    def test_it_is_where_a_c_is_in_force(self, recipient: str, group: Group, needed: bool) -> None:
        assert POLICY.needs_consent(recipient, group, TODAY) is needed


class TestParsePolicy:
    """What a policy must say."""

    def test_the_digest_is_of_the_text(self) -> None:
        assert parse_policy("p", text()).digest == sha256(text().encode()).hexdigest()
        assert parse_policy("p", text()).digest != parse_policy("p", text() + "\n").digest

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            (text().replace('routing = ["a", "b"]', "routing = []"), "fields.routing"),
            (text().replace('narrative = ["n"]', ""), "fields: narrative is missing"),
            (text().replace('purposes = ["help"]', 'purposes = ["spy"]'), "spy is not defined"),
            (text().replace('receiver = "house"', 'receiver = "hous"'), "there is no receiver hous"),
            (text().replace("services = []", 'services = ["bed"]'), "bed is not on the code list service"),
            (text(mandate_to="2026-01-01"), "valid_to is not after valid_from"),
            (changed("identity", ""), "receivers.house: .*identity"),
            (changed("routing", f'{{ mark = "A", fields = ["z"], {CELL} }}'), "z is not on the allow-list"),
            (changed("routing", f'{{ mark = "-", fields = ["a"], {CELL} }}'), "names none"),
            (changed("routing", f'{{ mark = "A", fields = [], {CELL} }}'), "routing.0.fields"),
            (changed("routing", f'{{ mark = "B", {CELL} }}'), "routing.0.mark"),
            (
                changed("routing", '{ mark = "A", citation = "", valid_from = 2026-01-01 }'),
                "routing.0.citation",
            ),
            (changed("routing", '{ mark = "A", citation = "law" }'), "routing.0.valid_from"),
            (
                changed("routing", f'{{ mark = "A", {CELL} }}, {{ mark = "c", {CELL} }}'),
                "A and c on one day",
            ),
            (
                changed("routing", f'{{ mark = "c", {CELL} }}, {{ mark = "c", {CELL} }}'),
                "c and c on one day",
            ),
            (
                changed("routing", f'{{ mark = "l", {CELL} }}, {{ mark = "-", {CELL} }}'),
                "l and - on one day",
            ),
            (text() + MANDATE, "two mandates"),
            ('digest = "0"\n' + text(), "never written"),
            ("free = true\n" + text(), "free"),
            (EMPTY, "receivers"),
            ("version =", "no TOML"),
        ],
    )
    def test_a_wrong_one_is_refused_by_place(self, wrong: str, says: str) -> None:
        with pytest.raises(PolicyError, match=says):
            parse_policy("mine.toml", wrong)


class TestLoadPolicy:
    """Reading the file."""

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            load_policy(tmp_path / "nowhere.toml")

    def test_a_file_that_is_no_text_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.toml"
        path.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(DataError, match="not UTF-8"):
            load_policy(path)


class TestCell:
    """When a mark is in force."""

    @pytest.mark.parametrize(
        ("on", "holds"),
        [
            (date(2025, 12, 31), False),
            (date(2026, 1, 1), True),
            (date(2026, 11, 30), True),
            (date(2026, 12, 1), False),
        ],
    )
    def test_it_holds_from_its_first_day_up_to_its_end(self, on: date, holds: bool) -> None:
        cell = Cell(mark="A", citation="law", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 1))
        assert cell.holds(on) is holds
