"""What a service knows of each case: things with a kind, a state and facts, loaded and saved in bulk."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from pydantic_core import from_json, to_json

from stafet_runtime.database import Connection
from stafet_runtime.kin import KIND, MERGED
from stafet_runtime.thing import Thing
from stafet_schemas.event import Event
from stafet_schemas.likeness import KinshipData

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
# A statement of its own: whoever waits for another transaction here reads afterwards what that one wrote.
KIN_OF: Final = f"""
    with recursive kin (case_id) as (
        select unnest($1::text[])
        union
        select t.id from kin join things t on t.case_id = kin.case_id
            and t.kind = '{KIND}' and t.state = '{MERGED}'
    )
    select id from things
    where kind = '{KIND}' and state = '{MERGED}' and case_id in (select case_id from kin)
    order by case_id, id for update
"""  # noqa: S608 - constants
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
        """Fetch and lock every thing of the cases of these events, and of other cases of the same persons."""
        cases = {self._matter(each) for each in events} - {None}
        cases |= {each.data.other for each in events if isinstance(each.data, KinshipData)}
        cases |= {row["id"] for row in await self._connection.fetch(KIN_OF, list(cases))}
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
