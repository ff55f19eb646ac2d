"""The vault's own keys on disk."""

import os
import stat
from pathlib import Path

import pytest

from stafet.vault.keyfiles import FILES, SEAL_PUBLIC, KeyFileError, create_key_files, read_key_files
from stafet_runtime.sealing import read_public_key

SECRET = [name for name in FILES if name != SEAL_PUBLIC]


class TestCreateKeyFiles:
    """A new hub."""

    def test_only_the_owner_reads_secrets(self, tmp_path: Path) -> None:
        previous = os.umask(0)
        try:
            folder = create_key_files(tmp_path)
        finally:
            os.umask(previous)
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in SECRET} == {0o600}

    def test_keys_that_are_there_stay(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        before = {name: (folder / name).read_bytes() for name in FILES}
        create_key_files(tmp_path)
        assert {name: (folder / name).read_bytes() for name in FILES} == before

    @pytest.mark.parametrize("lost", FILES)
    def test_a_lost_key_is_not_replaced_by_a_new_one(self, tmp_path: Path, lost: str) -> None:
        folder = create_key_files(tmp_path)
        (folder / lost).unlink()
        with pytest.raises(KeyFileError, match=f"{lost}: missing .* restore"):
            create_key_files(tmp_path)

    def test_the_public_key_is_that_of_the_private_key(self, tmp_path: Path) -> None:
        folder = create_key_files(tmp_path)
        private = read_key_files(tmp_path).seal_private
        assert (
            read_public_key(folder / SEAL_PUBLIC).public_bytes_raw()
            == private.public_key().public_bytes_raw()
        )


class TestReadKeyFiles:
    """Start of a vault."""

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
    @pytest.mark.parametrize("name", SECRET)
    def test_a_key_that_others_can_reach_is_refused_with_the_remedy(
        self, tmp_path: Path, name: str, mode: int
    ) -> None:
        (create_key_files(tmp_path) / name).chmod(mode)
        with pytest.raises(KeyFileError, match=f"chmod 600 {name}"):
            read_key_files(tmp_path)

    @pytest.mark.parametrize("name", SECRET)
    def test_a_truncated_key_is_refused(self, tmp_path: Path, name: str) -> None:
        path = create_key_files(tmp_path) / name
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(KeyFileError, match=f"{name}: .*restore it from backup"):
            read_key_files(tmp_path)

    @pytest.mark.parametrize("name", SECRET)
    def test_a_missing_key_is_refused(self, tmp_path: Path, name: str) -> None:
        (create_key_files(tmp_path) / name).unlink()
        with pytest.raises(KeyFileError, match=name):
            read_key_files(tmp_path)

    def test_keys_do_not_show_when_printed(self, tmp_path: Path) -> None:
        create_key_files(tmp_path)
        files = read_key_files(tmp_path)
        assert repr(files.kek) not in repr(files)
