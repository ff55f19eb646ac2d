"""The open clocks and notes of one transaction on PostgreSQL: loaded and locked in bulk, saved in bulk."""

from collections.abc import Mapping, Sequence
from typing import Final

from stafet.deadlines.adapters.rows import COLUMNS, read, save
from stafet.deadlines.domain.running import Running
from stafet_runtime.casebook import Casebook
from stafet_runtime.database import Connection
from stafet_schemas.event import Event

# Locked in one order, so that two transactions about the same matters wait and never block each other.
LOAD: Final = f"""
    select {COLUMNS} from deadlines
    where matter = any($1::text[]) and not ended order by matter, deadline for update
"""  # noqa: S608 - a constant


class PostgresBook:
    """`Book` of one transaction. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._notes = Casebook(connection, _matter)
        self._running: dict[str, dict[str, Running]] = {}
        self._changed: dict[str, Running] = {}

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch and lock what is open and what is noted of the events' matters."""
        await self._notes.load(events)
        for row in await self._connection.fetch(LOAD, list({_matter(each) for each in events})):
            self._keep(read(row))

    def running(self, matter: str) -> list[Running]:
        """Return the clocks of a matter that have not ended, as fetched or as put since."""
        return list(self._running.get(matter, {}).values())

    def put(self, running: Running) -> None:
        """Keep a clock for `save`."""
        self._changed[running.deadline] = running
        self._keep(running)

    def noted(self, matter: str, kind: str, name: str) -> Mapping[str, str]:
        """Return what was noted; empty if nothing was."""
        return self._notes.get(matter, kind, name).facts

    def note(self, matter: str, kind: str, name: str, facts: Mapping[str, str]) -> None:
        """Note it in place of what was noted before."""
        known = self._notes.get(matter, kind, name)
        self._notes.put(known.moved("", **{**dict.fromkeys(known.facts), **facts}))

    async def save(self) -> None:
        """Write what changed."""
        await self._notes.save()
        await save(self._connection, self._changed.values())

    def _keep(self, running: Running) -> None:
        of_matter = self._running.setdefault(running.matter, {})
        of_matter[running.deadline] = running
        if running.ended:
            del of_matter[running.deadline]


def _matter(event: Event) -> str:
    return event.partitionkey
