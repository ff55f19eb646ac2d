"""Secrets as files: written to the disk, read only if nobody else can, overwritten when destroyed."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from stafet_runtime.secretfiles import exposed
from stafet_runtime.vaultport import VaultUnavailableError

T = TypeVar("T")

SECRET_BYTES: Final = 32
SECRET_MODE: Final = 0o600
PUBLIC_MODE: Final = 0o644
FOLDER_MODE: Final = 0o700


class KeyFileError(VaultUnavailableError):
    """A key file is missing, open to others, or no key: the vault does not start; the message says why."""


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Let one process at a time change the keys of a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def write_new(path: Path, content: bytes, mode: int = SECRET_MODE) -> None:
    """Write a file that is not there yet, whatever the umask."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(content)
        file.flush()
        os.fsync(handle)


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write a file so that readers see the old one or the new one, and nothing between."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    write_new(beside, content, mode)
    beside.replace(path)


def destroy(path: Path) -> None:
    """Overwrite and remove a secret: a disk that remembers must be ciphered itself.

    Under another name, for whoever reads the folder meanwhile; what a crash left under such a name goes, too.
    """
    path.replace(path.with_name(f".{path.name}.gone"))
    for gone in path.parent.glob(".*.gone"):
        with gone.open("r+b") as file:
            file.write(bytes(gone.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        gone.unlink()


def numbered(folder: Path) -> dict[int, Path]:
    """List the files of a folder that have a number for a name, the lowest first; none if it is not there."""
    found = {int(path.name): path for path in folder.glob("[1-9]*") if path.name.isdecimal()}
    return dict(sorted(found.items()))


def read_numbered(folder: Path, read: Callable[[int, Path], T]) -> dict[int, T]:
    """Read the numbered files of a folder; one that is destroyed meanwhile is not there any more.

    Raises:
        KeyFileError: one of them cannot be read.
    """
    found: dict[int, T] = {}
    for number, path in numbered(folder).items():
        try:
            found[number] = read(number, path)
        except (KeyFileError, FileNotFoundError):
            if path.exists():
                raise
    return found


def read_symmetric(path: Path) -> bytes:
    """Read a secret of 32 bytes.

    Raises:
        KeyFileError: there is none.
    """
    secret = _read_secret(path)
    if len(secret) != SECRET_BYTES:
        raise KeyFileError(
            f"{named(path)}: {len(secret)} bytes instead of {SECRET_BYTES}: restore it from backup"
        )
    return secret


def read_private(path: Path) -> object:
    """Read a private key of any kind.

    Raises:
        KeyFileError: there is none.
    """
    try:
        return load_pem_private_key(_read_secret(path), password=None)
    except (ValueError, TypeError):
        raise KeyFileError(f"{named(path)}: not a PEM private key: restore it from backup") from None


def _read_secret(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = exposed(named(path), os.fstat(file.fileno()).st_mode)
            if found:
                raise KeyFileError(found)
            return file.read()
    except OSError as error:
        raise KeyFileError(
            f"{named(path)}: {error.strerror}: run `stafet up` once, or restore it from backup"
        ) from None


def named(path: Path) -> str:
    """Name a file as its folder's people would: `kek/1`, `index_key`."""
    return f"{path.parent.name}/{path.name}" if path.name.isdecimal() else path.name
