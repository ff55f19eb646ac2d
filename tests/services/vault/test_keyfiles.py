"""The vault's own keys on disk."""

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from stafet.vault.adapters.filekeys import FileKeys
from stafet.vault.keyfiles import (
    PUBLIC,
    SEAL,
    SEAL_PUBLIC,
    KeyFileError,
    SealRing,
    create_key_files,
    read_key_files,
)
from stafet.vault.keyfiles.files import destroy, read_numbered
from stafet.vault.keys import VaultKeys
from stafet_runtime.sealing import key_id, read_public_key, seal
from stafet_runtime.vaultport import VaultUnavailableError
from tests.fakes.clock import FakeClock

SECRET = ["kek/1", "seal/1", "index_key", "pseudonym_key", "ledger_key"]
DAY = timedelta(days=1)
CONTEXT = b"police/message-1"


def start(home: Path) -> None:
    """Read all keys, as a vault does that starts."""
    FileKeys(read_key_files(home).folder)


class TestCreateKeyFiles:
    """A new hub."""

    def test_only_the_owner_reads_secrets(self, tmp_path: Path) -> None:
        previous = os.umask(0)
        try:
            folder = create_key_files(tmp_path)
        finally:
            os.umask(previous)
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in SECRET} == {0o600}
        assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
            *SECRET,
            *PUBLIC,
        }

    def test_keys_that_are_there_stay(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        before = {name: (folder / name).read_bytes() for name in (*SECRET, *PUBLIC)}
        create_key_files(tmp_path)
        assert {name: (folder / name).read_bytes() for name in (*SECRET, *PUBLIC)} == before

    @pytest.mark.parametrize("lost", [*SECRET, *PUBLIC])
    def test_a_lost_key_is_not_replaced_by_a_new_one(self, tmp_path: Path, lost: str) -> None:
        folder = create_key_files(tmp_path)
        (folder / lost).unlink()
        with pytest.raises(KeyFileError, match=f"{lost.split('/', maxsplit=1)[0]}: missing .* restore"):
            create_key_files(tmp_path)

    def test_the_public_key_is_that_of_the_private_key(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        pair = read_key_files(tmp_path).seals.current
        assert read_public_key(folder / SEAL_PUBLIC) == pair.public
        assert key_id(pair.public) == pair.id


class TestReadKeyFiles:
    """Start of a vault."""

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
    @pytest.mark.parametrize("name", SECRET)
    def test_a_key_that_others_can_reach_is_refused_with_the_remedy(
        self, tmp_path: Path, name: str, mode: int
    ) -> None:
        (create_key_files(tmp_path) / name).chmod(mode)
        with pytest.raises(KeyFileError, match=f"chmod 600 {name}"):
            start(tmp_path)

    @pytest.mark.parametrize("name", SECRET)
    def test_a_truncated_key_is_refused(self, tmp_path: Path, name: str) -> None:
        path = create_key_files(tmp_path) / name
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(KeyFileError, match=f"{name}: .*restore it from backup"):
            start(tmp_path)

    @pytest.mark.parametrize("name", SECRET)
    def test_a_missing_key_is_refused(self, tmp_path: Path, name: str) -> None:
        (create_key_files(tmp_path) / name).unlink()
        with pytest.raises(KeyFileError, match=name.split("/", maxsplit=1)[0]):
            start(tmp_path)

    @pytest.mark.parametrize(("name", "other"), [("seal/1", "ledger_key"), ("ledger_key", "seal/1")])
    def test_a_key_of_another_kind_is_refused(self, tmp_path: Path, name: str, other: str) -> None:
        folder = create_key_files(tmp_path)
        (folder / name).write_bytes((folder / other).read_bytes())
        with pytest.raises(KeyFileError, match=f"{name}: not an "):
            start(tmp_path)

    def test_keys_do_not_show_when_printed(self, tmp_path: Path) -> None:
        create_key_files(tmp_path)
        files = read_key_files(tmp_path)
        assert repr(files.index) not in repr(files)


class TestSealRing:
    """A new seal key pair each day, and the end of the old ones."""

    @pytest.fixture
    def folder(self, tmp_path: Path, clock: FakeClock) -> Path:
        """A ring of one pair, made now."""
        folder = create_key_files(tmp_path) / SEAL
        os.utime(folder / "1", (clock.now().timestamp(), clock.now().timestamp()))
        return folder

    def test_a_pair_serves_a_day(self, folder: Path, clock: FakeClock) -> None:
        ring = SealRing(folder)
        first = ring.current
        assert ring.turn(clock.now() + DAY - timedelta(seconds=1), []) == first
        second = ring.turn(clock.now() + DAY, [])
        assert (second.number, second.since) == (2, clock.now() + DAY)
        assert read_public_key(folder.parent / SEAL_PUBLIC) == second.public
        assert stat.S_IMODE((folder / "2").stat().st_mode) == 0o600

    def test_an_old_pair_is_destroyed_a_day_after_the_next_was_made(
        self, folder: Path, clock: FakeClock
    ) -> None:
        ring, content = SealRing(folder), (folder / "1").read_bytes()
        ring.turn(clock.now() + DAY, [])
        ring.turn(clock.now() + 2 * DAY - timedelta(seconds=1), [])
        beside = folder / "linked"
        beside.hardlink_to(folder / "1")
        ring.turn(clock.now() + 2 * DAY, [])
        assert [pair.number for pair in ring.pairs] == [2, 3]
        assert sorted(path.name for path in folder.iterdir()) == ["2", "3", "linked"]
        assert beside.read_bytes() == bytes(len(content))

    def test_a_pair_that_is_just_destroyed_is_there_whole_or_not_at_all(
        self, folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SealRing(folder).turn(clock.now() + DAY, [])
        seen = list[list[int]]()

        def look(_handle: int) -> None:
            seen.append([each.number for each in SealRing(folder).pairs])

        monkeypatch.setattr(os, "fsync", look)

        destroy(folder / "1")

        assert seen == [[2]]
        assert [each.name for each in folder.iterdir()] == ["2"]

    def test_a_pair_that_something_waits_under_stays(self, folder: Path, clock: FakeClock) -> None:
        ring = SealRing(folder)
        first = ring.current
        for day in range(1, 10):
            ring.turn(clock.now() + day * DAY, [first.id])
        assert [pair.number for pair in ring.pairs] == [1, 9, 10]
        ring.turn(clock.now() + 9 * DAY, [])
        assert ring.find(first.id) is None

    @pytest.mark.parametrize("minutes", [-10, 10])
    def test_a_clock_that_is_ten_minutes_wrong_destroys_nothing_too_early(
        self, folder: Path, clock: FakeClock, minutes: int
    ) -> None:
        ring = SealRing(folder)
        first = ring.current
        wrong = clock.now() + timedelta(minutes=minutes)
        for at in (wrong, clock.now(), wrong + DAY, clock.now() + DAY, wrong + DAY + timedelta(minutes=1)):
            ring.turn(at, [])
        assert ring.find(first.id) == first

    def test_a_pair_of_a_time_to_come_is_followed_by_one_of_now(self, folder: Path, clock: FakeClock) -> None:
        ring = SealRing(folder)
        ring.turn(clock.now() + 1000 * DAY, [])
        assert ring.turn(clock.now(), []).since == clock.now()

    def test_what_another_process_has_added_is_found(self, folder: Path, clock: FakeClock) -> None:
        ring, other = SealRing(folder), SealRing(folder)
        newer = other.turn(clock.now() + DAY, [])
        assert ring.find(newer.id) == newer
        assert ring.turn(clock.now() + DAY, []) == newer

    def test_the_newest_number_is_current_after_ten(self, folder: Path, clock: FakeClock) -> None:
        ring = SealRing(folder)
        for day in range(1, 11):
            ring.turn(clock.now() + day * DAY, [])
        assert SealRing(folder).current.number == 11


class TestRenewSeal:
    """The vault's keys turn the ring."""

    def test_what_was_sealed_to_the_old_key_opens_until_it_is_gone(
        self, tmp_path: Path, clock: FakeClock
    ) -> None:
        create_key_files(tmp_path)
        files = read_key_files(tmp_path)
        os.utime(files.folder / SEAL / "1", (clock.now().timestamp(), clock.now().timestamp()))
        keys = VaultKeys(read_key_files(tmp_path), FileKeys(files.folder), clock)
        old = files.seals.current
        sealed = seal(old.public, b"raw", CONTEXT)
        clock.advance(DAY.total_seconds())
        assert keys.renew_seal([old.id]) != old.public.public_bytes_raw()
        assert keys.unseal(sealed, CONTEXT) == b"raw"
        clock.advance(DAY.total_seconds())
        keys.renew_seal([])
        with pytest.raises(ValueError, match="does not have"):
            keys.unseal(sealed, CONTEXT)

    def test_a_home_that_cannot_be_written_fails_closed(self, tmp_path: Path, clock: FakeClock) -> None:
        create_key_files(tmp_path)
        files = read_key_files(tmp_path)
        keys = VaultKeys(files, FileKeys(files.folder), clock)
        (files.folder / SEAL).rename(files.folder / "away")
        with pytest.raises(VaultUnavailableError, match="let the vault write"):
            keys.renew_seal([])


class TestAKeyThatIsDestroyed:
    """Other processes read the folder at any moment."""

    def test_may_go_between_the_list_and_the_reading(self, tmp_path: Path) -> None:
        for name in ("1", "2"):
            (tmp_path / name).write_bytes(name.encode())

        def read(number: int, path: Path) -> bytes:
            if number == 1:
                destroy(path)
            return path.read_bytes()

        assert read_numbered(tmp_path, read) == {2: b"2"}

    def test_leaves_nothing_behind_also_after_a_crash(self, tmp_path: Path) -> None:
        (tmp_path / "2").write_bytes(b"two")
        (tmp_path / ".1.gone").write_bytes(b"one")

        destroy(tmp_path / "2")

        assert list(tmp_path.iterdir()) == []
