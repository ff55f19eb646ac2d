from tests.guards.rules.size import (
    FUNCTION_MAX,
    FUNCTION_MEDIAN,
    MODULE_MAX,
    MODULE_MEDIAN,
    above,
    function_sizes,
    middle,
    module_sizes,
)
from tests.guards.rules.tree import modules, parsed


class TestCode:
    def test_has_small_modules(self) -> None:
        sizes = module_sizes(modules())

        assert above(sizes, MODULE_MAX) == []
        assert middle(sizes) <= MODULE_MEDIAN

    def test_has_small_functions(self) -> None:
        sizes = function_sizes(modules())

        assert above(sizes, FUNCTION_MAX) == []
        assert middle(sizes) <= FUNCTION_MEDIAN


class TestTestsAndBench:
    def test_have_files_that_fit_the_budget(self) -> None:
        assert above(module_sizes(modules("tests", "bench")), MODULE_MAX) == []

    def test_have_functions_that_fit_the_budget(self) -> None:
        assert above(function_sizes(modules("tests", "bench")), FUNCTION_MAX) == []


class TestTheRuleItself:
    def test_counts_a_long_module_and_a_long_function(self) -> None:
        long = parsed("async def walk():\n" + "    step()\n" * FUNCTION_MAX + "\n" * MODULE_MAX)

        assert above(function_sizes([long]), FUNCTION_MAX) == ["seeded.py: walk:1 has 61 lines"]
        assert above(module_sizes([long]), MODULE_MAX) == ["seeded.py has 411 lines"]

    def test_takes_what_fits_exactly(self) -> None:
        fits = parsed("def walk():\n" + "    step()\n" * (FUNCTION_MAX - 1))

        assert above(function_sizes([fits]), FUNCTION_MAX) == []

    def test_finds_the_middle(self) -> None:
        assert middle({"a": 3, "b": 5, "c": 100}) == 5
        assert middle({}) == 0
