"""A backup taken before an erasure, put back after it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from stafet.vault.app.local import LocalVault
from stafet.vault.domain.erasure import REPLAYED, read_certificate
from stafet.vault.handlers.erasing import Erased
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import DisclosureBlockedError
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.erasing import dump, eraser, left, restore
from tests.services.vault.opened import opened_vault
from tests.services.vault.people import REGISTRATION, SECRETS, VALUES, request
from tests.services.vault.tables import every_byte, outbox


class TestRestoredDump:
    """pg_dump before, pg_restore after."""

    async def test_is_shredded_again_before_anything_is_released(
        self, vault: LocalVault, database: Database, database_for: Callable[[str], Awaitable[Database]],
        clock: FakeClock, key_files: KeyFiles, tmp_path: Path,
    ) -> None:  # fmt: skip
        stored = await vault.register(REGISTRATION)
        dump(database.dsn, tmp_path / "nightly")
        first = await eraser(database, clock, FakeIds(9), tmp_path).erase(stored.case, "objection", "D")
        await database.close()
        await restore(database.dsn, tmp_path / "nightly")

        restored = await database_for("vault")
        reopened = opened_vault(restored, clock, FakeIds(8), key_files, VaultSettings())[1]
        assert (await left(restored))["record_values"] == len(VALUES), "the dump brought it all back"
        assert await eraser(restored, clock, FakeIds(7), tmp_path).replay() == 1

        assert set((await left(restored)).values()) == {0}
        with pytest.raises(DisclosureBlockedError, match="erased"):
            await reopened.release(request(stored))
        again = await eraser(restored, clock, FakeIds(6), tmp_path).erase(stored.case, "objection", "D")
        assert isinstance(first, Erased)
        assert again == Erased(first.certificate, again=True)
        assert (await outbox(restored))[-2][1] == {
            "case": stored.case, "reason": "objection", "recipients": [],
        }  # fmt: skip

    async def test_whose_certificate_is_lost_gets_one_that_says_so(
        self, vault: LocalVault, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        stored = await vault.register(REGISTRATION)
        dump(database.dsn, tmp_path / "nightly")
        desk = eraser(database, clock, FakeIds(9), tmp_path)
        first = await desk.erase(stored.case, "objection", "D")
        assert isinstance(first, Erased)
        desk.place_of(first.certificate).unlink()
        await restore(database.dsn, tmp_path / "nightly")
        await database.pool.expire_connections()
        assert await desk.replay() == 1
        again = await desk.erase(stored.case, "objection", "D")
        assert isinstance(again, Erased)
        assert read_certificate(again.certificate).reason == REPLAYED

    async def test_holds_no_value_in_clear(
        self, vault: LocalVault, database: Database, tmp_path: Path
    ) -> None:
        await vault.register(REGISTRATION)
        dump(database.dsn, tmp_path / "nightly")
        content = (tmp_path / "nightly").read_bytes() + await every_byte(database)
        assert [each for each in SECRETS if each.encode() in content] == []
