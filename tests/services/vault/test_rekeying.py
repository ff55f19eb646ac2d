"""All data keys under a new key-encryption key."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from stafet.vault.adapters.casekeys import PostgresCaseKeys
from stafet.vault.adapters.filekeys import FileKeys
from stafet.vault.app.build import open_session
from stafet.vault.app.keys import KeyMaster
from stafet.vault.app.local import LocalVault
from stafet.vault.app.session import Session
from stafet.vault.handlers import rekeying
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.ports.keys import ZoneKey
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import StoredRecord, VaultUnavailableError
from stafet_schemas.groups import Group
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.opened import opened_vault
from tests.services.vault.people import REGISTRATION, request
from tests.services.vault.tables import every_byte

CASES = 12


@pytest.fixture
def session(database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> Session:
    """The vault's tools."""
    return open_session(database, clock, ids, key_files, VaultSettings())


@pytest.fixture
def master(session: Session) -> KeyMaster:
    """Who rotates."""
    return KeyMaster(session)


@pytest.fixture
async def stored(vault: LocalVault) -> Sequence[StoredRecord]:
    """Some cases with a record each."""
    named = (replace(REGISTRATION, message=f"message-{n}", reference=f"ref-{n}") for n in range(CASES))
    return [await vault.register(each) for each in named]


class TestRotate:
    """A new key-encryption key."""

    async def test_wraps_every_data_key_anew_and_changes_no_record(
        self, master: KeyMaster, database: Database, stored: Sequence[StoredRecord]
    ) -> None:
        tables = ("cases", "records", "record_values", "messages", "aliases", "chains", "disclosures")
        before = {each: await database.pool.fetch(f"select * from {each}") for each in tables}  # noqa: S608 - names of ours
        wrapped = await database.pool.fetch("select wrapped from case_keys order by case_id, zone")
        done = await master.rotate()
        assert (done.version, done.resumed, done.rewrapped) == ("file-2", False, 2 * len(stored))
        assert (await master.stand()).counts == {"file-2": 2 * CASES}
        again = await database.pool.fetch("select wrapped from case_keys order by case_id, zone")
        assert {each["wrapped"] for each in again}.isdisjoint(each["wrapped"] for each in wrapped)
        after = {each: await database.pool.fetch(f"select * from {each}") for each in tables}  # noqa: S608 - names of ours
        assert after == before

    async def test_what_was_stored_before_is_released_after(
        self, master: KeyMaster, vault: LocalVault, stored: Sequence[StoredRecord]
    ) -> None:
        before = await vault.release(request(stored[0]))
        await master.rotate()
        after = await vault.release(request(stored[0]))
        assert (after.values, after.person) == (before.values, before.person)

    async def test_a_vault_that_runs_uses_the_new_key(
        self, master: KeyMaster, vault: LocalVault, stored: Sequence[StoredRecord]
    ) -> None:
        assert stored
        await master.rotate()
        await vault.register(replace(REGISTRATION, message="message-new", reference="ref-new"))
        assert set((await master.stand()).counts) == {"file-2"}

    async def test_goes_on_where_it_was_cut_off(
        self, master: KeyMaster, session: Session, stored: Sequence[StoredRecord],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(rekeying, "AT_ONCE", 5)
        session.keys.provider.rotate()
        async with session.transaction() as unit:
            await rekeying.rewrap(
                stored=PostgresCaseKeys(unit.connection), provider=session.keys.provider, keys=session.keys
            )
        assert (await master.stand()).stale == 2 * len(stored) - 5
        done = await master.rotate()
        assert (done.version, done.resumed, done.rewrapped) == ("file-2", True, 2 * CASES - 5)
        assert (await master.stand()).stale == 0

    async def test_two_at_once_leave_every_key_under_a_version_that_is_there(
        self, session: Session, master: KeyMaster, vault: LocalVault, stored: Sequence[StoredRecord]
    ) -> None:
        await asyncio.gather(master.rotate(), KeyMaster(session).rotate())
        standing = await master.stand()
        assert standing.missing == ()
        assert sum(standing.counts.values()) == 2 * CASES
        assert (await vault.release(request(stored[-1]))).values

    async def test_refuses_while_a_version_is_missing(
        self, master: KeyMaster, session: Session, key_files: KeyFiles, stored: Sequence[StoredRecord]
    ) -> None:
        assert stored
        session.keys.provider.rotate()
        (key_files.folder / "kek" / "1").rename(key_files.folder / "kek" / "lost")
        with pytest.raises(VaultUnavailableError, match="under file-1, which is not there"):
            await master.rotate()
        assert (await master.stand()).missing == ("file-1",)
        assert list(session.keys.provider.versions) == ["file-2"]

    async def test_stops_at_a_key_that_was_tampered_with_and_loses_none(
        self, master: KeyMaster, database: Database, stored: Sequence[StoredRecord]
    ) -> None:
        await database.pool.execute(
            "update case_keys set wrapped = sha256(wrapped) where case_id = $1", stored[0].case
        )
        before = await database.pool.fetch("select * from case_keys order by case_id, zone")
        with pytest.raises(VaultUnavailableError, match="does not open this case"):
            await master.rotate()
        assert await database.pool.fetch("select * from case_keys order by case_id, zone") == before

    async def test_an_erased_case_s_key_does_not_come_back(
        self, session: Session, database: Database, stored: Sequence[StoredRecord]
    ) -> None:
        session.keys.provider.rotate()
        case = stored[0].case
        async with session.transaction() as unit:
            held = PostgresCaseKeys(unit.connection)
            taken = await held.stale("file-2", 100)
            erasing = asyncio.create_task(
                database.pool.execute("delete from case_keys where case_id = $1", case)
            )
            waits = "select count(*) from pg_locks where not granted"
            async with asyncio.timeout(10):
                while not await unit.connection.fetchval(waits):  # noqa: ASYNC110 - the server has no Event
                    await asyncio.sleep(0)
            await held.replace([(case, session.keys.rewrap(case, key)) for case, key in taken])
        await erasing
        assert {each for each, _ in taken} == {each.case for each in stored}
        assert await database.pool.fetchval("select count(*) from case_keys where case_id = $1", case) == 0


class TestStart:
    """A vault that starts."""

    def test_without_any_key_encryption_key_is_refused(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles
    ) -> None:
        (key_files.folder / "kek" / "1").unlink()
        with pytest.raises(VaultUnavailableError, match="kek: no key in it"):
            opened_vault(database, clock, ids, key_files, VaultSettings())


class TestMoved:
    """Whoever can write the tables gains nothing by moving keys."""

    @pytest.mark.parametrize("zone", ["gdpr", "led"])
    async def test_zones_swapped_within_a_case_open_nothing(
        self, vault: LocalVault, database: Database, zone: str
    ) -> None:
        stored = await vault.register(
            replace(REGISTRATION, values={**REGISTRATION.values, Group.PERPETRATOR: {"text": "grey coat"}})
        )
        other = {"gdpr": "led", "led": "gdpr"}[zone]
        await database.pool.execute(
            "update case_keys k set wrapped = o.wrapped from case_keys o "
            "where k.zone = $1 and o.zone = $2 and o.case_id = k.case_id",
            zone,
            other,
        )
        with pytest.raises(VaultUnavailableError, match="does not open this case"):
            await vault.release(request(stored))

    async def test_a_data_key_is_in_no_table_in_clear(
        self, session: Session, database: Database, stored: Sequence[StoredRecord]
    ) -> None:
        row = await database.pool.fetchrow(
            "select * from case_keys where case_id = $1 and zone = 'led'", stored[0].case
        )
        assert row is not None
        key = ZoneKey(row["zone"], row["kek"], row["wrapped"])
        assert isinstance(session.keys.provider, FileKeys)
        assert session.keys.rewrap(stored[0].case, key).wrapped not in await every_byte(database)
