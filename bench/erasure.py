"""Claim: a case among 100,000 is erased within a second, with its certificate and its line on the disk.

The other cases are filled in by SQL and hold random bytes where ciphertext would be: nobody opens them.
Run by `bench/run.py`; or by itself: `python -m bench.erasure`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.app.local import LocalVault
from stafet.vault.handlers.erasing import Erased
from stafet.vault.keyfiles import create_key_files, read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import Database, migrate, open_database
from stafet_runtime.embedded import embedded_postgres
from stafet_runtime.vaultport import Registration
from stafet_schemas.groups import Group

CASES: Final = 100_000
ERASED: Final = 20
GROUPS: Final = "{routing,identity,contact,narrative,exploitation}"
RAW: Final = b"<Henvisning/>" * 140
FILL: Final = (
    """
    insert into cases (case_id, opened_at) select 'c-' || n, now() from generate_series(1, $1::int) n
    """,
    """
    insert into case_keys (case_id, zone, kek, wrapped)
    select 'c-' || n, zone, 'file-1', uuid_send(gen_random_uuid())
    from generate_series(1, $1::int) n, (values ('gdpr'), ('led')) zones (zone)
    """,
    """
    insert into aliases (agency, fingerprint, case_id, reference)
    select 'police', sha256(int4send(n)), 'c-' || n, uuid_send(gen_random_uuid())
    from generate_series(1, $1::int) n
    """,
    "insert into chains select 'c-' || n, 1, sha256(int4send(n)) from generate_series(1, $1::int) n",
    f"""
    insert into records (record_id, version, case_id, agency, message, groups, digest, registered_at)
    select gen_random_uuid(), 1, 'c-' || n, 'police', 'm-' || n, '{GROUPS}', '', now()
    from generate_series(1, $1::int) n
    """,  # noqa: S608 - a constant of ours
    f"""
    insert into record_values select record_id, version, name, decode(repeat('ab', 300), 'hex')
    from records, unnest('{GROUPS}'::text[]) name where $1::int > 0
    """,  # noqa: S608 - a constant of ours
    """
    insert into messages select record_id, version, decode(repeat('cd', 1850), 'hex')
    from records where $1::int > 0
    """,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """A vault with 100,000 cases."""

    database: Database
    vault: LocalVault
    eraser: Eraser

    async def measure(self, number: int) -> float:
        """Register a case and return how long its erasure takes, in ms."""
        values = {Group(name): {"text": "x" * 200} for name in GROUPS.strip("{}").split(",")}
        stored = await self.vault.register(
            Registration("police", f"bench-{number}", "placer", f"reference-{number}", values, RAW)
        )
        begun = time.perf_counter()
        outcome = await self.eraser.erase(stored.case, "no_longer_needed", "bench")
        taken = (time.perf_counter() - begun) * 1000
        if not isinstance(outcome, Erased):
            raise TypeError("the case was not erased")
        return taken


async def main() -> Mapping[str, float]:
    """Erase some cases one after the other and return the figures of `bench/results.json`."""
    async with prepared() as bench:
        times = [await bench.measure(number) for number in range(ERASED)]
    figures = {
        "erasure_cases": float(CASES),
        "erasure_p50_ms": round(median(times), 1),
        "erasure_worst_ms": round(max(times), 1),
    }
    for name, value in figures.items():
        print(f"{name:<28}{value!s:>20}")
    return figures


@asynccontextmanager
async def prepared() -> AsyncGenerator[Bench]:
    """Start the database and fill it."""
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        home = Path(directory)
        create_key_files(home)
        async with embedded_postgres(home / "postgres") as dsn:
            await migrate(dsn, ["vault"])
            database = await open_database(dsn, "vault")
            for statement in FILL:
                await database.pool.execute(statement, CASES, timeout=300)
            await database.pool.execute("analyze", timeout=300)
            keys = read_key_files(home)
            session = open_session(database, SystemClock(), SystemIds(), keys, VaultSettings())
            yield Bench(database, LocalVault(session), Eraser(session, home))
            await database.close()


if __name__ == "__main__":
    asyncio.run(main())
