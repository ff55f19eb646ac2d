"""Claim: storing and releasing a referral of 1.85 KB costs at most 1 ms of CPU each, a release 10 ms at p99.

CPU is that of the vault's process, its own calls one after the other; PostgreSQL's is not in it. The p99 is
of releases asked for at 50/s, warm: the open keys are in memory, as they are for the minutes of a referral.
Run by `bench/run.py`; or by itself: `python -m bench.vault`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from stafet.vault.app.build import open_session
from stafet.vault.app.local import LocalVault
from stafet.vault.keyfiles import create_key_files, read_key_files
from stafet.vault.settings import VaultSettings
from stafet_cli.demo.report import percentile
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import migrate, open_database
from stafet_runtime.embedded import embedded_postgres
from stafet_runtime.vaultport import Registration, ReleaseRequest, StoredRecord
from stafet_schemas.groups import Group
from stafet_sdk.draft import Fields

COUNT: Final = 1_000
RATE: Final = 50.0
CALLS: Final = 500
MESSAGE_BYTES: Final = 1_850
VALUES: Final[Mapping[Group, Fields]] = {
    Group.ROUTING: {"service": "accommodation", "priority": "urgent", "age_group": "adult", "sex": "female"},
    Group.IDENTITY: {"first_name": "Bench", "last_name": "Person", "birth_date": "1999-02-03"},
    Group.CONTACT: {"phone": "+4500000000", "address": "Nowhere 1"},
    Group.EXPLOITATION: {"types": ["forced_labour"], "control": ["threats"], "labour": "begging"},
    Group.NARRATIVE: {"text": "x" * 1_000},
}


async def main() -> Mapping[str, float]:
    """Measure and return the figures of `bench/results.json`."""
    with TemporaryDirectory(prefix="stafet-bench-") as directory:
        async with _vault(Path(directory)) as vault:
            await _stored(vault, "warm", 50)
            cpu = time.process_time()
            stored = await _stored(vault, "message", COUNT)
            store_ms = (time.process_time() - cpu) * 1000 / COUNT
            cpu = time.process_time()
            for number, each in enumerate(stored):
                await vault.release(_request(each, number))
            release_ms = (time.process_time() - cpu) * 1000 / COUNT
            times = await _at_rate(vault, stored[-CALLS:])
    ordered = sorted(times)
    figures = {
        "store_cpu_ms": round(store_ms, 2),
        "release_cpu_ms": round(release_ms, 2),
        "release_p50_ms": percentile(ordered, 50) or 0.0,
        "release_p99_ms": percentile(ordered, 99) or 0.0,
    }
    for name, value in figures.items():
        print(f"{name:<24}{value:>10}")
    return figures


@asynccontextmanager
async def _vault(home: Path) -> AsyncGenerator[LocalVault]:
    create_key_files(home)
    async with embedded_postgres(home / "postgres") as dsn:
        await migrate(dsn, ["vault"])
        database = await open_database(dsn, "vault")
        try:
            keys = read_key_files(home)
            yield LocalVault(open_session(database, SystemClock(), SystemIds(), keys, VaultSettings()))
        finally:
            await database.close()


async def _stored(vault: LocalVault, name: str, count: int) -> list[StoredRecord]:
    raw = b"x" * MESSAGE_BYTES
    return [
        await vault.register(
            Registration("police", f"{name}-{each}", "placer", f"{name}-{each}", VALUES, raw)
        )
        for each in range(count)
    ]


async def _at_rate(vault: LocalVault, stored: Sequence[StoredRecord]) -> list[float]:
    """Ask for releases at RATE; return the milliseconds that each took."""
    begin = time.perf_counter()

    async def one(number: int, record: StoredRecord) -> float:
        await asyncio.sleep(max(0.0, begin + number / RATE - time.perf_counter()))
        asked = time.perf_counter()
        await vault.release(_request(record, COUNT + number))
        return (time.perf_counter() - asked) * 1000

    return list(await asyncio.gather(*(one(number, each) for number, each in enumerate(stored))))


def _request(stored: StoredRecord, number: int) -> ReleaseRequest:
    return ReleaseRequest(
        delivery=f"delivery-{number}",
        case=stored.case,
        record=stored.record,
        referral=f"referral-{number}",
        sender="police",
        recipient="redcross",
        part="content",
        purpose="support",
        placer="placer",
        accepted=True,
    )


if __name__ == "__main__":
    asyncio.run(main())
