"""Cases that a human said are about one person: each keeps its own things, found from all of them (ADR 0030).

Pure: the links are things like any other, each kept in the case that it leads from.
"""

from collections.abc import Collection, Sequence
from typing import Final, Protocol

from stafet_runtime.thing import Thing

KIND: Final = "kin"
"""The kind of a link; its id is the other case."""
MERGED: Final = "merged"
SPLIT: Final = "split"


class Things(Protocol):
    """What is known of cases; it is only read here."""

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing; one that is not known has not begun."""
        ...

    def all(self, case: str, kind: str) -> Sequence[Thing]:
        """Return all things of a kind in a case, by id."""
        ...


def kin(things: Things, case: str) -> list[str]:
    """Return the case and, over any number of links, the others of the same person.

    Whoever was erased is nobody's kin.
    """
    found = [case]
    if _erased(things, case):
        return found
    for each in found:
        merged = [link.id for link in things.all(each, KIND) if link.state == MERGED]
        found += [other for other in merged if other not in found and not _erased(things, other)]
    return found


def holder(things: Things, case: str, kinds: Collection[str], name: str) -> str:
    """Return the case of the same person that has a thing of this id; the case itself if none has."""
    cases = kin(things, case)
    return next((each for each in cases if any(things.get(each, kind, name).state for kind in kinds)), case)


def _erased(things: Things, case: str) -> bool:
    return things.get(case, "case", "case").state == "erased"
