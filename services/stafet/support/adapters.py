"""The things and the units on PostgreSQL (loaded and saved in bulk), and the rules' file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stafet.support.domain.places import Unit
from stafet.support.domain.rules import Rules, parse_rules
from stafet_runtime.casebook import Casebook
from stafet_runtime.database import Connection
from stafet_runtime.datafiles import load
from stafet_schemas.event import Event
from stafet_schemas.step import StepReported
from stafet_schemas.support import CapacityQueried, SupportCapacityReported

# Rows are locked as they are fetched, but not those that another transaction is about to add: a withdrawal
# here would not see a return accepted there. So each case is one transaction's at a time, taken in one order.
WAIT: Final = """
    select pg_advisory_xact_lock(hashtextextended(each, 6))
    from (select distinct each from unnest($1::text[]) each order by each) cases
"""
UNITS: Final = "select agency, unit, status, at, free, total, accepts from units order by agency, unit"
# Another transaction may have written a newer report in between: the newest stands.
SAVE_UNITS: Final = """
    insert into units (agency, unit, status, at, free, total, accepts)
    select agency, unit, status, at, free, total, string_to_array(accepts, ' ')
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::int[], $7::text[])
         as new (agency, unit, status, at, free, total, accepts)
    on conflict (agency, unit) do update
    set status = excluded.status, at = excluded.at, free = excluded.free, total = excluded.total,
        accepts = excluded.accepts
    where units.at <= excluded.at
"""
RULES: Final = "rules.toml"


class PostgresSupport(Casebook):
    """What one transaction is about. Opened per batch by the runtime, which also commits."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._at = connection
        self._units: dict[tuple[str, str], Unit] = {}
        self._reported: dict[tuple[str, str], Unit] = {}

    @property
    def units(self) -> Sequence[Unit]:
        """Every unit as fetched, or as it was put since; none where no event of the batch is about places."""
        return tuple(self._units.values())

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch and lock every thing of the cases, and fetch the units if these events are about places."""
        await self._at.execute(WAIT, [case for each in events if (case := getattr(each.data, "case", None))])
        await super().load(events)
        if any(_about_places(each) for each in events):
            for row in await self._at.fetch(UNITS):
                unit = Unit(
                    row["agency"], row["unit"], row["status"], row["at"], row["free"], row["total"],
                    frozenset(row["accepts"]),
                )  # fmt: skip
                self._units[unit.agency, unit.name] = unit

    def put_unit(self, unit: Unit) -> None:
        """Keep a unit for `save`."""
        self._units[unit.agency, unit.name] = self._reported[unit.agency, unit.name] = unit

    async def save(self) -> None:
        """Write every thing and every unit that changed."""
        await super().save()
        rows = [
            (
                each.agency, each.name, each.status, each.at, each.free, each.total,
                " ".join(sorted(each.accepts)),
            )
            for _, each in sorted(self._reported.items())
        ]  # fmt: skip
        if rows:
            await self._at.execute(SAVE_UNITS, *(list(column) for column in zip(*rows, strict=True)))


def load_rules(path: Path | None = None) -> Rules:
    """Read a file of rules; see `stafet_runtime.datafiles.load`."""
    return load(parse_rules, path, "support", RULES)


def _about_places(event: Event) -> bool:
    if isinstance(event, StepReported):
        return event.data.step == "accommodation_requested"
    return isinstance(event, CapacityQueried | SupportCapacityReported)
