"""An old version of the key-encryption key is destroyed, and with it what only old dumps hold."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stafet.vault.adapters.casekeys import PostgresCaseKeys
from stafet.vault.adapters.store import PostgresStore
from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.app.keys import KeyMaster
from stafet.vault.app.local import LocalVault
from stafet.vault.app.session import Session
from stafet.vault.domain.erasure import read_certificate
from stafet.vault.handlers.erasing import Erased
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.ports.keys import Remainder
from stafet.vault.ports.store import NewCase
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import StoredRecord, VaultUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.burglar import (
    CIPHERTEXTS,
    DIGESTS,
    Box,
    boxes_of,
    bytes_columns,
    elsewhere,
    read,
    secrets_of,
)
from tests.services.vault.erasing import dump, restore
from tests.services.vault.opened import opened_vault
from tests.services.vault.people import REFERENCE, REGISTRATION, SECRETS, request

REASON = "no_longer_needed"
LIVING = replace(REGISTRATION, message="message-2", reference=f"{REFERENCE}-2")


@pytest.fixture
def session(database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles) -> Session:
    """The vault's tools."""
    return open_session(database, clock, ids, key_files, VaultSettings())


@pytest.fixture
def master(session: Session) -> KeyMaster:
    """Who rotates and retires."""
    return KeyMaster(session)


async def certificate(desk: Eraser, case: str) -> list[str]:
    """Erase a case; return the versions that its certificate names."""
    erased = await desk.erase(case, REASON, "D")
    assert isinstance(erased, Erased)
    named: list[str] = read_certificate(erased.certificate).said["wrapped_under"]
    return named


class TestRetire:
    """Destroying a version."""

    async def test_destroys_an_older_one_and_no_other(
        self, master: KeyMaster, session: Session, vault: LocalVault, stored: StoredRecord
    ) -> None:
        await master.rotate()
        await master.retire("file-1")
        assert list(session.keys.provider.versions) == ["file-2"]
        assert (await vault.release(request(stored))).values
        assert (await vault.register(LIVING)).case

    @pytest.mark.parametrize(
        ("version", "why"),
        [
            ("file-2", "file-2 is the newest"),
            ("file-1", "data keys are under file-1"),
            ("file-7", "`stafet keys` lists"),
            ("/etc", "`stafet keys` lists"),
        ],
    )
    async def test_refuses_what_is_needed_or_not_there(
        self, master: KeyMaster, session: Session, stored: StoredRecord, version: str, why: str
    ) -> None:
        assert stored.case
        session.keys.provider.rotate()
        with pytest.raises(VaultUnavailableError, match=why):
            await master.retire(version)
        assert list(session.keys.provider.versions) == ["file-1", "file-2"]

    async def test_cut_off_before_the_key_was_destroyed_goes_on(
        self, master: KeyMaster, session: Session
    ) -> None:
        await master.rotate()
        async with session.transaction() as unit:
            assert await PostgresCaseKeys(unit.connection).fence("file-1", session.clock.now())
        await master.retire("file-1")
        assert list(session.keys.provider.versions) == ["file-2"]


class TestRaces:
    """Somebody who wrapped a data key just before."""

    async def test_a_case_that_is_being_stored_is_waited_for(
        self, master: KeyMaster, session: Session, vault: LocalVault
    ) -> None:
        async with session.transaction() as unit:
            key = session.keys.new_case().locked
            await PostgresStore(unit.connection).open_case(
                NewCase(key, "police", b"f", b"r", session.clock.now())
            )
            session.keys.provider.rotate()
            retiring = asyncio.create_task(master.retire("file-1"))
            waits = "select count(*) from pg_locks where not granted"
            async with asyncio.timeout(10):
                while not await unit.connection.fetchval(waits):  # noqa: ASYNC110 - the server has no Event
                    await asyncio.sleep(0)
        with pytest.raises(VaultUnavailableError, match="data keys are under file-1"):
            await retiring
        assert "file-1" in session.keys.provider.versions
        assert (await vault.register(LIVING)).case

    async def test_a_case_that_comes_too_late_is_wrapped_again(
        self, master: KeyMaster, session: Session, database: Database
    ) -> None:
        late = session.keys.new_case().locked
        await master.rotate()
        await master.retire("file-1")
        async with session.transaction() as unit:
            opened = await PostgresStore(unit.connection).open_case(
                NewCase(late, "police", b"f", b"r", session.clock.now())
            )
        assert not opened
        assert await database.pool.fetchval("select count(*) from case_keys") == 0

    async def test_a_rotation_that_comes_too_late_leaves_the_key_as_it_was(
        self, master: KeyMaster, session: Session, stored: StoredRecord, vault: LocalVault
    ) -> None:
        session.keys.provider.rotate()
        async with session.transaction() as unit:
            held = PostgresCaseKeys(unit.connection)
            late = [(case, session.keys.rewrap(case, key)) for case, key in await held.stale("file-2", 100)]
        session.keys.provider.rotate()
        await master.retire("file-2")
        async with session.transaction() as unit:
            await PostgresCaseKeys(unit.connection).replace(late)
        assert (await master.stand()).counts == {"file-1": 2}
        assert (await vault.release(request(stored))).values


class TestCertificate:
    """Which versions dumps may need."""

    async def test_names_every_version_that_the_case_was_ever_under(
        self, desk: Eraser, master: KeyMaster, vault: LocalVault, stored: StoredRecord
    ) -> None:
        await master.rotate()
        young = await vault.register(LIVING)
        await master.rotate()
        assert await certificate(desk, stored.case) == ["file-1", "file-2", "file-3"]
        assert await certificate(desk, young.case) == ["file-2", "file-3"]
        await vault.register(replace(LIVING, message="message-3", reference="a third"))
        stands = {each.version: each.cases for each in (await master.stand()).remainders}
        assert stands == {"file-1": 1, "file-2": 2, "file-3": 2}

    async def test_counts_until_the_version_is_retired_since_the_oldest(
        self, desk: Eraser, master: KeyMaster, stored: StoredRecord, clock: FakeClock
    ) -> None:
        await certificate(desk, stored.case)
        since = clock.now()
        clock.advance(60)
        assert (await master.stand()).remainders == (Remainder("file-1", 1, since),)
        await master.rotate()
        await master.retire("file-1")
        assert (await master.stand()).remainders == ()


class TestDumps:
    """pg_dump before and after; every key that is left is tried on everything."""

    async def test_from_before_open_nowhere_and_one_from_after_the_rotation_opens_what_lives(
        self, vault: LocalVault, database: Database, master: KeyMaster, desk: Eraser,
        stored: StoredRecord, clock: FakeClock, key_files: KeyFiles, tmp_path: Path,
        database_for: Callable[[str], Awaitable[Database]],
    ) -> None:  # fmt: skip
        living = await vault.register(LIVING)
        cases = [stored.case, living.case]
        dump(database.dsn, tmp_path / "before")
        stolen = secrets_of(tmp_path)
        await certificate(desk, stored.case)
        await master.rotate()
        dump(database.dsn, tmp_path / "after")
        await master.retire("file-1")

        async with elsewhere(database.dsn, tmp_path / "before") as old:
            boxes = await boxes_of(old, cases)
        assert [found(each, stolen) for each in boxes] == [len(SECRETS)] * 2, "the search finds"
        assert [found(each, secrets_of(tmp_path)) for each in boxes] == [0, 0]

        await database.close()
        await restore(database.dsn, tmp_path / "after")
        restored = await database_for("vault")
        reopened = opened_vault(restored, clock, FakeIds(8), key_files, VaultSettings())[1]
        assert (await reopened.release(request(living))).values
        (box,) = await boxes_of(database.dsn, cases)
        assert found(box, secrets_of(tmp_path)) == len(SECRETS)

    async def test_have_no_ciphertext_that_is_not_tried(self, database: Database) -> None:
        assert await bytes_columns(database.dsn) == CIPHERTEXTS | DIGESTS


def found(box: Box, secrets: list[bytes]) -> int:
    """Count the values that come to light."""
    text = read(box, secrets)
    return sum(each.encode() in text for each in SECRETS)
