"""What the handlers need from outside: the things of the cases and the units of one transaction."""

from collections.abc import Sequence
from typing import Protocol

from stafet.support.domain.places import Unit
from stafet_runtime.thing import Thing


class Support(Protocol):
    """What a transaction is about: fetched and locked first, written together at the end."""

    @property
    def units(self) -> Sequence[Unit]:
        """Every unit that reported places."""
        ...

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing; one that is not known has not begun."""
        ...

    def all(self, case: str, kind: str) -> list[Thing]:
        """Return all things of a kind in a case, by id."""
        ...

    def put(self, thing: Thing) -> None:
        """Keep a thing's new state for the commit."""
        ...

    def put_unit(self, unit: Unit) -> None:
        """Keep what a unit reported for the commit."""
        ...
