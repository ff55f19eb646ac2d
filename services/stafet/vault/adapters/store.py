"""The vault's store on PostgreSQL: few statements, one round trip each."""

from typing import Final
from uuid import UUID

from stafet.vault.domain.ledger import FIRST, Entry
from stafet.vault.ports.keys import LockedKey
from stafet.vault.ports.store import Head, Held, Known, NewCase, NewRecord
from stafet_runtime.database import Connection
from stafet_runtime.vaultport import StoredRecord
from stafet_schemas.groups import Group

FIND: Final = """
    select r.record_id::text as record_id, r.version, r.case_id, r.groups, r.digest,
        c.case_id as known, c.wrapped_key
    from (select) one
    left join records r on r.agency = $1 and r.message = $2
    left join aliases a on a.agency = $1 and a.fingerprint = $3
    left join cases c on c.case_id = a.case_id
"""
# The alias is the lock: of two messages that open one case at once, the second waits and inserts nothing.
OPEN_CASE: Final = """
    with alias as (
        insert into aliases (agency, fingerprint, case_id, reference) values ($1, $2, $3, $4)
        on conflict (agency, fingerprint) do nothing returning case_id
    ), opened as (
        insert into cases (case_id, wrapped_key, opened_at) select case_id, $5, $6 from alias
    )
    insert into chains (lane, entries, head) select case_id, 0, $7 from alias returning lane
"""
ADD_RECORD: Final = """
    with added as (
        insert into records (record_id, version, case_id, agency, message, groups, digest, registered_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (agency, message) do nothing returning record_id, version
    ), with_values as (
        insert into record_values (record_id, version, group_name, ciphertext)
        select added.*, each.* from added, unnest($9::text[], $10::bytea[]) each
    )
    insert into messages (record_id, version, ciphertext) select added.*, $11 from added returning record_id
"""
LOCK: Final = "select entries, head from chains where lane = $1 for update"
LOAD: Final = """
    select c.wrapped_key, r.version, v.group_name, v.ciphertext,
        coalesce(r.agency = $3, exists (select from aliases where case_id = c.case_id and agency = $3))
            as sender_known,
        (select count(*) from disclosures where delivery = $4) as released
    from (select) one
    left join cases c on c.case_id = $1
    left join lateral (
        select * from records where record_id = $2 and case_id = c.case_id order by version desc limit 1
    ) r on true
    left join record_values v on v.record_id = r.record_id and v.version = r.version
"""
APPEND: Final = """
    with moved as (update chains set entries = $3, head = $21 where lane = $2)
    insert into disclosures (disclosure_id, lane, number, case_id, referral, record_id, version, sender,
        recipient, purpose, part, policy, outcome, reason, groups, fields, delivery, attempt, at, prev_hash,
        hash)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
"""


class PostgresStore:
    """The store of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, agency: str, message: str, fingerprint: bytes) -> Known:
        """Look up a message and a reference in one go."""
        row = await self._connection.fetchrow(FIND, agency, message, fingerprint)
        if row is None:
            return Known(None, None)
        record = None
        if row["record_id"] is not None:
            groups = tuple(row["groups"])
            record = StoredRecord(row["case_id"], row["record_id"], row["version"], groups, row["digest"])
        return Known(record, LockedKey(row["known"], row["wrapped_key"]) if row["known"] else None)

    async def open_case(self, case: NewCase) -> bool:
        """Insert alias, case and chain, unless the alias is there already."""
        key = case.key
        return None is not await self._connection.fetchval(
            OPEN_CASE, case.agency, case.fingerprint, key.case, case.reference, key.wrapped, case.at, FIRST
        )

    async def add_record(self, record: NewRecord) -> bool:
        """Insert record, values and raw message, unless the message is there already."""
        stored = record.stored
        return None is not await self._connection.fetchval(
            ADD_RECORD,
            stored.record,
            stored.version,
            stored.case,
            record.agency,
            record.message,
            list(stored.groups),
            stored.digest,
            record.at,
            list(record.values),
            list(record.values.values()),
            record.raw,
        )

    async def lock(self, lane: str) -> Head | None:
        """Lock the chain's row."""
        row = await self._connection.fetchrow(LOCK, lane)
        return Head(row["entries"], row["head"]) if row else None

    async def load(self, case: str | None, record: str | None, sender: str, delivery: str) -> Held:
        """Read key, values, mandate and earlier releases in one go."""
        rows = await self._connection.fetch(LOAD, case, _uuid(record), sender, delivery)
        first = rows[0]
        key = LockedKey(case, first["wrapped_key"]) if case and first["wrapped_key"] else None
        values = {Group(row["group_name"]): row["ciphertext"] for row in rows if row["group_name"]}
        return Held(key, first["sender_known"], first["version"], values, first["released"])

    async def append(self, entry: Entry, previous: bytes, link: bytes) -> None:
        """Insert the row and move the chain's head; the columns stand in the order of `Entry`."""
        columns = (getattr(entry, name) for name in Entry.__slots__)
        await self._connection.execute(APPEND, *columns, previous, link)


def _uuid(record: str | None) -> UUID | None:
    try:
        return UUID(record) if record else None
    except ValueError:
        return None  # not an id the vault gave: no such record
