"""A thing of a case as a value that what decides may hold: it knows no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Thing:
    """One interview, period, stay ... of a case; `state` is of its kind's machine, empty before it begins."""

    case: str
    kind: str
    id: str
    state: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def moved(self, state: str, **facts: object) -> Self:
        """Return it in another state, with more facts; a fact of None takes the old one away."""
        told = {name: value for name, value in {**self.facts, **facts}.items() if value is not None}
        return replace(self, state=state, facts=told)
