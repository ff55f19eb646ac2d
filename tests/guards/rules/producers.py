"""Who makes an event: the services that emit, and the event classes whose names they use as values."""

import ast
from collections.abc import Iterable, Iterator
from typing import cast

from tests.guards.rules.tree import Module, calls


def emitted(modules: Iterable[Module], events: Iterable[str]) -> dict[str, set[str]]:
    """Find for each event class the services that can emit it.

    A service can emit a class if it calls `.emit(` anywhere and names the class as a value, alone or as
    `module.Class`: handed to `emit`, returned by a decision, or looked up in a table. Imports, annotations,
    unions of types, patterns, isinstance, keys of tables (as routes have) and a class of which only an
    attribute is asked do not count.
    """
    by_service: dict[str, list[Module]] = {}
    for module in modules:
        if len(module.parts) > 2 and module.parts[:2] == ("services", "stafet"):
            by_service.setdefault(module.parts[2], []).append(module)
    emitters = {name: own for name, own in by_service.items() if any(_emits(module) for module in own)}
    used = {name: {each for module in own for each in values(module)} for name, own in emitters.items()}
    return {event: {name for name, found in used.items() if event in found} for event in events}


def values(module: Module) -> set[str]:
    """Find the names that a module uses as values, of `module.Class` the class."""
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in _value_nodes(module.tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def _emits(module: Module) -> bool:
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == "emit" for call in calls(module))


def _value_nodes(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for name, value in ast.iter_fields(node):
        if _is_not_a_value(node, name):
            continue
        for child in cast("list[object]", value) if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _value_nodes(child)


def _is_not_a_value(node: ast.AST, field: str) -> bool:
    tested = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"isinstance", "issubclass"}
    )
    key = isinstance(node, ast.Dict) and field == "keys"
    called = isinstance(node, ast.MatchClass) and field == "cls"
    asked = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    union = isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)
    return tested or key or called or asked or union or field in {"annotation", "returns"}
