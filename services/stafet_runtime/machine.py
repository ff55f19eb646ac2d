"""State machines as tables: the same table decides, is tested against, and is drawn in the documents."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """What a thing of a kind may go through. `moves` has, for each step, from which state it leads to which.

    The state before a thing exists is the empty string. A state without a way out is an end.
    """

    name: str
    moves: Mapping[str, Mapping[str, str]]

    def after(self, state: str, step: str) -> str | None:
        """Return the state that a step leads to; None if it may not be taken there."""
        return self.moves.get(step, {}).get(state)

    @property
    def states(self) -> frozenset[str]:
        """Every state there is, without the one before the beginning."""
        return frozenset(each for move in self.moves.values() for pair in move.items() for each in pair) - {
            ""
        }

    @property
    def ends(self) -> frozenset[str]:
        """The states that nothing leads out of."""
        return self.states - {state for move in self.moves.values() for state in move}

    def mermaid(self) -> str:
        """Draw it as a mermaid state diagram."""
        arrows = [
            f"    {state or '[*]'} --> {after}: {step}"
            for step, move in self.moves.items()
            for state, after in move.items()
        ]
        ends = [f"    {state} --> [*]" for state in sorted(self.ends)]
        return "\n".join(["stateDiagram-v2", *arrows, *ends])
