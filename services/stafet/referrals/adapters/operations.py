"""The joint actions on PostgreSQL: what was announced, and how many referrals came for each."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stafet.referrals.domain.operations import Operation
from stafet_runtime.database import Connection
from stafet_schemas.event import Event

# A referral that is being answered has no operation in its event: its routing knows.
LOAD: Final = """
    with named as (
        select unnest($1::text[]) as operation
        union select operation from routings where referral = any($2::text[]) and operation is not null
    )
    select n.operation, o.agency, o.expected, o.agencies, o.at,
        count(r.referral) as referrals, count(r.referral) filter (where r.standing = 'open') as open
    from named n left join operations o using (operation) left join routings r using (operation)
    group by n.operation, o.operation
"""
SAVE: Final = """
    insert into operations (operation, agency, expected, agencies, at)
    select operation, agency, expected, string_to_array(agencies, ' '), at
    from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[])
        as new (operation, agency, expected, agencies, at)
    on conflict (operation) do update set agency = excluded.agency, expected = excluded.expected,
        agencies = excluded.agencies, at = excluded.at
"""


class PostgresOperations:
    """The joint actions of one transaction; opened and loaded after its routings, under their lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Operation] = {}
        self._announced: set[str] = set()

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch and count the operations that these events are about."""
        named = {getattr(each.data, "operation", None) for each in events} - {None}
        referrals = {getattr(each.data, "referral", None) for each in events} - {None}
        for row in await self._connection.fetch(LOAD, list(named), list(referrals)):
            counts = Operation(row["operation"], referrals=row["referrals"], open=row["open"])
            if row["at"] is not None:
                counts = replace(
                    counts,
                    agency=row["agency"],
                    expected=row["expected"],
                    agencies=tuple(row["agencies"]),
                    at=row["at"],
                )
            self._known[counts.operation] = counts

    def get(self, operation: str) -> Operation:
        """Return an operation as this transaction knows it; it need not be announced."""
        return self._known.get(operation) or Operation(operation)

    def put(self, operation: Operation) -> None:
        """Keep an operation, and for `save` if it was announced anew."""
        if operation.at != self.get(operation.operation).at:
            self._announced.add(operation.operation)
        self._known[operation.operation] = operation

    async def save(self) -> None:
        """Write what was announced; the counts are read from the routings."""
        changed = [self._known[each] for each in sorted(self._announced)]
        rows = [
            (each.operation, each.agency, each.expected, " ".join(each.agencies), each.at) for each in changed
        ]
        if rows:
            await self._connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
