"""Decide in pure functions: no clock, no chance and no files in what decides. Clock and ids are passed in."""

import ast
from typing import Final

from tests.guards.rules.tree import Module, calls, dotted

PURE_FILES: Final = frozenset({"domain", "mapping", "handlers"})

IMPURE: Final = frozenset(
    [
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.time_ns",
        "time.monotonic",
        "time.perf_counter",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid1",
        "uuid4",
        "uuid7",
        "random.random",
        "random.choice",
        "random.randint",
        "secrets.token_hex",
        "secrets.token_bytes",
        "secrets.token_urlsafe",
        "os.urandom",
        "os.getenv",
        "open",
        "print",
        "input",
    ]
)


def is_pure(module: Module) -> bool:
    """Say whether a module decides: domain, mapping or handlers, as a file or inside such a folder."""
    return any(part in PURE_FILES for part in module.parts)


def impurities(module: Module) -> list[str]:
    """Name each call that asks the clock, chance or the machine, and each wait."""
    found = [
        f"{module.path}:{call.lineno}: {name}() is not pure; take a Clock, Ids or a value as an argument"
        for call in calls(module)
        if (name := _tail(call.func)) in IMPURE
    ]
    return found + [
        f"{module.path}:{node.lineno}: environment is read here; settings are passed in"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node) == "os.environ"
    ]


def _tail(function: ast.expr) -> str:
    """Keep the last two names, so that `datetime.datetime.now` is found as `datetime.now`."""
    return ".".join(dotted(function).split(".")[-2:])
