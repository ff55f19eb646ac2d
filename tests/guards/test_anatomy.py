import tomllib
from pathlib import Path
from typing import Any

import pytest

from stafet_schemas.topics import topics
from stafet_sdk.manifest import load_manifest
from tests.guards.rules.anatomy import (
    CONNECTOR_MAY,
    CONNECTOR_NEEDS,
    CONNECTOR_OWN,
    SERVICE_MAY,
    SERVICE_NEEDS,
    SERVICE_OWN,
    strangers,
)
from tests.guards.rules.tree import ROOT, agencies, modules, services

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


class TestServices:
    def test_are_the_nine_of_this_path(self) -> None:
        assert services() == [
            "console", "contacts", "deadlines", "dispatch", "gateway", "identification", "referrals",
            "support", "vault",
        ]  # fmt: skip

    @pytest.mark.parametrize("name", services())
    def test_look_alike(self, name: str) -> None:
        folder = (ROOT / "services/stafet" / name).iterdir()

        assert strangers(name, folder, SERVICE_NEEDS, SERVICE_MAY | SERVICE_OWN.get(name, frozenset())) == []

    @pytest.mark.parametrize("name", services())
    def test_say_what_they_decide_and_which_topics_they_read_and_write(self, name: str) -> None:
        said = next(each for each in modules() if each.parts == ("services", "stafet", name)).text
        touched = [topic.name for topic in topics().values() if name in {*topic.producers, *topic.consumers}]

        assert [topic for topic in touched if topic not in said] == []

    @pytest.mark.parametrize("name", services())
    def test_migrate_in_numbered_steps_with_their_own_names(self, name: str) -> None:
        scripts = sorted((ROOT / "services/stafet" / name / "migrations").glob("[0-9]*.py"))

        assert [script.name[:4] for script in scripts] == [
            f"{number:04}" for number in range(1, len(scripts) + 1)
        ]
        assert [
            script.name
            for script in scripts
            if f'"{name}_{script.name[:4]}"' not in script.read_text("utf-8")
        ] == []


class TestConnectors:
    @pytest.mark.parametrize("agency", agencies())
    def test_have_a_valid_manifest_named_after_their_folder(self, agency: str) -> None:
        manifest = load_manifest(f"stafet_connectors.{agency}")

        assert manifest.agency == agency
        assert manifest.consumes
        assert manifest.produces

    @pytest.mark.parametrize("agency", agencies())
    def test_look_alike(self, agency: str) -> None:
        folder = (ROOT / "connectors/stafet_connectors" / agency).iterdir()
        may = CONNECTOR_MAY | CONNECTOR_OWN.get(agency, frozenset())

        assert strangers(agency, folder, CONNECTOR_NEEDS, may) == []

    @pytest.mark.parametrize(
        "group", ["stafet.connectors", "stafet.simulators", "stafet.development", "stafet.samples"]
    )
    def test_are_found_by_an_entry_point_of_their_name(self, group: str) -> None:
        points: dict[str, str] = PROJECT["entry-points"][group]

        assert sorted(points) == agencies()
        assert [
            agency for agency, where in points.items() if not where.startswith(f"stafet_connectors.{agency}")
        ] == []


class TestTheRuleItself:
    def test_catches_a_stranger_and_a_gap(self, tmp_path: Path) -> None:
        for file in ("__init__.py", "app.py", "handlers.py", "ports.py", "utils.py", "__pycache__"):
            (tmp_path / file).touch()

        said = strangers("seeded", tmp_path.iterdir(), SERVICE_NEEDS, SERVICE_MAY)

        assert said == ["seeded lacks adapters", "seeded/utils: siblings have no such file"]
