"""What is needed from outside: clocks and notes of one transaction, and how far the log is read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from stafet.deadlines.domain.running import Running


class Book(Protocol):
    """The open clocks and notes of a transaction's matters: locked first, written at the end."""

    def running(self, matter: str) -> Iterable[Running]:
        """Return the clocks of a case or contact that have not ended."""
        ...

    def put(self, running: Running) -> None:
        """Keep a clock's new state for the commit."""
        ...

    def noted(self, matter: str, kind: str, name: str) -> Mapping[str, str]:
        """Return what was noted of something in the matter; empty if nothing was."""
        ...

    def note(self, matter: str, kind: str, name: str, facts: Mapping[str, str]) -> None:
        """Note something for later events of the matter."""
        ...


class Reading(Protocol):
    """How far the service has read the log."""

    async def upto(self, now: datetime) -> datetime | None:
        """Return the last time up to `now` at which nothing unread stood in the log; None if unknown."""
        ...
