"""Key-encryption keys as numbered files: the highest number wraps, all of them unwrap."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from stafet.vault.keyfiles.files import (
    FOLDER_MODE,
    SECRET_BYTES,
    SECRET_MODE,
    KeyFileError,
    alone,
    numbered,
    read_symmetric,
    write_new,
    write_whole,
)


def create_keks(folder: Path) -> None:
    """Make the first key of a new hub."""
    folder.mkdir(mode=FOLDER_MODE)
    write_new(folder / "1", secrets.token_bytes(SECRET_BYTES))


def read_keks(folder: Path) -> Mapping[int, bytes]:
    """Read all keys by number, the lowest first.

    Raises:
        KeyFileError: there are none, or one cannot be used.
    """
    found = {number: read_symmetric(path) for number, path in numbered(folder).items()}
    if not found:
        raise KeyFileError(f"{folder.name}: no key in it: run `stafet up` once, or restore it from backup")
    return found


def add_kek(folder: Path) -> int:
    """Make the next key and return its number.

    Raises:
        KeyFileError: there is none to follow: a first one would open nothing that is stored.
    """
    read_keks(folder)
    with alone(folder):
        number = max(numbered(folder)) + 1
        write_whole(folder / str(number), secrets.token_bytes(SECRET_BYTES), SECRET_MODE)
    return number
