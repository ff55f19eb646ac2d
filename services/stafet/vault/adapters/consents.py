"""Consents, duties and grounds on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from stafet.vault.domain.consent import Holding, Scope, Version
from stafet.vault.ports.consents import Routing
from stafet_runtime.database import Connection

if TYPE_CHECKING:
    from asyncpg import Record

HISTORY: Final = """
    select consent_id::text as consent_id, version, basis, statement, recipients, purposes, groups,
        valid_from, until, recorded_at, agency, language, interpreter, how, law, by_whom,
        coalesce(told = $2, false) as said
    from consents where case_id = $1 order by recorded_at, consent_id, version
"""
ADD: Final = """
    insert into consents (case_id, told, entries, consent_id, version, basis, statement, recipients,
        purposes, groups, valid_from, until, recorded_at, agency, language, interpreter, how, law, by_whom)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
"""
# A status, or a notice of what may not be used or kept, carries nothing of the person.
HOLDINGS: Final = """
    select recipient, purpose, array_agg(distinct group_name) as groups
    from disclosures cross join unnest(groups) group_name
    where lane = $1 and outcome = 'made' and part in ('notice', 'reminder', 'content')
    group by recipient, purpose order by recipient, purpose
"""
REFERRALS: Final = """
    select referral from disclosures
    where lane = $1 and recipient = $2 and outcome = 'made' and part = any($3::text[])
        and referral is not null
    group by referral order by min(number)
"""
SHOWN: Final = ("notice", "reminder", "content")
CONCERNED: Final = (*SHOWN, "status")
ROUTING: Final = """
    select r.record_id::text as record_id, r.version, v.ciphertext
    from records r join record_values v using (record_id, version)
    where r.case_id = $1 and v.group_name = 'routing'
    order by r.registered_at desc, r.record_id desc, r.version desc limit 1
"""
PARTY: Final = """
    select exists (select from aliases where case_id = $1 and agency = $2)
        or exists (select from disclosures where lane = $1 and recipient = $2 and outcome = 'made')
"""
DUE: Final = """
    select distinct case_id from consents c
    where until <= $1 and statement in ('given', 'narrowed') and not exists (
        select from consents newer where newer.consent_id = c.consent_id and newer.version > c.version
    )
    limit 500
"""


class PostgresConsents:
    """The store of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def history(self, case: str) -> tuple[Version, ...]:
        """Read the case's rows by their index."""
        return (await self.told(case, ""))[1]

    async def told(self, case: str, digest: str) -> tuple[tuple[str, ...], tuple[Version, ...]]:
        """Read the case's rows by their index, and look for the digest among them."""
        rows = await self._connection.fetch(HISTORY, case, digest)
        said = sorted(row["consent_id"] for row in rows if row["said"])
        return tuple(said), tuple(map(_version, rows))

    async def add(
        self, case: str, versions: Sequence[Version], *, entries: int, digest: str | None = None
    ) -> None:
        """Insert all at once."""
        rows = [(case, digest, entries, *_columns(each)) for each in versions]
        await self._connection.executemany(ADD, rows)

    async def holdings(self, case: str) -> tuple[Holding, ...]:
        """Read the case's lane of the ledger."""
        rows = await self._connection.fetch(HOLDINGS, case)
        return tuple(Holding(row["recipient"], row["purpose"], frozenset(row["groups"])) for row in rows)

    async def referrals(self, case: str, recipient: str) -> tuple[str, ...]:
        """Read the case's lane of the ledger."""
        rows = await self._connection.fetch(REFERRALS, case, recipient, SHOWN)
        return tuple(row["referral"] for row in rows)

    async def concerned(self, case: str, recipient: str) -> tuple[str, ...]:
        """Read the case's lane of the ledger."""
        rows = await self._connection.fetch(REFERRALS, case, recipient, CONCERNED)
        return tuple(row["referral"] for row in rows)

    async def routing(self, case: str) -> Routing | None:
        """Read the newest row."""
        row = await self._connection.fetchrow(ROUTING, case)
        return Routing(row["record_id"], row["version"], row["ciphertext"]) if row else None

    async def party(self, case: str, agency: str) -> bool:
        """Look at references and ledger."""
        return bool(await self._connection.fetchval(PARTY, case, agency))

    async def due(self, at: datetime) -> tuple[str, ...]:
        """Read what has run out, some hundred cases at a time."""
        return tuple(row["case_id"] for row in await self._connection.fetch(DUE, at))


def _version(row: "Record") -> Version:
    scope = Scope(
        frozenset(row["recipients"]), frozenset(row["purposes"]), frozenset(row["groups"]), row["until"]
    )
    return Version(
        consent=row["consent_id"],
        number=row["version"],
        basis=row["basis"],
        statement=row["statement"],
        scope=scope,
        valid_from=row["valid_from"],
        recorded_at=row["recorded_at"],
        agency=row["agency"],
        language=row["language"],
        interpreter=row["interpreter"],
        how=row["how"],
        law=row["law"],
        by=row["by_whom"],
    )


def _columns(version: Version) -> tuple[object, ...]:
    scope = version.scope
    return (
        version.consent, version.number, version.basis, version.statement, sorted(scope.recipients),
        sorted(scope.purposes), sorted(scope.groups), version.valid_from, scope.until, version.recorded_at,
        version.agency, version.language, version.interpreter, version.how, version.law, version.by,
    )  # fmt: skip
