"""The clocks' file: the one that comes with the service, or the operator's own."""

from pathlib import Path
from typing import Final

from stafet.deadlines.domain.clocks import parse_clocks
from stafet.deadlines.domain.days import Calendar
from stafet.deadlines.domain.watching import Plan
from stafet_runtime.datafiles import load

CLOCKS: Final = "clocks.toml"


def load_plan(path: Path | None = None) -> Plan:
    """Read a file of clocks; see `stafet_runtime.datafiles.load`."""
    clocks = load(parse_clocks, path, "deadlines", CLOCKS)
    return Plan(clocks, Calendar(clocks.closed))
