import pytest

from tests.guards.rules.suppressions import bare_rules, bare_suppressions
from tests.guards.rules.tree import ROOT, modules, parsed

OFF = "no" + "qa"
IGNORE = "type: " + "ignore"


class TestSuppressions:
    def test_have_a_code_and_a_reason(self) -> None:
        everything = modules("schemas", "connectors", "services", "tests", "bench")

        assert [said for module in everything for said in bare_suppressions(module)] == []

    def test_of_whole_rules_have_a_sentence_above(self) -> None:
        assert bare_rules((ROOT / "ruff.toml").read_text(encoding="utf-8")) == []


class TestTheRuleItself:
    @pytest.mark.parametrize(
        "comment", [f"# {OFF}", f"# {OFF}: S101", f"# {IGNORE}", f"# {IGNORE}[misc]", f"# {OFF}: S101, E501"]
    )
    def test_catches(self, comment: str) -> None:
        assert len(bare_suppressions(parsed(f"x = 1\ny = 2  {comment}\n"))) == 1

    @pytest.mark.parametrize(
        "text",
        [
            f"y = 2  # {OFF}: S101 - nothing else holds here",
            f"y = 2  # {IGNORE}[misc] # the library has no types",
            f"# The library has no types.\ny = 2  # {IGNORE}[misc]",
            f"y = '# {OFF}'",
        ],
    )
    def test_lets_pass(self, text: str) -> None:
        assert bare_suppressions(parsed(text)) == []

    def test_catches_a_rule_without_a_sentence(self) -> None:
        config = (
            'select = ["ALL"]\nignore = [\n  # Because.\n  "A1",\n  "B2",\n]\n"tests/**" = [\n  "C3",\n]\n'
        )

        assert bare_rules(config) == ['"B2"', '"C3"']
