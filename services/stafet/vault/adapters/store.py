"""The vault's store on PostgreSQL: few statements, one round trip each."""

from typing import Final
from uuid import UUID

from stafet.vault.adapters.casekeys import KEYS, columns_of_keys, locked_key
from stafet.vault.domain.ledger import FIRST, Entry, Marks, columns_of
from stafet.vault.ports.store import Head, Held, Known, NewCase, NewRecord
from stafet_runtime.database import Connection
from stafet_runtime.vaultport import StoredRecord
from stafet_schemas.groups import Group

FIND: Final = f"""
    select r.record_id::text as record_id, r.version, r.case_id, r.groups, r.digest,
        c.case_id as known, k.*
    from (select) one
    left join records r on r.agency = $1 and r.message = $2
    left join aliases a on a.agency = $1 and a.fingerprint = $3
    left join cases c on c.case_id = a.case_id
    {KEYS}
"""  # noqa: S608 - our own list of columns
# The alias is the lock: of two messages that open one case at once, the second waits and inserts nothing.
# Nor does one whose keys were wrapped just before the version was retired: the next try takes the newest.
OPEN_CASE: Final = """
    with alias as (
        insert into aliases (agency, fingerprint, case_id, reference) select $1, $2, $3, $4
        where not exists (select from retired_keks where kek = any($8))
        on conflict (agency, fingerprint) do nothing returning case_id
    ), opened as (
        insert into cases (case_id, opened_at) select case_id, $5 from alias
    ), keyed as (
        insert into case_keys (case_id, zone, kek, wrapped)
        select alias.case_id, each.* from alias, unnest($7::text[], $8::text[], $9::bytea[]) each
    )
    insert into chains (lane, entries, head) select case_id, 0, $6 from alias returning lane
"""
# The case stays locked against an erasure until the commit: one that came first leaves no case to add to.
ADD_RECORD: Final = """
    with alive as materialized (
        select case_id from cases where case_id = $3 and erased_at is null for key share
    ), added as (
        insert into records (record_id, version, case_id, agency, message, groups, digest, registered_at,
            placer)
        select $1::uuid, $2::integer, case_id, $4::text, $5::text, $6::text[], $7::text, $8::timestamptz,
            $12::bytea
        from alive
        on conflict (agency, message) do nothing returning record_id, version
    ), with_values as (
        insert into record_values (record_id, version, group_name, ciphertext)
        select added.*, each.* from added, unnest($9::text[], $10::bytea[]) each
    )
    insert into messages (record_id, version, ciphertext) select added.*, $11 from added returning record_id
"""
LOCK: Final = "select entries, head from chains where lane = $1 for update"
LOAD: Final = f"""
    select k.*, r.version, r.placer, v.group_name, v.ciphertext,
        coalesce(r.agency = $3, exists (select from aliases where case_id = c.case_id and agency = $3))
            as sender_known, c.erased_at is not null as erased,
        exists (select from persons where case_id = c.case_id and recipient = $5) as named,
        (select count(*) from disclosures where delivery = $4) as released
    from (select) one
    left join cases c on c.case_id = $1
    {KEYS}
    left join lateral (
        select * from records where record_id = $2 and case_id = c.case_id order by version desc limit 1
    ) r on true
    left join record_values v on v.record_id = r.record_id and v.version = r.version
"""  # noqa: S608 - our own list of columns
NAME: Final = "insert into persons (recipient, fingerprint, case_id) values ($1, $2, $3)"
APPEND: Final = """
    with moved as (update chains set entries = $8, head = $2 where lane = $7)
    insert into disclosures (prev_hash, hash, keyed, digest, stamp, disclosure_id, lane, number, case_id,
        referral, record_id, version, sender, recipient, purpose, part, policy, outcome, reason, groups,
        fields, bases, delivery, attempt, at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
        $22, $23, $24, $25)
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
        return Known(record, locked_key(row["known"], row))

    async def open_case(self, case: NewCase) -> bool:
        """Insert alias, case and chain, unless the alias is there already."""
        key = case.key
        return None is not await self._connection.fetchval(
            OPEN_CASE,
            case.agency,
            case.fingerprint,
            key.case,
            case.reference,
            case.at,
            FIRST,
            *columns_of_keys(key.zones),
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
            record.placer,
        )

    async def lock(self, lane: str) -> Head | None:
        """Lock the chain's row."""
        row = await self._connection.fetchrow(LOCK, lane)
        return Head(row["entries"], row["head"]) if row else None

    async def load(
        self, case: str | None, record: str | None, sender: str, delivery: str, recipient: str = ""
    ) -> Held:
        """Read key, values, mandate and earlier releases in one go."""
        rows = await self._connection.fetch(LOAD, case, _uuid(record), sender, delivery, recipient)
        first = rows[0]
        key = locked_key(case, first)
        values = {Group(row["group_name"]): row["ciphertext"] for row in rows if row["group_name"]}
        return Held(
            key, first["sender_known"], first["version"], values, first["released"], first["erased"],
            first["named"], first["placer"],
        )  # fmt: skip

    async def name(self, recipient: str, fingerprint: bytes, case: str) -> None:
        """Insert the row."""
        await self._connection.execute(NAME, recipient, fingerprint, case)

    async def append(self, entry: Entry, marks: Marks) -> None:
        """Insert the row and move the chain's head; the columns stand in the order of `Marks` and `Entry`."""
        proof = (marks.previous, marks.hash, marks.keyed, marks.digest, marks.stamp)
        await self._connection.execute(APPEND, *proof, *columns_of(entry))


def _uuid(record: str | None) -> UUID | None:
    try:
        return UUID(record) if record else None
    except ValueError:
        return None  # not an id the vault gave: no such record
