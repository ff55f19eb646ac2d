"""Claim: `stafet ledger verify` reads at least 50,000 rows a second: keys, chains, tree and tree heads.

20,000 cases with keys of their own have five rows each, made as a release makes them and copied in. CPU is
that of the vault's process. Run by `bench/run.py`; or by itself: `python -m bench.ledger`.
"""

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from stafet.vault.adapters.casekeys import columns_of_keys
from stafet.vault.app.build import open_session
from stafet.vault.app.ledger import Notary
from stafet.vault.app.session import Session
from stafet.vault.domain.ledger import CASE, COLUMNS, FIRST, Entry, Marks, columns_of, mark
from stafet.vault.domain.proof import check_proof
from stafet.vault.keyfiles import create_key_files, read_key_files
from stafet.vault.ports.keys import CaseKey
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import migrate, open_database
from stafet_runtime.embedded import embedded_postgres

CASES: Final = 20_000
ROWS: Final = 5
ALL: Final = CASES * ROWS
ROUNDS: Final = 5
AT: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES: Final[Mapping[str, str]] = {"disclosure": "disclosure_id", "case": "case_id", "record": "record_id"}
PROOF: Final = ("prev_hash", "hash", "keyed", "digest", "stamp")
SHOWN: Final = ("identity.first_name", "identity.last_name", "routing.age_group", "routing.service")
BASES: Final = ("consent:019cae10-4c1a-7b3e-9d20-6f1f0c5a0010:1",)


async def main() -> Mapping[str, float]:
    """Measure and return the figures of `bench/results.json`."""
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        async with _ledger(Path(directory)) as (notary, disclosure):
            signed_s, _ = await _timed(notary.sign)
            # As the hub and `stafet ledger verify` do.
            gc.collect()
            gc.freeze()
            rounds = [await _timed(notary.verify) for _ in range(ROUNDS)]
            faults = len((await notary.verify()).faults)
            prove_s, _ = await _timed(lambda: notary.prove(disclosure))
            proof = await notary.prove(disclosure)
    if proof is None or faults:
        raise RuntimeError(f"the ledger of the bench is not sound: {faults} faults")
    begun = time.perf_counter()
    check_proof(proof)
    figures = {
        "ledger_verify_rows_per_s": round(ALL / median(wall for wall, _ in rounds)),
        "ledger_verify_cpu_us": round(median(cpu for _, cpu in rounds) * 1e6 / ALL, 1),
        "ledger_sign_rows_per_s": round(ALL / signed_s),
        "ledger_prove_ms": round(prove_s * 1000),
        "ledger_check_ms": round((time.perf_counter() - begun) * 1000, 2),
    }
    for name, value in figures.items():
        print(f"{name:<28}{value:>10}")
    return figures


@asynccontextmanager
async def _ledger(home: Path) -> AsyncGenerator[tuple[Notary, str]]:
    """Fill a vault's ledger; yields a notary and the id of one disclosure."""
    create_key_files(home)
    async with embedded_postgres(home / "postgres") as dsn:
        await migrate(dsn, ["vault"])
        database = await open_database(dsn, "vault")
        try:
            keys = read_key_files(home)
            session = open_session(database, SystemClock(), SystemIds(), keys, VaultSettings())
            yield Notary(session, home), await _fill(session)
        finally:
            await database.close()


async def _fill(session: Session) -> str:
    cases = [session.keys.new_case() for _ in range(CASES)]
    rows = [row for case in cases for row in _rows(session, case)]
    wrapped = [each for case in cases for each in zip(*columns_of_keys(case.locked.zones), strict=True)]
    zones = len(cases[0].locked.zones)
    owners = [case.locked.case for case in cases for _ in range(zones)]
    tables: Mapping[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {
        "cases": (("case_id", "opened_at"), [(case.locked.case, AT) for case in cases]),
        "case_keys": (
            ("case_id", "zone", "kek", "wrapped"),
            [(owner, *each) for owner, each in zip(owners, wrapped, strict=True)],
        ),
        "chains": (
            ("lane", "entries", "head"),
            [(entry.lane, ROWS, marks.hash) for entry, marks in rows if entry.number == ROWS],
        ),
        "disclosures": (
            (*(NAMES.get(name, name) for name in COLUMNS), *PROOF),
            [_columns(entry, marks) for entry, marks in rows],
        ),
    }
    async with session.database.pool.acquire() as connection:
        for table, (columns, records) in tables.items():
            await connection.copy_records_to_table(table, columns=columns, records=records, timeout=300)
        await connection.execute("analyze")
    return rows[0][0].disclosure


def _rows(session: Session, case: CaseKey) -> Iterator[tuple[Entry, Marks]]:
    name, previous = case.locked.case, FIRST
    for number in range(1, ROWS + 1):
        disclosure, referral = session.ids.new(), session.ids.new()
        entry = Entry(
            disclosure, name, number, name, referral, session.ids.new(), 1, "police", "redcross", "support",
            "content", "2026-11-25", "made", None, ("identity", "routing"), SHOWN, BASES,
            session.ids.new(), 1, AT,
        )  # fmt: skip
        marks = mark(entry, previous, CASE, case.row_key(disclosure), session.keys.stamps)
        previous = marks.hash
        yield entry, marks


def _columns(entry: Entry, marks: Marks) -> tuple[object, ...]:
    disclosure, *others = columns_of(entry)
    proof = (marks.previous, marks.hash, marks.keyed, marks.digest, marks.stamp)
    return (UUID(str(disclosure)), *others, *proof)


async def _timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return the seconds by the clock, and those of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    asyncio.run(main())
