"""All key files of a hub: made together, read together."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from stafet.vault.keyfiles.files import (
    FOLDER_MODE,
    PUBLIC_MODE,
    SECRET_BYTES,
    SECRET_MODE,
    KeyFileError,
    alone,
    read_private,
    read_symmetric,
    write_new,
)
from stafet.vault.keyfiles.keks import create_keks
from stafet.vault.keyfiles.seals import SEAL_PUBLIC, SealRing, create_seals

FOLDER: Final = "keys"
KEK: Final = "kek"
SEAL: Final = "seal"
INDEX: Final = "index_key"
PSEUDONYM: Final = "pseudonym_key"
LEDGER_PRIVATE: Final = "ledger_key"
LEDGER_PUBLIC: Final = "ledger_public"
PUBLIC: Final = (SEAL_PUBLIC, LEDGER_PUBLIC)
PARTS: Final = (KEK, SEAL, INDEX, PSEUDONYM, LEDGER_PRIVATE, *PUBLIC)


@dataclass(frozen=True, slots=True, repr=False)
class KeyFiles:
    """The keys as read; key-encryption keys are their provider's, which may look for them in `folder`."""

    folder: Path
    index: bytes
    pseudonym: bytes
    ledger: Ed25519PrivateKey
    seals: SealRing


def create_key_files(home: Path) -> Path:
    """Create the keys of a new hub below `home` and return their folder; keys that are there stay.

    Raises:
        KeyFileError: some are there and some are missing: new ones would not open what the old ones closed.
    """
    folder = home / FOLDER
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with alone(folder):
        missing = [name for name in PARTS if not _there(folder / name)]
        if not missing:
            return folder
        if len(missing) < len(PARTS):
            names = ", ".join(missing)
            raise KeyFileError(
                f"{names}: missing beside other keys: restore from backup (or remove all, if never used)"
            )
        create_keks(folder / KEK)
        create_seals(folder / SEAL)
        for name, content in _new_keys().items():
            write_new(folder / name, content, PUBLIC_MODE if name in PUBLIC else SECRET_MODE)
    return folder


def read_key_files(home: Path) -> KeyFiles:
    """Read the keys below `home`.

    Raises:
        KeyFileError: see there.
    """
    folder = home / FOLDER
    ledger = read_private(folder / LEDGER_PRIVATE)
    if not isinstance(ledger, Ed25519PrivateKey):
        raise KeyFileError(f"{LEDGER_PRIVATE}: not an Ed25519 key: restore it from backup")
    index, pseudonym = (read_symmetric(folder / name) for name in (INDEX, PSEUDONYM))
    return KeyFiles(folder, index, pseudonym, ledger, SealRing(folder / SEAL))


def _there(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _new_keys() -> Mapping[str, bytes]:
    ledger = Ed25519PrivateKey.generate()
    return {
        INDEX: secrets.token_bytes(SECRET_BYTES),
        PSEUDONYM: secrets.token_bytes(SECRET_BYTES),
        LEDGER_PRIVATE: ledger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        LEDGER_PUBLIC: ledger.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }
