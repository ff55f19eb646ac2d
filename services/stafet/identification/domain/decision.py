"""What a decision consists of: things as they are now, and facts that others must learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stafet_runtime.effect import Effect
from stafet_runtime.machine import Machine
from stafet_runtime.thing import Thing


@dataclass(frozen=True, slots=True)
class Decision:
    """The things that changed and what to emit, in order; empty where nothing follows."""

    things: tuple[Thing, ...] = ()
    effects: tuple[Effect, ...] = ()

    def __add__(self, other: Self) -> "Decision":
        """Take what follows as well."""
        return Decision(self.things + other.things, self.effects + other.effects)


class RefusalError(Exception):
    """Nothing can follow from a step; whoever said it is told the reason (list `refusal`) and the field."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


def advance(machine: Machine, thing: Thing, step: str, facts: Mapping[str, Any]) -> Thing | None:
    """Take a thing on; None if the same step with the same facts was the last one: said twice, done once.

    Raises:
        RefusalError: the step does not fit where the thing is.
    """
    told = {name: value for name, value in facts.items() if value is not None}
    if thing.facts.get("last") == step and told.items() <= thing.facts.items():
        return None
    after = machine.after(thing.state, step)
    if after is None:
        raise RefusalError("out_of_order")
    return thing.moved(after, last=step, **told)
