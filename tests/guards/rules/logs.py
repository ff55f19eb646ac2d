"""What may be logged: a fixed text and allow-listed keys. No value of a person can be among them."""

import ast
from collections.abc import Collection
from typing import Final

from tests.guards.rules.tree import Module, calls, dotted

LEVELS: Final = frozenset(
    {"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "msg", "bind"}
)
LOGGERS: Final = frozenset({"log", "_log", "logger", "_logger", "LOG", "LOGGER", "logging"})
TRACEBACKS: Final = frozenset({"exc_info", "stack_info"})


def unsafe_logging(module: Module, allowed: Collection[str]) -> list[str]:
    """Name each logger call with a composed text, a value in the text, an unpacked mapping or another key."""
    return [
        f"{module.path}:{call.lineno}: {said}"
        for call in calls(module)
        if isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS and _is_logger(call.func.value)
        for said in _problems(call, call.func.attr, allowed)
    ]


def _is_logger(receiver: ast.expr) -> bool:
    if isinstance(receiver, ast.Call):
        return dotted(receiver.func).rpartition(".")[2] in {"get_logger", "getLogger", "bind"}
    return dotted(receiver).rpartition(".")[2] in LOGGERS


def _problems(call: ast.Call, method: str, allowed: Collection[str]) -> list[str]:
    texts = call.args[1:] if method == "log" else call.args
    found: list[str] = []
    if any(not (isinstance(each, ast.Constant) and isinstance(each.value, str)) for each in texts[:1]):
        found.append("the text of a log entry is fixed; what varies goes into an allow-listed key")
    if len(texts) > 1:
        found.append("values go into allow-listed keys, not into the text")
    for key in _keys(call):
        if key is None:
            found.append("a mapping is unpacked into the log; name each key")
        elif key in TRACEBACKS:
            found.append(f"{key} writes a traceback, which may quote values; log exception_type and where")
        elif key not in allowed:
            found.append(f"key {key!r} is not in stafet_runtime.logging.ALLOWED_KEYS")
    if method == "exception":
        found.append(
            "exception() writes a traceback, which may quote values; use error() with exception_type"
        )
    return found


def _keys(call: ast.Call) -> list[str | None]:
    """List the keys of a call; None for a mapping whose keys do not stand there (`**{"class": ...}` does)."""
    found: list[str | None] = []
    for keyword in call.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            found += [
                str(each.value) if isinstance(each, ast.Constant) else None for each in keyword.value.keys
            ]
        else:
            found.append(keyword.arg)
    return found
