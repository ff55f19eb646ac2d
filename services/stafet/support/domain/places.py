"""Who has places for whom: the newest reports of the agencies' units, and the answer to a question for them.

Nothing of a person is here. A place is for those whom its unit names, and for nobody else: nobody is to be
sent to a place on a guess.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from stafet.support.domain.rules import Rules
from stafet_runtime.danish import danish_day
from stafet_schemas.support import CapacityAnsweredData, CapacityQueriedData, CapacityReportedData

HAS_PLACES: Final = "capacity"


@dataclass(frozen=True, slots=True)
class Unit:
    """What an agency's unit reported last: `free` places (None: it did not say), whom it `accepts`."""

    agency: str
    name: str
    status: str
    at: datetime
    free: int | None = None
    total: int | None = None
    accepts: frozenset[str] = field(default_factory=frozenset[str])

    def fits(self, needed: Iterable[str]) -> bool:
        """Say whether its places are for somebody who needs these codes."""
        return set(needed) <= self.accepts


def reported(known: Unit | None, data: CapacityReportedData) -> Unit | None:
    """Return a unit as it is by a report; None if something newer is known."""
    if known is not None and data.at < known.at:
        return None
    return Unit(data.agency, data.unit, data.status, data.at, data.free, data.total, frozenset(data.accepts))


def answer(query: CapacityQueriedData, units: Iterable[Unit], rules: Rules) -> CapacityAnsweredData:
    """Say which units can take somebody, by what they reported last, and how many places that is."""
    day = danish_day(query.at)
    able = [
        each
        for each in units
        if each.status == HAS_PLACES
        and each.free != 0
        and each.fits(query.accepts)
        and rules.gives(each.agency, query.service, day)
    ]
    return CapacityAnsweredData(
        **query.model_dump(),
        units=tuple(sorted(f"{each.agency}/{each.name}" for each in able)),
        free=sum(each.free or 0 for each in able),
    )
