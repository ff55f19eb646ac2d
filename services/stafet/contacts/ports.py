"""What the handler needs from outside: the contacts of one transaction."""

from typing import Protocol

from stafet_runtime.thing import Thing


class Contacts(Protocol):
    """The contacts that a transaction is about: fetched and locked first, written together at the end."""

    def get(self, case: str, kind: str, name: str, /) -> Thing:
        """Return a contact as this transaction knows it, or one that has not begun."""
        ...

    def put(self, thing: Thing, /) -> None:
        """Keep a contact's new state for the commit."""
        ...
