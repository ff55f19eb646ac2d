"""Key-encryption keys as numbered files: the highest number wraps, all of them unwrap.

`kek/retired` is there once one was retired: without it, a folder that has no key has lost its keys.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stafet.vault.keyfiles.files import (
    FOLDER_MODE,
    SECRET_BYTES,
    SECRET_MODE,
    KeyFileError,
    alone,
    destroy,
    numbered,
    read_numbered,
    read_symmetric,
    write_new,
    write_whole,
)

RETIRED: Final = "retired"
ALL_RETIRED: Final = "all key-encryption keys in files are retired: choose the provider of the newer ones"


def create_keks(folder: Path) -> None:
    """Make the first key of a new hub."""
    folder.mkdir(mode=FOLDER_MODE)
    write_new(folder / "1", secrets.token_bytes(SECRET_BYTES))


def read_keks(folder: Path) -> Mapping[int, bytes]:
    """Read all keys by number, the lowest first; none if all are retired.

    Raises:
        KeyFileError: they are lost, or one cannot be used.
    """
    found = read_numbered(folder, lambda _, path: read_symmetric(path))
    if not found and not (folder / RETIRED).exists():
        raise KeyFileError(f"{folder.name}: no key in it: run `stafet up` once, or restore it from backup")
    return found


def add_kek(folder: Path) -> int:
    """Make the next key and return its number.

    Raises:
        KeyFileError: there is none to follow: a first one would open nothing that is stored.
    """
    if not read_keks(folder):
        raise KeyFileError(ALL_RETIRED)
    with alone(folder):
        number = max(numbered(folder)) + 1
        write_whole(folder / str(number), secrets.token_bytes(SECRET_BYTES), SECRET_MODE)
    return number


def retire_kek(folder: Path, number: int) -> None:
    """Destroy a key for good; one that is not there any more is left so."""
    with alone(folder):
        found = numbered(folder).get(number)
        (folder / RETIRED).touch(SECRET_MODE)
        if found:
            destroy(found)
