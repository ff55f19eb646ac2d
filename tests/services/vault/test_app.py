"""The vault composed."""

from pathlib import Path

import pytest

from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.opened import opened_vault


class TestBuild:
    """What the composition root gets."""

    def test_without_a_token_the_vault_serves_its_own_process_only(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles
    ) -> None:
        assert opened_vault(database, clock, ids, key_files, VaultSettings())[0].router is None

    def test_with_a_token_it_serves_its_operations(
        self,
        database: Database,
        clock: FakeClock,
        ids: FakeIds,
        key_files: KeyFiles,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("STAFET_VAULT_TOKEN", "a token")
        service, _ = opened_vault(database, clock, ids, key_files, VaultSettings())
        assert service.router is not None
        assert {getattr(route, "path", "") for route in service.router.routes} >= {
            f"/vault/v1/{name}" for name in ("open", "seal-key", "register", "consent", "mandate", "release")
        }
        assert service.router.dependencies

    def test_a_policy_file_that_is_no_policy_stops_the_start(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match=r"mine\.toml cannot be read"):
            opened_vault(database, clock, ids, key_files, VaultSettings(policy=tmp_path / "mine.toml"))
