"""The clocks' file, and Copenhagen's time from the locked package: a machine's own may be old."""

from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from stafet.deadlines.domain.clocks import ClocksError, parse_clocks
from stafet.deadlines.domain.days import Calendar
from stafet.deadlines.domain.watching import Plan

CLOCKS: Final = "clocks.toml"
ZONE: Final = "Europe/Copenhagen"


def load_plan(path: Path | None = None) -> Plan:
    """Read a file of clocks; without a path, the one that comes with the service.

    Raises:
        ClocksError: the file cannot be read, or says something else than clocks.
    """
    source = path or resources.files("stafet.deadlines") / CLOCKS
    try:
        clocks = parse_clocks(source.name, source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ClocksError(f"{source.name} cannot be read ({type(error).__name__})") from None
    return Plan(clocks, Calendar(copenhagen(), clocks.closed))


def copenhagen() -> ZoneInfo:
    """Read the zone from the package tzdata."""
    with resources.files("tzdata.zoneinfo").joinpath(ZONE).open("rb") as file:
        return ZoneInfo.from_file(file, ZONE)
