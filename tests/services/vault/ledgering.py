"""A ledger with rows in it, and those who tamper with it as the owner of the database could."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from stafet.vault.adapters.ledger import PostgresLedger
from stafet.vault.app.build import open_session
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.domain.audit import Fault
from stafet.vault.domain.ledger import CASE, mark
from stafet.vault.domain.merkle import Frontier
from stafet.vault.domain.treehead import TreeHead, head_bytes
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.keys import VaultKeys
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.vaultport import StoredRecord
from tests.services.vault.people import REGISTRATION, notice
from tests.services.vault.tables import ledger

ROWS: Final = 4
ALL: Final = 2 * ROWS
FULLY: Final = 3
MIDDLE: Final = 2
OTHER: Final = "00000000-0000-7000-8000-0000000000ff"
"""The id of a disclosure that no ledger has."""


@dataclass(frozen=True)
class Written:
    """Two cases with `ROWS` rows each, and their disclosures in order."""

    first: StoredRecord
    second: StoredRecord
    disclosures: tuple[str, ...]
    others: tuple[str, ...]


def open_notary(database: Database, clock: Clock, ids: Ids, key_files: KeyFiles) -> tuple[Notary, VaultKeys]:
    """Open a notary of the key files' home, and the keys it has."""
    session = open_session(database, clock, ids, key_files, VaultSettings())
    return Notary(session, key_files.folder.parent), session.keys


async def write(vault: LocalVault) -> Written:
    """Let two cases be disclosed several times."""
    first = await vault.register(REGISTRATION)
    second = await vault.register(replace(REGISTRATION, message="message-2", reference="another"))
    mine, others = [
        [(await vault.release(notice(each))).disclosure for _ in range(ROWS)] for each in (first, second)
    ]
    return Written(first, second, tuple(mine), tuple(others))


async def remove_last(database: Database, lane: str, depth: int) -> None:
    """Remove the last row of a lane: 1 the row, 2 set its chain back, 3 from all tables there are."""
    number = await database.pool.fetchval("select max(number) from disclosures where lane = $1", lane)
    gone = await database.pool.fetchval(
        "delete from disclosures where lane = $1 and number = $2 returning prev_hash", lane, number
    )
    if depth > 1:
        await database.pool.execute(
            "update chains set entries = $2 - 1, head = $3 where lane = $1", lane, number, gone
        )
    if depth == FULLY:
        await database.pool.execute("delete from leaves where lane = $1 and number = $2", lane, number)
        await database.pool.execute("update planted set entries = $2 - 1 where lane = $1", lane, number)
        await database.pool.execute("delete from tree_heads")


async def rewrite(database: Database, lane: str, number: int, keys: VaultKeys) -> None:
    """Change the recipient of a row, and all that hangs on it in its lane, with every key of the hub."""
    async with database.pool.acquire() as connection:
        (found,) = [
            each
            async for page in PostgresLedger(connection, keys.public).lanes()
            for each in page
            if each.lane == lane
        ]
    assert found.key is not None
    case_key = keys.open_case(found.key)
    rows = await ledger(database, lane)
    previous = rows[number - 1][1]
    for entry, _, _ in rows[number - 1 :]:
        forged = replace(entry, recipient="police") if entry.number == number else entry
        row_key = case_key.row_key(forged.disclosure)
        marks = mark(forged, previous, CASE, row_key, keys.stamps)
        await database.pool.execute(
            "update disclosures set recipient = $3, prev_hash = $4, hash = $5, digest = $6, stamp = $7 "
            "where lane = $1 and number = $2",
            lane, forged.number, forged.recipient, previous, marks.hash, marks.digest, marks.stamp,
        )  # fmt: skip
        await database.pool.execute(
            "update leaves set hash = $3 where lane = $1 and number = $2", lane, forged.number, marks.hash
        )
        previous = marks.hash
    await database.pool.execute("update chains set head = $2 where lane = $1", lane, previous)


async def sign_anew(database: Database, keys: VaultKeys) -> TreeHead:
    """Sign the tree as it stands now in the database, in place of the head that was there."""
    frontier = Frontier()
    for row in await database.pool.fetch("select hash from leaves order by position"):
        frontier.add(row["hash"])
    at = await database.pool.fetchval("select at from tree_heads order by size desc limit 1")
    signature = keys.sign(head_bytes(frontier.size, frontier.root(), at))
    await database.pool.execute(
        "update tree_heads set root = $2, signature = $3, frontier = $4 where size = $1",
        frontier.size, frontier.root(), signature, frontier.peaks,
    )  # fmt: skip
    return TreeHead(size=frontier.size, root=frontier.root(), at=at, key=keys.public, signature=signature)


def named(faults: Sequence[Fault]) -> list[tuple[str, int, int, str | None]]:
    """Say of each fault what it is, where, and of which disclosure."""
    return [(each.kind, each.first, each.last, each.disclosure) for each in faults]


def head_file(home: Path, size: int) -> Path:
    """Name the file of a tree head."""
    return home / "treeheads" / f"{size:012}.json"


def read(path: Path) -> TreeHead:
    """Read a tree head."""
    return TreeHead.model_validate_json(path.read_bytes())
