"""How many places the units of agencies have, as far as they have said, and how old that word is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from stafet.console.domain.steps import Step

REPORTED: Final = "support.capacity_reported"
STALE_AFTER: Final = timedelta(hours=36)
"""Agencies report every night: after that a night is missing."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an agency said last of one unit; `at` is when it was so, `event` tells two of one time apart."""

    agency: str
    unit: str
    at: datetime
    event: str
    status: str
    free: int | None
    total: int | None
    accepts: tuple[str, ...]

    @property
    def order(self) -> tuple[datetime, str]:
        """Sort what was said of one unit by time."""
        return self.at, self.event

    def is_stale(self, now: datetime) -> bool:
        """Say whether it is too old to rely on."""
        return now - self.at > STALE_AFTER


def newest(steps: Iterable[Step]) -> list[Capacity]:
    """Take what the steps say of capacity, of each unit the newest."""
    found: dict[tuple[str, str], Capacity] = {}
    for said in (_capacity(step) for step in steps if step.type == REPORTED):
        key = (said.agency, said.unit)
        if key not in found or said.order > found[key].order:
            found[key] = said
    return list(found.values())


def _capacity(step: Step) -> Capacity:
    data = step.data
    return Capacity(
        agency=data["agency"],
        unit=data["unit"],
        at=datetime.fromisoformat(data["at"]),
        event=step.id,
        status=data["status"],
        free=data["free"],
        total=data["total"],
        accepts=tuple(data["accepts"]),
    )
