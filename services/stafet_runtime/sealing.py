"""Sealing of raw partner messages to the vault's public key: whoever seals cannot open again.

A sealed message is one version byte (1), the 8-byte id of the public key, and an HPKE ciphertext (RFC 9180,
base mode, DHKEM X25519, HKDF-SHA256, AES-256-GCM); its `info`: the first nine bytes and the caller's context.
"""

import hashlib
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

VERSION: Final = b"\x01"
KEY_ID_BYTES: Final = 8
HEADER_BYTES: Final = len(VERSION) + KEY_ID_BYTES
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(public_key: X25519PublicKey, plaintext: bytes, context: bytes) -> bytes:
    """Seal bytes so that only the vault opens them, and only with the same `context` (agency, receipt)."""
    header = VERSION + key_id(public_key)
    return header + SUITE.encrypt(plaintext, public_key, info=header + context)


def key_id(public_key: X25519PublicKey) -> bytes:
    """Name a public key: the first 8 bytes of its SHA-256, so that key pairs can be rotated."""
    return hashlib.sha256(public_key.public_bytes_raw()).digest()[:KEY_ID_BYTES]


def read_public_key(path: Path) -> X25519PublicKey:
    """Read the vault's public key from a PEM file.

    Raises:
        ValueError: there is no such file, or it holds no X25519 public key.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path.name}: no readable PEM key ({type(error).__name__}): copy it from the vault"
        ) from None
    if not isinstance(key, X25519PublicKey):
        # One error for whatever is wrong with the file.
        raise ValueError(f"{path.name}: not an X25519 key: copy the vault's own vault_seal_public")  # noqa: TRY004
    return key


class SealKeyFile:
    """The vault's newest public key that a sealer knows of, in a file that outlives it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._public = read_public_key(path)

    @property
    def public(self) -> X25519PublicKey:
        """The key to seal to."""
        return self._public

    def keep(self, public: bytes) -> None:
        """Seal to this key (raw) from now on, as soon as the disk has it.

        Raises:
            OSError: the file cannot be written: the key stays the one it was.
        """
        key = X25519PublicKey.from_public_bytes(public)
        beside = self._path.with_name(f".{self._path.name}.new")
        with beside.open("wb") as file:
            file.write(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._public = key
