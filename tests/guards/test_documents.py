from pathlib import Path

import pytest

from tests.guards.rules.documents import (
    dead_links,
    decision_problems,
    missing_steps,
    names,
    steps,
)
from tests.guards.rules.tree import ROOT, files, parsed

WALK = ROOT / "docs/walk.md"
DECISIONS = ROOT / "docs/adr"
DOCUMENTS = [each for each in files() if each.suffix == ".md"]


class TestWalk:
    def test_names_the_function_of_each_of_its_sixteen_steps(self) -> None:
        assert len(steps(WALK.read_text(encoding="utf-8"))) >= 16

    def test_names_functions_that_exist(self) -> None:
        assert missing_steps(WALK.read_text(encoding="utf-8"), ROOT) == []


class TestDecisions:
    def test_are_numbered_through(self) -> None:
        found = [each.name for each in DECISIONS.iterdir() if each.name != "README.md"]

        assert found
        assert decision_problems(found) == []


class TestLinks:
    @pytest.mark.parametrize("file", DOCUMENTS, ids=lambda each: each.relative_to(ROOT).as_posix())
    def test_lead_somewhere(self, file: Path) -> None:
        assert dead_links(file.read_text(encoding="utf-8"), file.parent) == []


class TestTheRuleOfTheWalk:
    def test_catches_a_missing_file_and_a_missing_function(self, tmp_path: Path) -> None:
        (tmp_path / "there.py").write_text("class Lane:\n    async def take(self): ...\n", encoding="utf-8")
        text = (
            "1. `there.py: Lane.take`\n2. `there.py: gone`\n3. `not/there.py`: `take` and `there.py`: `Lane`"
        )

        assert len(steps(text)) == 4
        assert missing_steps(text, tmp_path) == [
            "there.py: there is no gone in it",
            "not/there.py: there is no such file",
        ]

    def test_sees_functions_classes_methods_and_nested_ones(self) -> None:
        tree = parsed("def a():\n    def b(): ...\nclass C:\n    async def d(self): ...\nE = 1").tree

        assert names(tree) == {"a", "a.b", "C", "C.d"}


class TestTheRuleOfDecisions:
    @pytest.mark.parametrize(
        ("files", "said"),
        [
            (["0001-one.md", "0002-two.md"], []),
            (["0001-one.md", "0003-three.md"], ["decision 0003 stands where 0002 is due"]),
            (["0001-one.md", "0001-again.md"], ["decision 0001 stands where 0002 is due"]),
            (["notes.md"], ["notes.md: decisions are called NNNN-what-was-decided.md"]),
        ],
    )
    def test_catches_gaps_repetitions_and_other_names(self, files: list[str], said: list[str]) -> None:
        assert decision_problems(files) == said


class TestTheRuleOfLinks:
    def test_catches_a_dead_link_only(self, tmp_path: Path) -> None:
        (tmp_path / "here.md").touch()

        assert dead_links("[a](here.md#part) [b](https://example.org) [c](#part) [d](gone.md)", tmp_path) == [
            "gone.md"
        ]
