"""Envelope encryption, bound places, pseudonyms."""

from pathlib import Path

import pytest

from stafet.vault.keyfiles import KeyFiles, create_key_files, read_key_files
from stafet.vault.keys import VaultKeys
from stafet.vault.ports.keys import LockedKey
from stafet_runtime.sealing import seal
from stafet_runtime.vaultport import VaultUnavailableError
from tests.fakes.clock import FakeClock

PLACE = ("value", "record-1", "1", "c-1", "identity")


@pytest.fixture
def keys(key_files: KeyFiles, clock: FakeClock) -> VaultKeys:
    """A vault's keys."""
    return VaultKeys(key_files, clock)


@pytest.fixture
def other_keys(tmp_path: Path, clock: FakeClock) -> VaultKeys:
    """Another hub's keys."""
    create_key_files(tmp_path / "other")
    return VaultKeys(read_key_files(tmp_path / "other"), clock)


class TestOpenCaseKey:
    """A case's data key."""

    def test_what_was_encrypted_for_a_place_decrypts_there(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert key.decrypt(key.encrypt(b"Zorabelle", PLACE), PLACE) == b"Zorabelle"

    def test_equal_values_look_different(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert key.encrypt(b"Zorabelle", PLACE) != key.encrypt(b"Zorabelle", PLACE)

    @pytest.mark.parametrize(
        "elsewhere",
        [
            ("value", "record-2", "1", "c-1", "identity"),
            ("value", "record-1", "2", "c-1", "identity"),
            ("value", "record-1", "1", "c-2", "identity"),
            ("value", "record-1", "1", "c-1", "routing"),
            ("value", "record-1", "1", "c-1i", "dentity"),
            ("message", "record-1", "1", "c-1", "identity"),
        ],
    )
    def test_what_was_moved_elsewhere_does_not_decrypt(
        self, keys: VaultKeys, elsewhere: tuple[str, ...]
    ) -> None:
        key = keys.new_case()
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            key.decrypt(key.encrypt(b"Zorabelle", PLACE), elsewhere)

    @pytest.mark.parametrize("ciphertext", [b"", b"short", bytes(12), bytes(40)])
    def test_what_is_no_ciphertext_does_not_decrypt(self, keys: VaultKeys, ciphertext: bytes) -> None:
        with pytest.raises(VaultUnavailableError, match="changed or moved"):
            keys.new_case().decrypt(ciphertext, PLACE)

    def test_another_case_s_key_does_not_decrypt(self, keys: VaultKeys) -> None:
        with pytest.raises(VaultUnavailableError):
            keys.new_case().decrypt(keys.new_case().encrypt(b"Zorabelle", PLACE), PLACE)

    def test_digests_of_equal_content_are_equal_in_a_case_and_differ_between_cases(
        self, keys: VaultKeys
    ) -> None:
        key = keys.new_case()
        assert key.digest(b"x") == keys.open_case(key.locked).digest(b"x")
        assert key.digest(b"x") != keys.new_case().digest(b"x")


class TestOpenCase:
    """Unwrapping."""

    def test_a_wrapped_key_opens_again(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert keys.open_case(key.locked).decrypt(key.encrypt(b"x", PLACE), PLACE) == b"x"

    def test_another_key_encryption_key_opens_nothing(self, keys: VaultKeys, other_keys: VaultKeys) -> None:
        with pytest.raises(VaultUnavailableError, match="put back the kek file"):
            other_keys.open_case(keys.new_case().locked)

    def test_a_damaged_key_opens_nothing(self, keys: VaultKeys) -> None:
        with pytest.raises(VaultUnavailableError):
            keys.open_case(LockedKey("c-1", b"too short"))

    def test_an_open_key_is_kept_for_five_minutes_at_most(self, keys: VaultKeys, clock: FakeClock) -> None:
        locked = keys.new_case().locked
        first = keys.open_case(locked)
        clock.advance(299)
        assert keys.open_case(locked) is first
        clock.advance(1)
        assert keys.open_case(locked) is not first

    def test_no_more_than_1024_keys_are_open(self, keys: VaultKeys) -> None:
        locked = keys.new_case().locked
        first = keys.open_case(locked)
        for _ in range(1024):
            keys.open_case(keys.new_case().locked)
        assert keys.open_case(locked) is not first


class TestPseudonyms:
    """References that say nothing."""

    def test_cases_are_random(self, keys: VaultKeys) -> None:
        assert keys.new_case().locked.case != keys.new_case().locked.case

    def test_a_person_differs_by_recipient_case_and_hub(self, keys: VaultKeys, other_keys: VaultKeys) -> None:
        assert keys.person("redcross", "c-1") == keys.person("redcross", "c-1")
        different = {
            keys.person("redcross", "c-1"),
            keys.person("police", "c-1"),
            keys.person("redcross", "c-2"),
            keys.person("redcrossc", "-1"),
            other_keys.person("redcross", "c-1"),
        }
        assert len(different) == 5

    def test_a_fingerprint_differs_by_agency_reference_and_hub(
        self, keys: VaultKeys, other_keys: VaultKeys
    ) -> None:
        different = {
            keys.fingerprint("police", "77"),
            keys.fingerprint("police7", "7"),
            keys.fingerprint("police", "78"),
            other_keys.fingerprint("police", "77"),
        }
        assert len(different) == 4


class TestUnseal:
    """Raw messages."""

    def test_changed_bytes_do_not_open(self, keys: VaultKeys, key_files: KeyFiles) -> None:
        sealed = seal(key_files.seal_private.public_key(), b"raw", b"context")
        assert keys.unseal(sealed, b"context") == b"raw"
        for place in range(len(sealed)):
            changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            with pytest.raises(ValueError, match=r"seal"):
                keys.unseal(changed, b"context")

    @pytest.mark.parametrize("length", [0, 1, 9, 20, 41])
    def test_cut_bytes_do_not_open(self, keys: VaultKeys, key_files: KeyFiles, length: int) -> None:
        sealed = seal(key_files.seal_private.public_key(), b"raw", b"context")
        with pytest.raises(ValueError, match=r"seal"):
            keys.unseal(sealed[:length], b"context")

    def test_another_vault_names_the_remedy(self, other_keys: VaultKeys, key_files: KeyFiles) -> None:
        sealed = seal(key_files.seal_private.public_key(), b"raw", b"context")
        with pytest.raises(ValueError, match="give the sealer vault_seal_public"):
            other_keys.unseal(sealed, b"context")
