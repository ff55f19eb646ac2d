"""The size budget: small files and small functions, counted in lines of the file as it stands."""

import ast
from collections.abc import Iterable
from statistics import median
from typing import Final

from tests.guards.rules.tree import Module

MODULE_MEDIAN: Final = 90
MODULE_MAX: Final = 350
FUNCTION_MEDIAN: Final = 10
FUNCTION_MAX: Final = 60


def module_sizes(modules: Iterable[Module]) -> dict[str, int]:
    """Count the lines of each module, by path."""
    return {each.path: len(each.text.splitlines()) for each in modules}


def function_sizes(modules: Iterable[Module]) -> dict[str, int]:
    """Count the lines of each function from `def` to its end, by `path: name:line`."""
    return {
        f"{each.path}: {node.name}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for each in modules
        for node in ast.walk(each.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def above(sizes: dict[str, int], limit: int) -> list[str]:
    """Name what is larger than the limit, largest first."""
    return [
        f"{name} has {size} lines"
        for name, size in sorted(sizes.items(), key=lambda one: -one[1])
        if size > limit
    ]


def middle(sizes: dict[str, int]) -> float:
    """Find the median; nothing has the median 0."""
    return median(sizes.values()) if sizes else 0.0
