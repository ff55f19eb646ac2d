"""Every HTTP route asks who is there: the router has the auth dependency, so that no route can forget it."""

import ast
from typing import Final

from tests.guards.rules.tree import Module, calls, dotted

OPEN: Final = frozenset({"services/stafet_runtime/health.py"})
"""Health and readiness answer anybody: they say up or down and nothing else."""
VERBS: Final = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "api_route", "websocket"}
)
APPS: Final = frozenset({"app", "_app", "application"})


def open_routers(module: Module) -> list[str]:
    """Name each router without dependencies, and each route hung on an application beside all routers."""
    if module.path in OPEN:
        return []
    found: list[str] = []
    for call in calls(module):
        if dotted(call.func).rpartition(".")[2] == "APIRouter" and not _guarded(call):
            found.append(
                f"{module.path}:{call.lineno}: APIRouter without dependencies=[Depends(<who is there>)]"
            )
        if isinstance(call.func, ast.Attribute) and _on_app(call.func):
            found.append(
                f"{module.path}:{call.lineno}: a route on the application itself; put it on a guarded router"
            )
    return found


def _guarded(call: ast.Call) -> bool:
    given = [each.value for each in call.keywords if each.arg == "dependencies"]
    return any(not isinstance(each, ast.List | ast.Tuple) or each.elts for each in given)


def _on_app(function: ast.Attribute) -> bool:
    on_app = dotted(function.value).rpartition(".")[2] in APPS
    return on_app and function.attr in VERBS | {"add_api_route", "add_route", "mount"}
