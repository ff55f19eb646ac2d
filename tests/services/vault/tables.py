"""What stands in the vault's tables, read as the server's own administrator would."""

import io
import json

from stafet.vault.domain.ledger import Entry
from stafet_runtime.database import Database

COLUMNS = {"disclosure": "disclosure_id", "case": "case_id", "record": "record_id"}


async def outbox(database: Database) -> list[tuple[str, dict[str, object]]]:
    """Read what is to be published: short type and data."""
    rows = await database.pool.fetch("select headers, value from outbox order by id")
    return [
        (dict(json.loads(row["headers"]))["ce_type"].split(".", 3)[3], json.loads(row["value"]))
        for row in rows
    ]


async def ledger(database: Database, lane: str) -> list[tuple[Entry, bytes, bytes]]:
    """Read a lane's ledger: rows with the hash before and their own."""
    found: list[tuple[Entry, bytes, bytes]] = []
    for row in await database.pool.fetch("select * from disclosures where lane = $1 order by number", lane):
        columns = {name: row[COLUMNS.get(name, name)] for name in Entry.__slots__}
        columns |= {"disclosure": str(columns["disclosure"])}
        columns |= {name: tuple(columns[name]) for name in ("groups", "fields", "bases")}
        found.append((Entry(**columns), row["prev_hash"], row["hash"]))
    return found


async def every_byte(database: Database) -> bytes:
    """Copy all tables of the schema in PostgreSQL's binary format, one after another."""
    copied = io.BytesIO()
    async with database.pool.acquire() as connection:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'vault' order by 1"
        )
        for table in tables:
            await connection.copy_from_table(table["tablename"], output=copied, format="binary")
    return copied.getvalue()
