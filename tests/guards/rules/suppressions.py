"""A rule may be switched off where it is wrong: by its code, and with a reason beside or above."""

import io
import re
import tokenize
from typing import Final

from tests.guards.rules.tree import Module

WITH_CODES: Final = re.compile(
    r"(?:noqa: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*|type: ignore\[[a-z, -]+\]|pyright: ignore\[[A-Za-z, ]+\])"
)
ANY: Final = re.compile(r"\bnoqa\b|\btype: ?ignore|\bpyright: ?(?:ignore|basic|strict)|\bpragma:")
REASON: Final = re.compile(r"[A-Za-z]{2,}")


def bare_suppressions(module: Module) -> list[str]:
    """Name each comment that switches a rule off without a code, or without a reason beside or above."""
    lines = module.text.splitlines()
    return [
        f"{module.path}:{number}: {said}"
        for number, comment in _comments(module.text)
        if ANY.search(comment) and (said := _problem(comment, lines[number - 2] if number > 1 else ""))
    ]


def bare_rules(config: str) -> list[str]:
    """Name each rule that a ruff configuration switches off on a line without a comment above it."""
    found: list[str] = []
    explained = inside = False
    for line in map(str.strip, config.splitlines()):
        inside = (inside or line.endswith("= [")) and line != "]"
        if inside and line.startswith('"') and not line.endswith("= [") and not explained:
            found.append(line.rstrip(","))
        explained = line.startswith("#")
    return found


def _comments(text: str) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [(each.start[0], each.string) for each in tokens if each.type == tokenize.COMMENT]


def _problem(comment: str, above: str) -> str:
    rest = WITH_CODES.sub("", comment)
    if ANY.search(rest):
        return "names no code; write which rule is wrong here"
    explained = REASON.search(rest) or above.strip().startswith("#")
    return "" if explained else "gives no reason; write why the rule is wrong here"
