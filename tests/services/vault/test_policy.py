"""The matrix as data."""

from datetime import date
from pathlib import Path

import pytest

from stafet.vault.adapters.policyfile import load_policy
from stafet.vault.policy import Cell
from stafet_schemas.groups import Group

CELL = 'valid_from = 2026-01-01, citation = "law"'


class TestLoadPolicy:
    """Reading the file."""

    def test_every_receiver_has_a_cited_cell_for_every_group(self) -> None:
        policy = load_policy()
        assert set(policy.receivers) == {"police", "redcross"}
        for receiver in policy.receivers.values():
            assert set(receiver.cells) == set(Group)
            assert all(cell.citation for cells in receiver.cells.values() for cell in cells)

    def test_every_group_has_a_list_of_fields(self) -> None:
        assert set(load_policy().fields) == set(Group)

    def test_a_receiver_with_an_undecided_group_is_refused_by_name(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.toml"
        path.write_text(
            f'version = "1"\n[fields]\n[status]\nmark = "A"\ncitation = "law"\nvalid_from = 2026-01-01\n'
            f'[receivers.shelter]\nrow = "Shelter"\ncells.routing = [{{ mark = "A", {CELL} }}]\n'
        )
        with pytest.raises(ValueError, match=r"receivers\.shelter: .*identity"):
            load_policy(path)

    @pytest.mark.parametrize(
        ("text", "says"),
        [("version =", "no TOML"), ('version = "1"', "fields"), ("free = true", "free")],
    )
    def test_what_is_no_policy_is_refused(self, tmp_path: Path, text: str, says: str) -> None:
        path = tmp_path / "policy.toml"
        path.write_text(text)
        with pytest.raises(ValueError, match=says):
            load_policy(path)

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="cannot be read"):
            load_policy(tmp_path / "nowhere.toml")


class TestReleased:
    """What a receiver may see on a day."""

    def test_an_unknown_receiver_sees_nothing(self) -> None:
        assert load_policy().released("shelter", date(2026, 11, 24)) == {}

    def test_a_consent_cell_releases_nothing(self) -> None:
        assert Group.NARRATIVE not in load_policy().released("redcross", date(2026, 11, 24))

    def test_a_group_that_is_also_gated_is_not_released(self) -> None:
        policy = load_policy()
        gate = Cell(mark="c", citation="law", valid_from=date(2026, 1, 1))
        redcross = policy.receivers["redcross"]
        cells = redcross.cells | {Group.IDENTITY: (*redcross.cells[Group.IDENTITY], gate)}
        narrowed = policy.model_copy(
            update={"receivers": {"redcross": redcross.model_copy(update={"cells": cells})}}
        )
        assert Group.IDENTITY not in narrowed.released("redcross", date(2026, 11, 24))


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
