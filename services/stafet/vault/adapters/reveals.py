"""What humans at the hub were shown, and recipients' pseudonyms, on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from stafet.vault.domain.subject import Disclosed
from stafet.vault.ports.reveals import Grant, Review, Sealed
from stafet_runtime.database import Connection
from stafet_schemas.groups import Group

if TYPE_CHECKING:
    from asyncpg import Record

ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('stafet reveal ' || $1, 0))"
OTHERS: Final = """
    select count(distinct coalesce(case_id, reveal_id::text)) from reveals
    where by_whom = $1 and at > $2 and (blocked is null or blocked in ('unknown_case', 'erased'))
        and (case_id is null or case_id is distinct from $3)
"""
COLUMNS: Final = """
    reveal_id::text as reveal_id, case_id, part, role, purpose, groups, why, by_whom, second, break_glass,
    at, until, blocked, verdict, reviewed_by, reviewed_at
"""
KEEP: Final = """
    insert into reveals (reveal_id, case_id, part, role, purpose, groups, why, by_whom, second, break_glass,
        at, until, blocked)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
FIND: Final = f"select {COLUMNS} from reveals where reveal_id = $1"  # noqa: S608 - our own columns
NEWEST: Final = f"""
    select {COLUMNS} from reveals order by at desc, reveal_id desc limit $1
"""  # noqa: S608 - our own list of columns
DUE: Final = f"""
    select {COLUMNS} from reveals where break_glass and blocked is null and verdict is null
    order by at, reveal_id limit $1
"""  # noqa: S608 - see above
REVIEW: Final = """
    update reveals set verdict = $2, reviewed_by = $3, reviewed_at = $4
    where reveal_id = $1 and verdict is null returning reveal_id
"""
RECORDS: Final = """
    select r.record_id::text as record_id, r.version, r.agency, r.registered_at, v.group_name, v.ciphertext
    from records r join record_values v using (record_id, version)
    where r.case_id = $1 and v.group_name = any($2) and not exists (
        select from records newer where newer.record_id = r.record_id and newer.version > r.version
    )
    order by r.registered_at, r.record_id, v.group_name
"""
CASE_OF: Final = "select case_id from persons where recipient = $1 and fingerprint = $2"
HELD: Final = """
    select distinct v.group_name from records r join record_values v using (record_id, version)
    where r.case_id = $1
"""
DISCLOSED: Final = """
    select disclosure_id::text as disclosure_id, at, sender, recipient, purpose, part, policy, fields, bases
    from disclosures where lane = $1 and outcome = 'made' order by number
"""


class PostgresReveals:
    """The store of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def alone(self, by: str) -> None:
        """Take a lock that is named after the human."""
        await self._connection.execute(ALONE, by)

    async def others(self, by: str, since: datetime, case: str | None) -> int:
        """Count by index."""
        return int(await self._connection.fetchval(OTHERS, by, since, case))

    async def keep(self, grant: Grant) -> None:
        """Insert a row."""
        await self._connection.execute(
            KEEP, grant.reveal, grant.case, grant.part, grant.role, grant.purpose, list(grant.groups),
            grant.why, grant.by, grant.second, grant.break_glass, grant.at, grant.until, grant.blocked,
        )  # fmt: skip

    async def find(self, reveal: str) -> Grant | None:
        """Read a row."""
        try:
            row = await self._connection.fetchrow(FIND, UUID(reveal))
        except ValueError:
            return None  # not an id the vault gave
        return _grant(row) if row else None

    async def newest(self, most: int) -> Sequence[Grant]:
        """Read rows."""
        return [_grant(row) for row in await self._connection.fetch(NEWEST, most)]

    async def due(self, most: int) -> Sequence[Grant]:
        """Read rows."""
        return [_grant(row) for row in await self._connection.fetch(DUE, most)]

    async def review(self, reveal: str, review: Review) -> bool:
        """Fill the row's last columns, unless they are."""
        said = (reveal, review.verdict, review.by, review.at)
        return None is not await self._connection.fetchval(REVIEW, *said)

    async def records(self, case: str, groups: Sequence[str]) -> Sequence[Sealed]:
        """Read ciphertext by group."""
        found: dict[str, Sealed] = {}
        for row in await self._connection.fetch(RECORDS, case, groups):
            name, values = row["record_id"], {Group(row["group_name"]): row["ciphertext"]}
            before = found[name].values if name in found else dict[Group, bytes]()
            found[name] = Sealed(
                name, row["version"], row["agency"], row["registered_at"], {**before, **values}
            )
        return list(found.values())

    async def case_of(self, recipient: str, fingerprint: bytes) -> str | None:
        """Look up the blind index."""
        case: str | None = await self._connection.fetchval(CASE_OF, recipient, fingerprint)
        return case

    async def held(self, case: str) -> frozenset[str]:
        """Read the names only."""
        return frozenset(row["group_name"] for row in await self._connection.fetch(HELD, case))

    async def disclosed(self, case: str) -> Sequence[Disclosed]:
        """Read the case's lane of the ledger."""
        rows = await self._connection.fetch(DISCLOSED, case)
        return [_disclosed(row) for row in rows]


def _grant(row: "Record") -> Grant:
    review = Review(row["verdict"], row["reviewed_by"], row["reviewed_at"]) if row["verdict"] else None
    return Grant(
        reveal=row["reveal_id"],
        case=row["case_id"],
        part=row["part"],
        role=row["role"],
        purpose=row["purpose"],
        groups=tuple(row["groups"]),
        why=row["why"],
        by=row["by_whom"],
        second=row["second"],
        break_glass=row["break_glass"],
        at=row["at"],
        until=row["until"],
        blocked=row["blocked"],
        review=review,
    )


def _disclosed(row: "Record") -> Disclosed:
    return Disclosed(
        disclosure=row["disclosure_id"],
        at=row["at"],
        sender=row["sender"],
        recipient=row["recipient"],
        purpose=row["purpose"],
        part=row["part"],
        policy=row["policy"],
        fields=tuple(row["fields"]),
        bases=tuple(row["bases"]),
    )
