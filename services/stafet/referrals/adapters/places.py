"""Who has places: the newest reports, with what the hub has sent there since, and every agency's queue."""

from typing import Final

from stafet.referrals.domain.board import Board, Kin, Unit
from stafet_runtime.database import Connection

UNITS: Final = """
    select c.agency, c.unit, c.status, c.at, c.free, c.accepts,
        count(r.referral) filter (where r.standing = 'open') as waiting,
        coalesce(array_agg(r.at) filter (where r.standing = 'taken'), '{}') as taken
    from capacity c left join routings r on r.agency = c.agency and r.unit = c.unit
        and (r.standing = 'open' or r.standing = 'taken' and r.at > c.at)
    group by c.agency, c.unit
"""
QUEUES: Final = "select agency, count(*) from routings where standing = 'open' group by agency"
# unnest takes arrays of arrays apart, so the codes come as words.
REPORT: Final = """
    insert into capacity (agency, unit, status, at, free, accepts)
    select agency, unit, status, at, free, string_to_array(accepts, ' ')
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::text[])
        as new (agency, unit, status, at, free, accepts)
    on conflict (agency, unit) do update set
        status = excluded.status, at = excluded.at, free = excluded.free, accepts = excluded.accepts
"""


async def read_board(connection: Connection, dangers: set[tuple[str, str]], kin: Kin) -> Board:
    """Read what there is to choose by."""
    board = Board(dangers=dangers, kin=kin)
    for agency, unit, status, at, free, accepts, waiting, taken in await connection.fetch(UNITS):
        board.units[agency, unit] = Unit(
            agency, unit, status, at, free, frozenset(accepts), waiting, tuple(taken)
        )
    board.queues.update({row["agency"]: row["count"] for row in await connection.fetch(QUEUES)})
    return board


async def write_reports(connection: Connection, units: list[Unit]) -> None:
    """Write the newest report of each unit."""
    rows = [
        (each.agency, each.unit, each.status, each.at, each.free, " ".join(sorted(each.accepts)))
        for each in units
    ]
    await connection.execute(REPORT, *(list(column) for column in zip(*rows, strict=True)))
