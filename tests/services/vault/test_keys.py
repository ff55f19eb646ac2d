"""Envelope encryption, bound places, pseudonyms."""

from dataclasses import replace
from pathlib import Path

import pytest

from stafet.vault.adapters.filekeys import FileKeys
from stafet.vault.domain.places import Place, alias_place, message_place, value_place
from stafet.vault.keyfiles import KeyFiles, create_key_files, read_key_files
from stafet.vault.keys import VaultKeys
from stafet.vault.ports.keys import LockedKey, ZoneKey
from stafet_runtime.sealing import seal
from stafet_runtime.vaultport import VaultUnavailableError
from stafet_schemas.groups import Group
from tests.fakes.clock import FakeClock

PLACE = value_place("record-1", 1, "c-1", Group.IDENTITY)


@pytest.fixture
def keys(key_files: KeyFiles, clock: FakeClock) -> VaultKeys:
    """A vault's keys."""
    return VaultKeys(key_files, FileKeys(key_files.folder), clock)


@pytest.fixture
def other_keys(tmp_path: Path, clock: FakeClock) -> VaultKeys:
    """Another hub's keys."""
    create_key_files(tmp_path / "other")
    files = read_key_files(tmp_path / "other")
    return VaultKeys(files, FileKeys(files.folder), clock)


class TestOpenCaseKey:
    """A case's data keys."""

    def test_what_was_encrypted_for_a_place_decrypts_there(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert key.decrypt(key.encrypt(b"Zorabelle", PLACE), PLACE) == b"Zorabelle"

    def test_equal_values_look_different(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert key.encrypt(b"Zorabelle", PLACE) != key.encrypt(b"Zorabelle", PLACE)

    @pytest.mark.parametrize(
        "elsewhere",
        [
            value_place("record-2", 1, "c-1", Group.IDENTITY),
            value_place("record-1", 2, "c-1", Group.IDENTITY),
            value_place("record-1", 1, "c-2", Group.IDENTITY),
            value_place("record-1", 1, "c-1", Group.ROUTING),
            value_place("record-1", 1, "c-1", Group.PERPETRATOR),
            message_place("record-1", "c-1"),
            alias_place("c-1", "police"),
            Place("gdpr", ("value", "record-1", "1", "c-1i", "dentity")),
            Place("gdpr", ("message", "record-1", "1", "c-1", "identity")),
            Place("led", ("value", "record-1", "1", "c-1", "identity")),
        ],
    )
    def test_what_was_moved_elsewhere_does_not_decrypt(self, keys: VaultKeys, elsewhere: Place) -> None:
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

    def test_keys_of_ledger_rows_differ_by_row_and_case(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert key.row_key("d-1") == keys.open_case(key.locked).row_key("d-1")
        assert len({key.row_key("d-1"), key.row_key("d-2"), keys.new_case().row_key("d-1")}) == 3


class TestZones:
    """Two keys in a case: what serves a criminal matter, and everything else."""

    PERPETRATOR = value_place("record-1", 1, "c-1", Group.PERPETRATOR)

    def test_each_zone_has_a_key_of_its_own(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert [each.zone for each in key.locked.zones] == ["gdpr", "led"]
        assert key.open("gdpr") != key.open("led")

    def test_without_the_one_the_other_still_opens_its_own(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        suspect, name = key.encrypt(b"x", self.PERPETRATOR), key.encrypt(b"y", PLACE)
        left = keys.open_case(LockedKey(key.locked.case, key.locked.zones[1:]))
        assert left.decrypt(suspect, self.PERPETRATOR) == b"x"
        for forbidden in (
            lambda: left.decrypt(name, PLACE),
            lambda: left.person("redcross"),
            lambda: left.row_key("d-1"),
            lambda: left.digest(b"x"),
        ):
            with pytest.raises(VaultUnavailableError, match="zone gdpr was destroyed"):
                forbidden()

    def test_a_key_that_is_passed_off_as_the_other_zone_s_does_not_open(self, keys: VaultKeys) -> None:
        gdpr, led = keys.new_case().locked.zones
        swapped = (replace(led, zone="gdpr"), replace(gdpr, zone="led"))
        with pytest.raises(VaultUnavailableError, match="does not open this case"):
            keys.open_case(LockedKey("c-1", swapped))


class TestOpenCase:
    """Unwrapping."""

    def test_a_wrapped_key_opens_again(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert keys.open_case(key.locked).decrypt(key.encrypt(b"x", PLACE), PLACE) == b"x"

    def test_another_key_encryption_key_opens_nothing(self, keys: VaultKeys, other_keys: VaultKeys) -> None:
        with pytest.raises(VaultUnavailableError, match="put back the kek file"):
            other_keys.open_case(keys.new_case().locked)

    def test_another_case_s_keys_open_nothing(self, keys: VaultKeys) -> None:
        moved = replace(keys.new_case().locked, case=keys.new_case().locked.case)
        with pytest.raises(VaultUnavailableError, match="does not open this case"):
            keys.open_case(moved)

    def test_a_damaged_key_opens_nothing(self, keys: VaultKeys) -> None:
        with pytest.raises(VaultUnavailableError):
            keys.open_case(LockedKey("c-1", (ZoneKey("gdpr", "file-1", b"too short"),)))

    def test_an_open_key_is_kept_for_five_minutes_at_most(self, keys: VaultKeys, clock: FakeClock) -> None:
        locked = keys.new_case().locked
        first = keys.open_case(locked)
        clock.advance(269)
        keys.sweep()
        assert keys.open_case(locked) is first
        clock.advance(1)
        keys.sweep()
        assert keys.open_case(locked) is not first

    def test_a_clock_that_is_set_back_keeps_no_key_open(self, keys: VaultKeys, clock: FakeClock) -> None:
        locked = keys.new_case().locked
        first = keys.open_case(locked)
        clock.advance(-600)
        assert keys.open_case(locked) is not first

    def test_no_more_than_1024_keys_are_open(self, keys: VaultKeys) -> None:
        locked = keys.new_case().locked
        first = keys.open_case(locked)
        for _ in range(1024):
            keys.open_case(keys.new_case().locked)
        assert keys.open_case(locked) is not first


class TestRewrap:
    """A data key under a newer key-encryption key."""

    def test_opens_the_same(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        keys.provider.rotate()
        zones = tuple(keys.rewrap(key.locked.case, each) for each in key.locked.zones)
        assert [each.kek for each in zones] == ["file-2", "file-2"]
        again = keys.open_case(LockedKey(key.locked.case, zones))
        assert again.decrypt(key.encrypt(b"x", PLACE), PLACE) == b"x"
        assert again.person("redcross") == key.person("redcross")

    def test_of_another_case_is_refused(self, keys: VaultKeys) -> None:
        with pytest.raises(VaultUnavailableError, match="does not open this case"):
            keys.rewrap("c-other", keys.new_case().locked.zones[0])


class TestPseudonyms:
    """References that say nothing."""

    def test_cases_are_random(self, keys: VaultKeys) -> None:
        assert keys.new_case().locked.case != keys.new_case().locked.case

    def test_a_person_differs_by_recipient_and_case(self, keys: VaultKeys) -> None:
        key = keys.new_case()
        assert key.person("redcross") == keys.open_case(key.locked).person("redcross")
        assert len({key.person("redcross"), key.person("police"), keys.new_case().person("redcross")}) == 3

    def test_neither_of_two_keys_alone_names_a_person(
        self, keys: VaultKeys, key_files: KeyFiles, clock: FakeClock
    ) -> None:
        key, provider = keys.new_case(), FileKeys(key_files.folder)
        other = VaultKeys(replace(key_files, pseudonym=bytes(32)), provider, clock).open_case(key.locked)
        assert other.decrypt(key.encrypt(b"x", PLACE), PLACE) == b"x"
        assert other.person("redcross") != key.person("redcross")

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
        sealed = seal(key_files.seals.current.public, b"raw", b"context")
        assert keys.unseal(sealed, b"context") == b"raw"
        for place in range(len(sealed)):
            changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            with pytest.raises(ValueError, match=r"seal"):
                keys.unseal(changed, b"context")

    @pytest.mark.parametrize("length", [0, 1, 9, 20, 41])
    def test_cut_bytes_do_not_open(self, keys: VaultKeys, key_files: KeyFiles, length: int) -> None:
        sealed = seal(key_files.seals.current.public, b"raw", b"context")
        with pytest.raises(ValueError, match=r"seal"):
            keys.unseal(sealed[:length], b"context")

    def test_another_vault_names_the_remedy(self, other_keys: VaultKeys, key_files: KeyFiles) -> None:
        sealed = seal(key_files.seals.current.public, b"raw", b"context")
        with pytest.raises(ValueError, match="give the sealer vault_seal_public"):
            other_keys.unseal(sealed, b"context")
