"""What a service knows of each case: things with a kind, a state and facts, loaded and saved in bulk."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from pydantic_core import from_json, to_json

from stafet_runtime.database import Connection
from stafet_runtime.thing import Thing
from stafet_schemas.event import Event

THINGS: Final = (
    # `facts` are codes, dates and ids as JSON; no value of a person.
    """
    create table things (
        case_id text not null,
        kind text not null,
        id text not null,
        state text not null,
        facts jsonb not null,
        primary key (case_id, kind, id)
    )
    """,
)
"""The table of a service that keeps a casebook."""

# Locked in one order, so that two transactions about the same cases wait and never block each other.
LOAD: Final = """
    select case_id, kind, id, state, facts from things
    where case_id = any($1::text[]) order by case_id, kind, id for update
"""
SAVE: Final = """
    insert into things (case_id, kind, id, state, facts)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
    on conflict (case_id, kind, id) do update set state = excluded.state, facts = excluded.facts
"""


class Casebook:
    """The things of one transaction. Opened per batch by the runtime, which also commits.

    `matter` names the case an event is about; None for events that are about none.
    """

    def __init__(self, connection: Connection, matter: Callable[[Event], str | None] | None = None) -> None:
        self._connection = connection
        self._matter = matter or _case
        self._known: defaultdict[str, dict[tuple[str, str], Thing]] = defaultdict(dict)
        self._changed: dict[tuple[str, str, str], Thing] = {}

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch and lock every thing of the cases that these events are about."""
        cases = {self._matter(each) for each in events} - {None}
        for case, kind, name, state, facts in await self._connection.fetch(LOAD, list(cases)):
            self._known[case][kind, name] = Thing(case, kind, name, state, from_json(facts))

    def get(self, case: str, kind: str, name: str) -> Thing:
        """Return a thing as this transaction knows it; one that is not known has not begun."""
        return self._known[case].get((kind, name)) or Thing(case, kind, name)

    def all(self, case: str, kind: str) -> list[Thing]:
        """Return all things of a kind in a case, by id."""
        return [each for key, each in sorted(self._known[case].items()) if key[0] == kind]

    def put(self, thing: Thing) -> None:
        """Keep a thing for `save`, if it is not as it was."""
        of_case, key = self._known[thing.case], (thing.kind, thing.id)
        if of_case.get(key) != thing:
            of_case[key] = self._changed[thing.case, *key] = thing

    async def save(self) -> None:
        """Write every thing that changed."""
        rows = [
            (each.case, each.kind, each.id, each.state, to_json(each.facts).decode())
            for each in self._changed.values()
        ]
        if rows:
            await self._connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))


def _case(event: Event) -> str | None:
    case: str | None = getattr(event.data, "case", None)
    return case
