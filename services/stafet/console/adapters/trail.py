"""Writing: the steps of one transaction, linked to their case whichever side of a link comes first."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from stafet.console.adapters.attention import write_attention
from stafet.console.adapters.capacities import write_capacities
from stafet.console.adapters.rows import ARRAYS, NAMES, SELECTED, to_rows, to_step
from stafet.console.domain.progress import Progress, advance
from stafet.console.domain.standing import marks, state_of, worst
from stafet.console.domain.steps import Step
from stafet_runtime.database import Connection
from stafet_schemas.event import Event

CHANNEL: Final = "stafet_console"
MAX_PAYLOAD: Final = 7_000
"""Bytes; PostgreSQL takes less than 8,000. Above it the notice says only that something changed."""

# Two consoles that record a cause and its effect at the same moment would not see each other's row. And a
# generic or just-in-time compiled plan of RELINK takes 6 ms for what its own plan does in 0.3 ms.
OWN_PLAN: Final = """
    select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)
"""
BEGIN: Final = f"{OWN_PLAN}, pg_advisory_xact_lock(hashtext('stafet console trail'))"

INSERT: Final = f"""
    insert into events ({NAMES}) select * from unnest({ARRAYS})
    on conflict (id) do nothing returning id
"""  # noqa: S608 - column names are constants

# up: the new steps, and above them every step that does not name its matter itself. down: what each of those
# led to. The first anchored effect decides; failing that, an anchored step about the same agency's message. A
# clock's agency is not the message's, but whose it is.
RELINK: Final = """
    with recursive up (id, type, causation, anchored, message, agency) as (
        select id, type, causation, anchored, message, agency from events where id = any($1::uuid[])
        union
        select e.id, e.type, e.causation, e.anchored, e.message, e.agency
        from up join events e on e.id = up.causation where not e.anchored
    ),
    loose (id, type, message, agency) as (
        select id, type, message, agency from up where not anchored
        union
        select e.id, e.type, e.message, e.agency
        from up join events e on e.message = up.message
            and (e.agency = up.agency or e.type like 'deadline.%')
        where up.anchored and not e.anchored
    ),
    down (root, id, anchored, matter, time) as (
        select id, id, false, null::text, null::timestamptz from loose
        union
        select d.root, e.id, e.anchored, e.matter, e.time
        from down d join events e on e.causation = d.id where not d.anchored
    ),
    chosen as (
        select distinct on (root) root, matter
        from (
            select root, matter, 0 as rank, time, id from down where anchored
            union all
            select l.id, e.matter, 1, e.time, e.id
            from loose l join events e on e.message = l.message and e.anchored
                and (e.agency = l.agency or l.type like 'deadline.%')
        ) candidates
        order by root, rank, time, id
    )
    update events set matter = chosen.matter
    from chosen join events was on was.id = chosen.root
    where events.id = chosen.root and events.matter <> chosen.matter
    returning events.id, was.matter as left_behind
"""
UPSERT: Final = """
    insert into cases (matter, opened, last, events, referrals, state, trouble, progress)
    select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::int[], $5::int[], $6::text[],
                         $7::smallint[], $8::jsonb[])
    on conflict (matter) do update set
        opened = excluded.opened, last = excluded.last, events = excluded.events,
        referrals = excluded.referrals, state = excluded.state, trouble = excluded.trouble,
        progress = excluded.progress
"""
# Receipts, which agencies hold, too, also where they stand for a case, and the ids that things have from
# them; events that come in later, or again, lose theirs as well.
RECEIPTS: Final = (
    "array['message', 'announcement', 'placer', 'reverses', 'subject', 'interview', 'custody', 'period', "
    "'stay', 'episode', 'plan', 'notification', 'absence', 'representation', 'journey', 'deadline', "
    "'lane', 'matter']"
)
FORGET: Final = f"""
    update events set message = null, correlation = matter, data = data - {RECEIPTS}
    where matter = any($1::text[]) and (message is not null or correlation <> matter or data ?| {RECEIPTS})
"""  # noqa: S608 - the names are constants

Standing = tuple[Progress | None, int]
"""How far the fold of a matter is, and how many events are in it."""
NEW: Final[Standing] = (None, 0)


class PostgresTrail:
    """The steps of one transaction. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._steps: dict[str, Step] = {}

    async def load(self, events: Sequence[Event]) -> None:
        """Take the writers' lock; nothing needs to be fetched before the steps are there."""
        del events
        await self._connection.execute(BEGIN)

    def add(self, step: Step) -> None:
        """Keep a step for `save`."""
        self._steps[step.id] = step

    async def save(self) -> None:
        """Insert what is new, link it, fold it into its cases, and tell the pages on commit."""
        written = await write_steps(self._connection, list(self._steps.values()))
        if not written:
            return
        moved = await self._connection.fetch(RELINK, list(written))
        left = {row["left_behind"] for row in moved}
        again = {str(row["id"]) for row in moved}
        fresh = [each for each in self._steps.values() if each.id in written - again]
        fresh += await self._fetch("id = any($1::uuid[])", again)
        await self._fold(fresh, left)
        await self._tell({each.matter for each in fresh} | left)

    async def _fold(self, fresh: Iterable[Step], left: set[str]) -> None:
        """Fold the new steps in; a matter that lost a step is folded anew, or goes when nothing is left."""
        by_matter: dict[str, list[Step]] = defaultdict(list)
        for step in fresh:
            if step.matter not in left:
                by_matter[step.matter].append(step)
        standings: dict[str, Standing] = dict(await self._standings(set(by_matter)))
        for step in await self._fetch("matter = any($1::text[])", left):
            by_matter[step.matter].append(step)
        await write_standings(
            self._connection,
            {matter: folded(standings.get(matter, NEW), steps) for matter, steps in by_matter.items()},
        )
        gone = left - set(by_matter)
        if gone:
            await write_attention(self._connection, dict.fromkeys(gone, ()))
            await self._connection.execute("delete from cases where matter = any($1::text[])", list(gone))

    async def _standings(self, matters: set[str]) -> Mapping[str, Standing]:
        rows = await self._connection.fetch(
            "select matter, events, progress from cases where matter = any($1::text[])", list(matters)
        )
        return {row["matter"]: (Progress.model_validate_json(row["progress"]), row["events"]) for row in rows}

    async def _fetch(self, where: str, keys: set[str]) -> list[Step]:
        if not keys:
            return []
        # Column names are constants; values go as parameters.
        rows = await self._connection.fetch(f"select {SELECTED} from events where {where}", list(keys))  # noqa: S608
        return [to_step(row) for row in rows]

    async def _tell(self, matters: set[str]) -> None:
        payload = json.dumps(sorted(matters))
        await self._connection.execute(
            "select pg_notify($1, $2)", CHANNEL, payload if len(payload) < MAX_PAYLOAD else ""
        )


async def write_steps(connection: Connection, steps: Sequence[Step]) -> set[str]:
    """Insert the steps that are new, and the places they tell of; return the ids of the new ones."""
    columns = [list(column) for column in zip(*to_rows(steps), strict=True)]
    rows = await connection.fetch(INSERT, *columns) if steps else []
    if rows:
        await write_capacities(connection, steps)
    return {str(row["id"]) for row in rows}


async def write_standings(connection: Connection, standings: Mapping[str, tuple[Progress, int]]) -> None:
    """Write where each matter stands, and what it needs; make an erased one forget its receipts."""
    found = {matter: marks(progress) for matter, (progress, _) in standings.items()}
    rows = [
        (
            matter, progress.first, progress.last.at, events, len(progress.referrals), state_of(progress),
            int(worst(found[matter])), progress.model_dump_json(),
        )
        for matter, (progress, events) in standings.items()
    ]  # fmt: skip
    await write_attention(connection, found)
    if rows:
        await connection.execute(UPSERT, *(list(column) for column in zip(*rows, strict=True)))
    erased = [matter for matter, (progress, _) in standings.items() if progress.erased]
    if erased:
        await connection.execute(FORGET, erased)


def folded(standing: Standing, steps: Sequence[Step]) -> tuple[Progress, int]:
    """Fold steps of one matter, at least one, into how far it was."""
    progress, events = standing
    return advance(progress, steps), events + len(steps)
