"""`stafet deadlines`: the clocks that run, soonest first, with who must act and why."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.adapters.rows import COLUMNS, read
from stafet.deadlines.domain.clocks import Clock
from stafet.deadlines.domain.running import BREACHED, SET, Running
from stafet.deadlines.domain.watching import Plan
from stafet.deadlines.settings import DeadlinesSettings
from stafet_cli.printing import print_line, safe
from stafet_cli.seat import open_hub_database
from stafet_runtime.danish import COPENHAGEN
from stafet_runtime.settings import HubSettings

OPEN: Final = f"""
    select {COLUMNS} from deadlines
    where not ended and ($1::text is null or matter = $1) and ($2::timestamptz is null or due <= $2)
    order by due, clock, deadline
"""  # noqa: S608 - a constant
SPAN: Final = re.compile(r"(\d{1,5})([mhd])")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
TONES: Final = {BREACHED: "bold red", SET: ""}
COLUMN_NAMES: Final = (
    "clock", "case", "subject", "owner", "due (Copenhagen)", "remaining", "state", "citation",
)  # fmt: skip


def span_of(text: str) -> timedelta | None:
    """Read `30m`, `12h` or `3d`; None if it is none of these."""
    found = SPAN.fullmatch(text)
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None


async def deadlines_command(
    settings: HubSettings,
    now: datetime,
    output: Console,
    *,
    case: str | None = None,
    within: timedelta | None = None,
    as_json: bool = False,
) -> int:
    """Print the clocks that run in a case or in all, due within a time or at any.

    Raises:
        VaultUnavailableError: no database; the text says what to do.
    """
    plan, database = load_plan(DeadlinesSettings().clocks), await open_hub_database(settings, "deadlines")
    try:
        until = None if within is None else now + within
        found = [read(row) for row in await database.pool.fetch(OPEN, case, until)]
    finally:
        await database.close()
    rows = [described(each, plan, now) for each in found]
    if as_json:
        output.print(json.dumps(rows, indent=2), markup=False, highlight=False, soft_wrap=True)
    elif rows:
        output.print(_table(rows))
    else:
        print_line(
            output, "no clock runs" + (f" in {case}" if case else "") + (" that soon" if within else "")
        )
    return 0


def described(each: Running, plan: Plan, now: datetime) -> dict[str, str | int]:
    """Say of a clock what a row shows: `due` in Copenhagen's time, `remaining_s` below 0 when it is over."""
    rule = _rule(each, plan.clocks.clocks)
    return {
        "deadline": each.deadline,
        "clock": each.clock,
        "title": rule.title if rule else "",
        "case": each.matter,
        "subject": each.subject,
        "owner": each.owner,
        "notify": " ".join(each.notify),
        "due": each.due.astimezone(COPENHAGEN).isoformat(),
        "remaining_s": round((each.due - now).total_seconds()),
        "state": _state(each),
        "force": rule.force if rule else "",
        "citation": rule.citation if rule else f"in {each.rule}, which is not the file in force",
    }


def remaining_text(seconds: int) -> str:
    """Write how long there is still time in days, hours and minutes, or how long it has been over."""
    days, rest = divmod(abs(seconds), 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    text = f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
    return text if seconds >= 0 else f"over for {text}"


def _rule(each: Running, clocks: Sequence[Clock]) -> Clock | None:
    return next(
        (rule for rule in clocks if rule.clock == each.clock and rule.holds(each.starts.date())), None
    )


def _state(each: Running) -> str:
    """Name the newest thing it told, a breach before all."""
    return BREACHED if BREACHED in each.told else each.told[-1]


def _table(rows: Sequence[Mapping[str, str | int]]) -> Table:
    table = Table(*COLUMN_NAMES, box=None, header_style="bold")
    for row in rows:
        due = f"{datetime.fromisoformat(str(row['due'])):%Y-%m-%d %H:%M}"
        left = remaining_text(int(row["remaining_s"]))
        cells = (
            row["clock"],
            row["case"],
            row["subject"],
            row["owner"],
            due,
            left,
            row["state"],
            row["citation"],
        )
        style = TONES.get(str(row["state"]), "yellow")
        table.add_row(*(Text(safe(str(each)), overflow="fold") for each in cells), style=style)
    return table
