"""Handlers never publish and never commit: what the world is to know goes through the outbox."""

import ast
from typing import Final

from tests.guards.rules.tree import Module, calls, dotted

PUBLISHING: Final = frozenset({"publish", "publish_batch", "send_and_wait", "send_batch"})
SENDERS: Final = frozenset({"producer", "_producer", "broker", "_broker"})
HOMES: Final = ("services/stafet_runtime/", "services/stafet_cli/story/pump.py")
"""The runtime's relay; and that of a story, which lets one round of events through at a time, so that every
run is the same: it too publishes what stands in the outboxes and nothing else."""


def publishing(module: Module) -> list[str]:
    """Name each call outside the relays that puts something on Kafka by itself."""
    if module.path.startswith(HOMES):
        return []
    return [
        f"{module.path}:{call.lineno}: {call.func.attr}() writes to Kafka; emit to the outbox instead"
        for call in calls(module)
        if isinstance(call.func, ast.Attribute) and _sends(call.func)
    ]


def _sends(function: ast.Attribute) -> bool:
    receiver = dotted(function.value).rpartition(".")[2]
    return function.attr in PUBLISHING or (function.attr == "send" and receiver in SENDERS)
