"""The handoff: what this process has committed goes to its own relay at once, without being read back.

The outbox table stays the truth. While this process's relay leads, a transaction announces its rows before
the commit and hands them over after it; whatever is lost on the way (a commit whose answer never came, a
relay that stopped) the relay finds in the table.
"""

import asyncio
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from stafet_schemas.codec import Headers

MOST_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One event of the outbox; `id` is its place there."""

    id: int
    topic: str
    key: bytes
    headers: Headers
    value: bytes


@dataclass(slots=True)
class Committing:
    """What a transaction that is about to commit has written to the outbox: `rows` are those it announced."""

    written: bool = False
    rows: list[Row] = field(default_factory=list[Row])


class Handoff:
    """From the transactions of one service in this process to its relay.

    `writer` names this process in the table. `leads`: the relay takes what is handed over, so that no other
    process needs to be told of it. `look`: there is something in the table that nobody hands over. `woken`:
    there is something to do for the relay.
    """

    def __init__(self) -> None:
        self.writer = secrets.token_hex(4)
        self.leads = False
        self.look = False
        self.woken = asyncio.Event()
        self._announced: set[int] = set()
        self._rows: list[Row] = []

    @contextmanager
    def committing(self) -> Generator[Committing]:
        """Run a commit; if it succeeds, what was announced is handed over."""
        committing = Committing()
        try:
            yield committing
        except BaseException:
            # Perhaps it was committed, and only the answer is lost.
            self._announced.difference_update(each.id for each in committing.rows)
            if committing.written:
                self.read_table()
            raise
        if committing.written:
            self._give(committing.rows)

    def announce(self, committing: Committing, rows: list[Row]) -> None:
        """Say which rows will be handed over, so that the relay does not read them in the table."""
        committing.rows = rows
        self._announced.update(each.id for each in rows)

    def take(self) -> list[Row]:
        """Take what was handed over, in the order of the table."""
        rows, self._rows = self._rows, []
        return sorted(rows, key=lambda each: each.id)

    def coming(self) -> list[int]:
        """Name the rows that are announced, or handed over and not taken yet."""
        return [*self._announced, *(each.id for each in self._rows)]

    def read_table(self, *_: object) -> None:
        """Have the relay read the table; takes whatever a listener is called with."""
        self.look = True
        self.woken.set()

    def stop(self) -> None:
        """The relay leads no more: what was handed over stays in the table for the next one."""
        self.leads = False
        self._rows.clear()
        self._announced.clear()

    def _give(self, rows: list[Row]) -> None:
        """Hand over what is announced still; anything else, and too much, is left in the table."""
        ids = {each.id for each in rows}
        known = bool(ids) and ids <= self._announced
        self._announced -= ids
        if known and len(self._rows) < MOST_ROWS:
            self._rows += rows
            self.woken.set()
        else:
            self.read_table()
