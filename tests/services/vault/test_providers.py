"""Where key-encryption keys live: files and a hardware security module keep the same promises."""

import shutil
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute
from pkcs11.exceptions import AttributeSensitive
from pydantic import SecretStr

from stafet.vault.adapters.filekeys import FileKeys
from stafet.vault.adapters.pkcs11keys import Pkcs11Keys
from stafet.vault.adapters.providers import open_provider
from stafet.vault.app.build import open_session
from stafet.vault.app.keys import KeyMaster
from stafet.vault.keyfiles import KeyFiles, create_key_files
from stafet.vault.ports.keys import KeyProvider
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import VaultUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.opened import opened_vault
from tests.services.vault.people import REGISTRATION, request
from tests.services.vault.softhsm import PIN, NoSoftHsmError, SoftHsm, configured, find_softhsm

KEY = bytes(range(32))
CONTEXT = b"a case and a zone"


@pytest.fixture(scope="module")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Generator[SoftHsm]:
    """A module with no tokens yet."""
    try:
        found = find_softhsm()
    except NoSoftHsmError as error:
        pytest.skip(str(error))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configured(tmp_path_factory.mktemp("softhsm"))))
        yield found


@pytest.fixture
def token(softhsm: SoftHsm) -> str:
    """An empty token."""
    return softhsm.token()


@pytest.fixture(params=["files", "pkcs11"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], KeyProvider]:
    """Open the same keys as another process would; there is one version."""
    if request.param == "files":
        folder = create_key_files(tmp_path)
        return lambda: FileKeys(folder)
    softhsm, label = request.getfixturevalue("softhsm"), request.getfixturevalue("token")
    Pkcs11Keys(str(softhsm.module), label, PIN).rotate()
    return lambda: Pkcs11Keys(str(softhsm.module), label, PIN)


class TestKeyProvider:
    """What every provider promises."""

    def test_opens_what_it_wrapped(self, reopen: Callable[[], KeyProvider]) -> None:
        version, wrapped = reopen().wrap(KEY, CONTEXT)
        assert reopen().unwrap(version, wrapped, CONTEXT) == KEY
        assert KEY not in wrapped

    def test_wraps_the_same_key_differently_each_time(self, reopen: Callable[[], KeyProvider]) -> None:
        provider = reopen()
        assert provider.wrap(KEY, CONTEXT) != provider.wrap(KEY, CONTEXT)

    def test_opens_nothing_in_another_context(self, reopen: Callable[[], KeyProvider]) -> None:
        version, wrapped = reopen().wrap(KEY, CONTEXT)
        with pytest.raises(VaultUnavailableError):
            reopen().unwrap(version, wrapped, b"another case")

    @pytest.mark.parametrize("place", [0, 12, 30, -1])
    def test_opens_nothing_that_was_changed(self, reopen: Callable[[], KeyProvider], place: int) -> None:
        version, wrapped = reopen().wrap(KEY, CONTEXT)
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(VaultUnavailableError):
            reopen().unwrap(version, bytes(changed), CONTEXT)

    @pytest.mark.parametrize("cut", [0, 5, 12, 27])
    def test_opens_nothing_that_was_cut(self, reopen: Callable[[], KeyProvider], cut: int) -> None:
        version, wrapped = reopen().wrap(KEY, CONTEXT)
        with pytest.raises(VaultUnavailableError):
            reopen().unwrap(version, wrapped[:cut], CONTEXT)

    def test_opens_older_versions_and_wraps_under_the_newest(self, reopen: Callable[[], KeyProvider]) -> None:
        provider = reopen()
        first, wrapped = provider.wrap(KEY, CONTEXT)
        newer = [provider.rotate() for _ in range(10)]
        assert list(provider.versions) == [first, *newer]
        assert provider.wrap(KEY, CONTEXT)[0] == newer[-1]
        assert provider.unwrap(first, wrapped, CONTEXT) == KEY

    def test_opens_under_a_version_that_another_process_has_made(
        self, reopen: Callable[[], KeyProvider]
    ) -> None:
        provider, other = reopen(), reopen()
        newer = other.rotate()
        version, wrapped = other.wrap(KEY, CONTEXT)
        assert version == newer
        assert provider.unwrap(version, wrapped, CONTEXT) == KEY
        assert provider.wrap(KEY, CONTEXT)[0] == newer

    def test_destroys_a_version_that_is_retired_for_everybody(
        self, reopen: Callable[[], KeyProvider]
    ) -> None:
        provider, other = reopen(), reopen()
        first, wrapped = provider.wrap(KEY, CONTEXT)
        newer = provider.rotate()
        kept = provider.wrap(KEY, CONTEXT)[1]
        assert other.unwrap(first, wrapped, CONTEXT) == KEY
        provider.retire(first)
        for each in (provider, other, reopen()):
            with pytest.raises(VaultUnavailableError, match=f"no key-encryption key {first}"):
                each.unwrap(first, wrapped, CONTEXT)
            assert each.unwrap(newer, kept, CONTEXT) == KEY
            assert list(each.versions) == [newer]
        assert provider.rotate().endswith("3"), "a number is never given twice"

    def test_names_a_version_that_is_missing(self, reopen: Callable[[], KeyProvider]) -> None:
        with pytest.raises(VaultUnavailableError, match="no key-encryption key elsewhere-1"):
            reopen().unwrap("elsewhere-1", bytes(60), CONTEXT)


class TestFileKeys:
    """Keys in files."""

    def test_no_first_key_is_made_beside_what_older_ones_have_wrapped(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        provider = FileKeys(folder)
        (folder / "kek" / "1").unlink()
        with pytest.raises(VaultUnavailableError, match="restore it from backup"):
            provider.rotate()
        with pytest.raises(VaultUnavailableError, match="restore it from backup"):
            provider.wrap(KEY, CONTEXT)

    def test_a_retired_key_is_overwritten_before_it_is_removed(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        provider = FileKeys(folder)
        provider.rotate()
        with (folder / "kek" / "1").open("rb") as held:
            provider.retire("file-1")
            assert held.read() == bytes(32)
        assert not (folder / "kek" / "1").exists()

    def test_all_retired_are_not_lost_ones(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        provider = FileKeys(folder)
        provider.retire("file-1")
        create_key_files(tmp_path)
        assert list(FileKeys(folder).versions) == []
        for each in (provider, FileKeys(folder)):
            with pytest.raises(VaultUnavailableError, match="choose the provider of the newer ones"):
                each.wrap(KEY, CONTEXT)
            with pytest.raises(VaultUnavailableError, match="choose the provider of the newer ones"):
                each.rotate()


class TestPkcs11Keys:
    """Keys in a hardware security module."""

    def test_never_leave_it(self, softhsm: SoftHsm, token: str) -> None:
        Pkcs11Keys(str(softhsm.module), token, PIN).rotate()
        with pkcs11.lib(str(softhsm.module)).get_token(token_label=token).open() as session:
            (key,) = session.get_objects()
            with pytest.raises(AttributeSensitive):
                _ = key[Attribute.VALUE]
            assert key[Attribute.EXTRACTABLE] is False
            assert key[Attribute.NEVER_EXTRACTABLE] is True

    def test_an_empty_token_wraps_nothing_and_says_how_to_begin(self, softhsm: SoftHsm, token: str) -> None:
        provider = Pkcs11Keys(str(softhsm.module), token, PIN)
        assert list(provider.versions) == []
        with pytest.raises(VaultUnavailableError, match="stafet keys rotate"):
            provider.wrap(KEY, CONTEXT)

    def test_a_module_that_was_restarted_is_used_again(self, softhsm: SoftHsm, token: str) -> None:
        provider = Pkcs11Keys(str(softhsm.module), token, PIN)
        provider.rotate()
        version, wrapped = provider.wrap(KEY, CONTEXT)
        softhsm.restart()
        assert provider.unwrap(version, wrapped, CONTEXT) == KEY

    def test_a_token_that_is_away_fails_closed_and_comes_back(self, softhsm: SoftHsm, token: str) -> None:
        provider = Pkcs11Keys(str(softhsm.module), token, PIN)
        provider.rotate()
        version, wrapped = provider.wrap(KEY, CONTEXT)
        with softhsm.away(), pytest.raises(VaultUnavailableError, match="STAFET_VAULT_PKCS11_"):
            provider.unwrap(version, wrapped, CONTEXT)
        assert provider.unwrap(version, wrapped, CONTEXT) == KEY

    def test_a_wrong_pin_is_refused_without_telling_it(self, softhsm: SoftHsm, token: str) -> None:
        with pytest.raises(VaultUnavailableError, match="PinIncorrect") as refused:
            Pkcs11Keys(str(softhsm.module), token, "1357")
        assert "1357" not in str(refused.value)


class TestAVaultOnAModule:
    """All of the vault with its key-encryption keys in a token."""

    @pytest.fixture
    def settings(self, softhsm: SoftHsm, token: str) -> VaultSettings:
        """Settings that choose the token."""
        return VaultSettings(
            keys="pkcs11", pkcs11_module=softhsm.module, pkcs11_token=token, pkcs11_pin=SecretStr(PIN)
        )

    async def test_does_not_start_before_its_first_key_is_made(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles, settings: VaultSettings
    ) -> None:
        with pytest.raises(VaultUnavailableError, match="stafet keys rotate"):
            opened_vault(database, clock, ids, key_files, settings)
        await KeyMaster(open_session(database, clock, ids, key_files, settings)).rotate()
        assert opened_vault(database, clock, ids, key_files, settings)[0].name == "vault"

    async def test_stores_rotates_releases_and_waits_for_the_token(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles, softhsm: SoftHsm,
        settings: VaultSettings,
    ) -> None:  # fmt: skip
        shutil.rmtree(key_files.folder / "kek")
        master = KeyMaster(open_session(database, clock, ids, key_files, settings))
        await master.rotate()
        _, vault = opened_vault(database, clock, ids, key_files, settings)
        stored = await vault.register(REGISTRATION)
        before = await vault.release(request(stored))
        assert (await master.rotate()).rewrapped == 2
        assert (await master.stand()).counts == {"pkcs11-2": 2}
        after = await vault.release(request(stored))
        assert (after.values, after.person) == (before.values, before.person)
        clock.advance(300)
        with softhsm.away():
            with pytest.raises(VaultUnavailableError, match="STAFET_VAULT_PKCS11_"):
                await vault.release(request(stored))
            with pytest.raises(VaultUnavailableError, match="STAFET_VAULT_PKCS11_"):
                await vault.register(replace(REGISTRATION, message="m-2", reference="r-2"))
        assert await database.pool.fetchval("select count(*) from disclosures") == 2
        assert (await vault.release(request(stored))).values == before.values

    async def test_takes_over_the_cases_of_key_files(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles, settings: VaultSettings
    ) -> None:
        stored = await opened_vault(database, clock, ids, key_files, VaultSettings())[1].register(
            REGISTRATION
        )
        done = await KeyMaster(open_session(database, clock, ids, key_files, settings)).rotate()
        assert (done.version, done.rewrapped) == ("pkcs11-1", 2)
        await KeyMaster(open_session(database, clock, ids, key_files, settings)).retire("file-1")
        assert not (key_files.folder / "kek" / "1").exists()
        assert (
            await opened_vault(database, clock, ids, key_files, settings)[1].release(request(stored))
        ).values

    async def test_key_files_do_not_open_what_a_token_has_wrapped(
        self, database: Database, clock: FakeClock, ids: FakeIds, key_files: KeyFiles, settings: VaultSettings
    ) -> None:
        await KeyMaster(open_session(database, clock, ids, key_files, settings)).rotate()
        stored = await opened_vault(database, clock, ids, key_files, settings)[1].register(REGISTRATION)
        with pytest.raises(VaultUnavailableError, match="no key-encryption key pkcs11-1"):
            await opened_vault(database, clock, ids, key_files, VaultSettings())[1].release(request(stored))


class TestOpenProvider:
    """What the settings choose."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Path:
        """Key files."""
        return create_key_files(tmp_path)

    def test_files_unless_said_otherwise(self, folder: Path) -> None:
        assert open_provider(folder, VaultSettings()).wrap(KEY, CONTEXT)[0] == "file-1"

    def test_a_module_by_its_settings(
        self, folder: Path, softhsm: SoftHsm, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STAFET_VAULT_KEYS", "pkcs11")
        monkeypatch.setenv("STAFET_VAULT_PKCS11_MODULE", str(softhsm.module))
        monkeypatch.setenv("STAFET_VAULT_PKCS11_TOKEN", token)
        monkeypatch.setenv("STAFET_VAULT_PKCS11_PIN", PIN)
        settings = VaultSettings()
        provider = open_provider(folder, settings)
        assert provider.rotate() == "pkcs11-1"
        assert PIN not in repr(settings)

    def test_a_module_without_its_settings_is_refused(self, folder: Path) -> None:
        with pytest.raises(VaultUnavailableError, match="STAFET_VAULT_PKCS11_MODULE"):
            open_provider(folder, VaultSettings(keys="pkcs11"))

    def test_a_module_without_the_extra_says_what_to_install(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "stafet.vault.adapters.pkcs11keys", None)
        with pytest.raises(VaultUnavailableError, match=r"stafet\[pkcs11\]"):
            open_provider(folder, VaultSettings(keys="pkcs11"))

    def test_a_module_that_is_not_there_is_refused(self, folder: Path, tmp_path: Path) -> None:
        settings = VaultSettings(keys="pkcs11", pkcs11_module=tmp_path / "no.so", pkcs11_pin=SecretStr("1"))
        with pytest.raises(VaultUnavailableError, match="STAFET_VAULT_PKCS11_"):
            open_provider(folder, settings)
