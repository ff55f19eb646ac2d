"""What the tables hold, who may read them, and what happens when the database goes away."""

import asyncio
import base64
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

from stafet.vault.app.local import LocalVault
from stafet.vault.keyfiles import KeyFiles, create_key_files, read_key_files
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database, session_settings
from stafet_runtime.vaultport import DisclosureBlockedError, VaultUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.opened import opened_vault
from tests.services.vault.people import REGISTRATION, SECRETS, notice, request, status
from tests.services.vault.tables import every_byte, ledger, outbox


class TestTables:
    """Bytes on disk."""

    async def test_no_value_is_readable_in_any_column(self, vault: LocalVault, database: Database) -> None:
        stored = await vault.register(REGISTRATION)
        await vault.release(notice(stored))
        await vault.release(request(stored))
        await vault.release(status(stored))
        copied = await every_byte(database)
        assert stored.case.encode() in copied
        assert b"identity.first_name" in copied
        for secret in SECRETS:
            plain = secret.encode()
            # Base64 of a text depends on where it starts: the middle of each of the three shapes is searched.
            shapes = [base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3)]
            for shape in (plain, plain.lower(), plain.hex().encode(), secret.encode("utf-16-le"), *shapes):
                assert shape not in copied, f"a value of {len(secret)} characters is readable"

    async def test_keys_of_an_earlier_version_are_not_dropped_with_their_cases(
        self, vault: LocalVault, database: Database
    ) -> None:
        migration = import_module("stafet.vault.migrations.0002_keys")
        await database.pool.execute(migration.REFUSE)
        await vault.register(REGISTRATION)
        with pytest.raises(asyncpg.RaiseError, match="cannot take over the keys of cases"):
            await database.pool.execute(migration.REFUSE)

    async def test_a_ciphertext_moved_to_another_record_does_not_open(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        other = await vault.register(replace(REGISTRATION, message="message-2"))
        await database.pool.execute(
            "update record_values target set ciphertext = source.ciphertext from record_values source "
            "where target.record_id = $1 and source.record_id = $2 and target.group_name = source.group_name",
            stored.record,
            other.record,
        )
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            await vault.release(request(stored))

    async def test_a_ciphertext_moved_to_another_group_does_not_open(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await database.pool.execute(
            "update record_values target set ciphertext = source.ciphertext from record_values source "
            "where source.group_name = 'narrative' and target.group_name = 'identity'"
        )
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            await vault.release(request(stored))

    async def test_a_record_with_another_version_does_not_open(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await database.pool.execute(
            "insert into records select record_id, 2, case_id, agency, 'message-2', groups, digest, "
            "registered_at, placer from records"
        )
        await database.pool.execute("update record_values set version = 2")
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            await vault.release(request(stored))

    async def test_a_record_moved_to_another_case_does_not_open(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        other = await vault.register(replace(REGISTRATION, message="message-2", reference="another"))
        await database.pool.execute("update records set case_id = $1", other.case)
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            await vault.release(request(stored, case=other.case))

    async def test_a_key_moved_to_another_case_opens_nothing_there(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        other = await vault.register(replace(REGISTRATION, message="message-2", reference="another"))
        await database.pool.execute(
            "update case_keys k set wrapped = o.wrapped from case_keys o "
            "where o.case_id = $1 and o.zone = k.zone",
            other.case,
        )
        with pytest.raises(VaultUnavailableError, match="does not open this case"):
            await vault.release(request(stored))

    async def test_another_service_cannot_read_them(self, vault: LocalVault, database: Database) -> None:
        await vault.register(REGISTRATION)
        admin = await asyncpg.connect(database.dsn)
        undone = admin.transaction()
        await undone.start()
        if not await admin.fetchval("select count(*) from pg_roles where rolname = 'stafet_dispatch'"):
            await admin.execute("create role stafet_dispatch")
        readable = await admin.fetch(
            "select relname from pg_class where relnamespace = 'vault'::regnamespace and relkind = 'r' "
            "and has_any_column_privilege('stafet_dispatch', oid, 'select, insert, update')"
        )
        assert readable == []
        await admin.execute("set local role stafet_dispatch")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await admin.fetch("select * from vault.record_values")
        await undone.rollback()
        await admin.close()


class TestTransaction:
    """All or nothing."""

    async def test_a_commit_that_fails_releases_nothing(self, vault: LocalVault, database: Database) -> None:
        stored = await vault.register(REGISTRATION)
        await database.pool.execute(
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'no commit'; end $$"
        )
        await database.pool.execute(
            "create constraint trigger refuse after insert on disclosures deferrable initially deferred "
            "for each row execute function refuse()"
        )
        with pytest.raises(asyncpg.RaiseError):
            await vault.release(request(stored))
        with pytest.raises(asyncpg.RaiseError):
            await vault.release(request(stored, accepted=False))
        assert await ledger(database, stored.case) == []
        assert len(await outbox(database)) == 1
        assert await database.pool.fetchval("select max(entries) from chains") == 0

    async def test_a_refusal_is_committed_before_it_is_raised(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        with pytest.raises(DisclosureBlockedError):
            await vault.release(request(stored, recipient="hotel"))
        async with database.pool.acquire() as other:
            assert await other.fetchval("select reason from disclosures") == "unknown_recipient"


class TestFailClosed:
    """Trouble below the vault."""

    async def test_a_database_that_is_away_makes_the_vault_unavailable(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        await database.close()
        with pytest.raises(VaultUnavailableError, match="stafet doctor"):
            await vault.register(REGISTRATION)
        with pytest.raises(VaultUnavailableError, match="stafet doctor"):
            await vault.release(request(stored))

    async def test_a_connection_cut_in_the_middle_makes_the_vault_unavailable(
        self, vault: LocalVault, database: Database
    ) -> None:
        stored = await vault.register(REGISTRATION)
        settings = session_settings("vault") | {"role": "none"}
        admin = await asyncpg.connect(database.dsn, server_settings=settings)
        lock = admin.transaction()
        await lock.start()
        await admin.execute("lock table chains in access exclusive mode")
        waiting = asyncio.create_task(vault.release(request(stored)))
        waits = "select count(*) from pg_locks where not granted and relation = 'chains'::regclass"
        async with asyncio.timeout(10):
            while not await admin.fetchval(waits):  # noqa: ASYNC110 - the server has no asyncio.Event for it
                await asyncio.sleep(0)
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vault' "
            "and datname = current_database() and pid <> pg_backend_pid()"
        )
        with pytest.raises(VaultUnavailableError, match="stafet doctor"):
            await waiting
        await lock.rollback()
        assert await admin.fetchval("select count(*) from disclosures") == 0
        await admin.close()

    async def test_another_key_encryption_key_releases_and_registers_nothing(
        self, vault: LocalVault, database: Database, clock: FakeClock, ids: FakeIds, tmp_path: Path,
        key_files: KeyFiles,
    ) -> None:  # fmt: skip
        stored = await vault.register(REGISTRATION)
        create_key_files(tmp_path / "other")
        wrong = replace(key_files, folder=read_key_files(tmp_path / "other").folder)
        other = opened_vault(database, clock, ids, wrong, VaultSettings())[1]
        with pytest.raises(VaultUnavailableError, match="put back the kek file"):
            await other.release(request(stored))
        with pytest.raises(VaultUnavailableError, match="put back the kek file"):
            await other.register(replace(REGISTRATION, message="message-2"))
        assert await ledger(database, stored.case) == []
        assert await database.pool.fetchval("select count(*) from records") == 1
