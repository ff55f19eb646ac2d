"""The vault's own keys as files below `<home>/keys`: created once, never overwritten, for the owner only.

`kek` wraps the data key of every case; `index_key` makes the blind index of references; `pseudonym_key` makes
each recipient's own pseudonyms (32 random bytes each). `vault_seal_private` opens what was sealed to
`vault_seal_public` (X25519, PEM); the public one may be given to anybody.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from stafet_runtime.vaultport import VaultUnavailableError

FOLDER: Final = "keys"
SECRET_BYTES: Final = 32
KEK: Final = "kek"
INDEX: Final = "index_key"
PSEUDONYM: Final = "pseudonym_key"
SEAL_PRIVATE: Final = "vault_seal_private"
SEAL_PUBLIC: Final = "vault_seal_public"
FILES: Final = (KEK, INDEX, PSEUDONYM, SEAL_PRIVATE, SEAL_PUBLIC)


class KeyFileError(VaultUnavailableError):
    """A key file is missing, open to others, or no key: the vault does not start; the message says why."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyFiles:
    """The keys as read."""

    kek: bytes
    index: bytes
    pseudonym: bytes
    seal_private: X25519PrivateKey


def create_key_files(home: Path) -> Path:
    """Create the keys of a new hub below `home` and return their folder; keys that are there stay.

    Raises:
        KeyFileError: some are there and some are missing: new ones would not open what the old ones closed.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        missing = [name for name in FILES if not (folder / name).exists()]
        if not missing:
            return folder
        if len(missing) < len(FILES):
            names = ", ".join(missing)
            raise KeyFileError(
                f"{names}: missing beside other keys: restore from backup (or remove all, if never used)"
            )
        for name, content in _new_keys().items():
            _write(folder / name, content, 0o644 if name == SEAL_PUBLIC else 0o600)
    return folder


def read_key_files(home: Path) -> KeyFiles:
    """Read the keys below `home`.

    Raises:
        KeyFileError: see there.
    """
    folder = home / FOLDER
    try:
        private = load_pem_private_key(_read_secret(folder / SEAL_PRIVATE), password=None)
    except (ValueError, TypeError):
        raise KeyFileError(f"{SEAL_PRIVATE}: not a PEM private key: restore it from backup") from None
    if not isinstance(private, X25519PrivateKey):
        raise KeyFileError(f"{SEAL_PRIVATE}: not an X25519 key: restore it from backup")
    kek, index, pseudonym = (_read_symmetric(folder / name) for name in (KEK, INDEX, PSEUDONYM))
    return KeyFiles(kek, index, pseudonym, private)


def _new_keys() -> Mapping[str, bytes]:
    private = X25519PrivateKey.generate()
    return {
        **{name: secrets.token_bytes(SECRET_BYTES) for name in (KEK, INDEX, PSEUDONYM)},
        SEAL_PRIVATE: private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        SEAL_PUBLIC: private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Let one process at a time create keys."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(content)
        file.flush()
        os.fsync(handle)


def _read_symmetric(path: Path) -> bytes:
    secret = _read_secret(path)
    if len(secret) != SECRET_BYTES:
        raise KeyFileError(
            f"{path.name}: {len(secret)} bytes instead of {SECRET_BYTES}: restore it from backup"
        )
    return secret


def _read_secret(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise KeyFileError(
                    f"{path.name}: open to group or others (mode {mode:o}): chmod 600 {path.name}"
                )
            return file.read()
    except OSError as error:
        raise KeyFileError(
            f"{path.name}: {error.strerror}: run `stafet up` once, or restore it from backup"
        ) from None
