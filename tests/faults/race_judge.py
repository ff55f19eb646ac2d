"""What the database, the ledger and the partner say of a race, each by a record of its own."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from tests.faults.race_cases import Case
from tests.faults.race_partner import Arrival
from tests.walk.whole_hub import Json, WholeHub

BEGUN: Final = "race_begun"
"""The channel on which the database tells of an attempt that begins: its delivery id."""
CLOSE_S: Final = 0.02
LOOK_S: Final = 0.2
TROUBLE: Final = Path(__file__).parents[2] / "docs" / "operations" / "trouble.md"

# The order of commits as the database itself sees it: each transaction takes its number at its end, while it
# holds all that it has locked. It is apart from what the vault writes down about itself.
WATCH: Final = f"""
    create schema race;
    create table race.commits (number bigserial primary key, case_id text, what text, at timestamptz);
    create function race.release() returns trigger language plpgsql security definer as $$ begin
        insert into race.commits (case_id, what, at) values (new.lane, new.outcome, clock_timestamp());
        return null;
    end $$;
    create constraint trigger race_release after insert on vault.disclosures deferrable initially deferred
        for each row when (new.part = 'content') execute function race.release();
    create function race.withdrawal() returns trigger language plpgsql security definer as $$ begin
        insert into race.commits (case_id, what, at) values (new.case_id, 'withdrawn', clock_timestamp());
        return null;
    end $$;
    create constraint trigger race_withdrawal after insert on vault.consents deferrable initially deferred
        for each row when (new.statement = 'withdrawn') execute function race.withdrawal();
    create function race.begun() returns trigger language plpgsql as $$ begin
        perform pg_notify('{BEGUN}', new.delivery::text);
        return null;
    end $$;
    create trigger race_begun after insert on dispatch.attempts for each row execute function race.begun();
"""  # noqa: S608 - our own text
COMMITS: Final = "select case_id, what, at from race.commits order by number"
# By the vault's own word: a withdrawal says how many rows the ledger of its case had.
NUMBERED_LATE: Final = """
    select d.lane from vault.disclosures d join vault.consents c on c.case_id = d.lane
    where c.statement = 'withdrawn' and d.part = 'content' and d.outcome = 'made' and d.number > c.entries
"""
MADE: Final = """
    select delivery, part, count(*) as times from vault.disclosures where outcome = 'made'
    group by delivery, part
"""
ITEMS: Final = "select lane, part, status, cause from dispatch.items"
# A lane in which something failed waits for a human.
WAITING: Final = """
    select 'lanes' as what, count(*) as count from dispatch.lanes l
    where depth > 0 and not exists (
        select from dispatch.items i where i.lane = l.lane and i.recipient = l.recipient and status = 'failed'
    )
    union all select 'stopped', count(*) from dispatch.items where status = 'failed'
    union all select 'attempts', count(*) from dispatch.attempts where ended_at is null
    union all select 'messages', count(*) from gateway.messages where sealed is not null
    union all select 'parked', (select count(*) from gateway.parked) + (select count(*) from dispatch.parked)
        + (select count(*) from referrals.parked) + (select count(*) from console.parked)
    union all select 'outbox', (select count(*) from gateway.outbox) + (select count(*) from dispatch.outbox)
        + (select count(*) from vault.outbox)
    union all select 'withdrawals', $1 - count(*) from vault.consents where statement = 'withdrawn'
    union all select 'notices', count(distinct d.lane)
        from vault.disclosures d join vault.consents c on c.case_id = d.lane and c.statement = 'withdrawn'
        where d.part = 'content' and d.outcome = 'made' and d.number <= c.entries and not exists (
            select from dispatch.items i where i.lane = d.lane and i.part = 'withdrawal')
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a race ended, in cases.

    `late` were released after the commit of their withdrawal, by the order of commits or by the ledger's own
    numbers. `served` were released before it, `blocked` refused after it; those that had to be sent again may
    be both. `close` are commits within CLOSE_S of the withdrawal's: releases before it, refusals after it.
    `problems` names what did not end as it must, and what arrived without having been released.
    """

    withdrawn: int
    late: int
    served: int
    blocked: int
    close: tuple[int, int]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Order:
    """Cases released before and after their withdrawal, those refused, and commits that were close to it."""

    withdrawn: int
    served: set[str]
    late: set[str]
    blocked: set[str]
    close: Counter[bool]


async def watch(hub: WholeHub) -> None:
    """Have the database note the order of commits, and tell of attempts."""
    connection = await asyncpg.connect(hub.settings.postgres)
    try:
        await connection.execute(WATCH)
    finally:
        await connection.close()


async def waiting(hub: WholeHub, cases: int) -> set[str]:
    """Say, by kind, what is not at its end yet."""
    return {row["what"] for row in await hub.rows(WAITING, cases) if row["count"]}


async def at_rest(hub: WholeHub, cases: int, *, besides: frozenset[str] = frozenset()) -> None:
    """Wait until all is at its end, but for some kinds."""
    while not await waiting(hub, cases) <= besides:  # noqa: ASYNC110 - it is elsewhere, no event tells
        await asyncio.sleep(LOOK_S)


async def start_again(hub: WholeHub) -> int:
    """Do what a human is told to do, with each item that stands still; return how many did."""
    (statement,) = re.findall(r"(?ms)^with again as \(.*?;$", TROUBLE.read_text(encoding="utf-8"))
    stopped = await hub.rows("select delivery::text from dispatch.items where status = 'failed'")
    for each in stopped:
        await hub.rows(re.sub(r"'[0-9a-f]{8}-[0-9a-f-]{27}'", f"'{each['delivery']}'", statement))
    return len(stopped)


async def judged(hub: WholeHub, cases: Sequence[Case], arrivals: Sequence[Arrival]) -> Verdict:
    """Judge a race that is over."""
    order = _ordered(await hub.rows(COMMITS))
    numbered_late = {row["lane"] for row in await hub.rows(NUMBERED_LATE)}
    problems = [*await _not_released(hub, arrivals), *await _not_ended(hub, cases, arrivals, order.served)]
    return Verdict(
        withdrawn=order.withdrawn,
        late=len(order.late | numbered_late),
        served=len(order.served),
        blocked=len(order.blocked),
        close=(order.close[False], order.close[True]),
        problems=tuple(problems),
    )


def _ordered(rows: Sequence[Json]) -> _Order:
    ends = {
        row["case_id"]: (place, row["at"]) for place, row in enumerate(rows) if row["what"] == "withdrawn"
    }
    found = _Order(len(ends), set(), set(), set(), Counter())
    for place, row in enumerate(rows):
        if row["what"] != "withdrawn":
            end, at = ends[row["case_id"]]
            released = found.late if place > end else found.served
            (released if row["what"] == "made" else found.blocked).add(row["case_id"])
            found.close[place > end] += abs((row["at"] - at).total_seconds()) < CLOSE_S
    return found


async def _not_released(hub: WholeHub, arrivals: Sequence[Arrival]) -> list[str]:
    """Name deliveries that arrived more often than they were released."""
    made = {(row["delivery"], row["part"]): row["times"] for row in await hub.rows(MADE)}
    came = Counter((each.delivery, each.part) for each in arrivals)
    return [
        f"{part} {delivery} arrived and was not released"
        for (delivery, part), times in came.items()
        if part not in {"content", "withdrawal"} or times > made.get((delivery, part), 0)
    ]


async def _not_ended(
    hub: WholeHub, cases: Sequence[Case], arrivals: Sequence[Arrival], served: set[str]
) -> list[str]:
    """Name cases whose content, or whose notice of the withdrawal, did not come to the end it must."""
    told = {each.referral for each in arrivals if each.part == "withdrawal"}
    items = defaultdict[tuple[str, str], set[tuple[str, str | None]]](set)
    for row in await hub.rows(ITEMS):
        items[row["lane"], row["part"]].add((row["status"], row["cause"]))
    problems: list[str] = []
    for each in cases:
        case, name = each.stored.case, f"case {each.number}, {each.temper}, by inbox {each.inbox}"
        notices = {status for status, _ in items[case, "withdrawal"]}
        if any(end != ("ended", "no_consent") and end[0] != "delivered" for end in items[case, "content"]):
            problems.append(f"{name}: its content is {sorted(map(str, items[case, 'content']))}")
        if notices != ({"delivered"} if case in served else set()):
            problems.append(f"{name}: its notice is {sorted(notices)}, released {case in served}")
        if (each.referral in told) != (case in served):
            problems.append(f"{name}: the Red Cross was told {each.referral in told}, not {case in served}")
    return problems
