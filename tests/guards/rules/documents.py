"""What documents promise: functions that exist, decisions numbered through, links that lead somewhere."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

STEP: Final = re.compile(r"`?([A-Za-z0-9_./-]+\.py)`?: `?([A-Za-z_][A-Za-z0-9_.]*)`?")
DECISION: Final = re.compile(r"^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.md$")
LINK: Final = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def steps(text: str) -> list[tuple[str, str]]:
    """Find the `path/file.py: function` mentions of a document, in order."""
    return STEP.findall(text)


def missing_steps(text: str, root: Path) -> list[str]:
    """Name each mention whose file or function (or `Class.method`) is not below `root`."""
    found: list[str] = []
    for path, name in steps(text):
        if not (root / path).is_file():
            found.append(f"{path}: there is no such file")
        elif name not in names(ast.parse((root / path).read_text(encoding="utf-8"))):
            found.append(f"{path}: there is no {name} in it")
    return found


def names(tree: ast.Module) -> set[str]:
    """Find functions, classes and methods of a module; nested ones by their path, as in `Class.method`."""
    return set(_names(tree.body, ""))


def _names(body: Iterable[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield f"{prefix}{node.name}"
            yield from _names(node.body, f"{prefix}{node.name}.")


def decision_problems(files: Iterable[str]) -> list[str]:
    """Name each file that is no numbered decision, and each gap or repetition in the numbers (from 0001)."""
    found = [
        f"{file}: decisions are called NNNN-what-was-decided.md" for file in files if not DECISION.match(file)
    ]
    numbers = sorted(int(file[:4]) for file in files if DECISION.match(file))
    gaps = [pair for pair in zip(numbers, range(1, len(numbers) + 1), strict=True) if pair[0] != pair[1]]
    return found + [f"decision {have:04} stands where {wanted:04} is due" for have, wanted in gaps[:1]]


def dead_links(text: str, folder: Path) -> list[str]:
    """Name each relative link of a Markdown text that leads to nothing, seen from its folder."""
    return [target for target in LINK.findall(text) if not (folder / target).exists()]
