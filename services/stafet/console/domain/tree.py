"""Events as a tree by cause: who led to whom, how long it took, and how far to indent it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from stafet.console.domain.steps import Step, in_order


@dataclass(frozen=True, slots=True)
class Row:
    """A step in its place.

    `parent` is the id of its cause, if that is among the steps; `gap` is the time since the cause (negative
    when two clocks disagree); `depth` grows where a cause has several effects, so that a chain of single
    causes stays on one line of indentation.
    """

    step: Step
    depth: int
    parent: str | None
    gap: timedelta | None


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything one root led to, depth first, effects in order of time; nobody among the steps caused it."""

    rows: tuple[Row, ...]

    @property
    def root(self) -> Step:
        """The step nobody here caused."""
        return self.rows[0].step


def chains(steps: Sequence[Step]) -> list[Chain]:
    """Build the trees of all steps, oldest root first. A step whose cause is not here is a root.

    Causes cannot form a circle in real events; if stored ones do, the oldest of the circle is taken as a
    root, so that every step appears exactly once.
    """
    ordered = in_order(steps)
    by_id = {each.id: each for each in ordered}
    effects: dict[str, list[Step]] = defaultdict(list)
    for each in ordered:
        if each.causation in by_id and each.causation != each.id:
            effects[each.causation].append(each)
    caused = {each.id for siblings in effects.values() for each in siblings}
    seen: set[str] = set()
    roots = [each for each in ordered if each.id not in caused]
    found = [_walk(root, effects, seen) for root in roots]
    found += [_walk(each, effects, seen) for each in ordered if each.id not in seen]
    return sorted((each for each in found if each.rows), key=lambda chain: (chain.root.time, chain.root.id))


def _walk(root: Step, effects: dict[str, list[Step]], seen: set[str]) -> Chain:
    rows: list[Row] = []
    waiting = [Row(root, 0, None, None)]
    while waiting:
        row = waiting.pop()
        if row.step.id in seen:
            continue
        seen.add(row.step.id)
        rows.append(row)
        below = effects.get(row.step.id, [])
        depth = row.depth + (len(below) > 1)
        waiting.extend(Row(each, depth, row.step.id, each.time - row.step.time) for each in reversed(below))
    return Chain(tuple(rows))
