"""What decides asks neither clock nor chance nor machine: which calls in a source do."""

import ast
from typing import Final

IMPURE: Final = frozenset(
    {
        "now",
        "utcnow",
        "today",
        "time",
        "monotonic",
        "uuid1",
        "uuid4",
        "uuid7",
        "random",
        "urandom",
        "token_hex",
        "token_bytes",
        "token_urlsafe",
        "getenv",
        "open",
        "read_text",
        "read_bytes",
        "print",
        "input",
    }
)


def impurities(tree: ast.AST) -> list[str]:
    """Name each call, as `now()`, that gives another answer next time or changes something outside."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in calls]
    return [f"{name}()" for name in dict.fromkeys(names) if name in IMPURE]
