"""What the handlers need from outside: the things of the cases of one transaction."""

from typing import Protocol

from stafet.identification.domain.context import Matter
from stafet_runtime.thing import Thing


class Book(Matter, Protocol):
    """The things of the cases that a transaction is about: locked first, written together at the end."""

    def put(self, thing: Thing) -> None:
        """Keep a thing's new state for the commit."""
        ...
