"""Key-encryption keys in files: for development, and where the disk itself is guarded.

AES-256-GCM with random 96-bit nonces; a wrapped key is nonce, ciphertext and tag.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stafet.vault.keyfiles import ALL_RETIRED, KEK, KeyFileError, add_kek, read_keks, retire_kek
from stafet_runtime.vaultport import VaultUnavailableError

PREFIX: Final = "file-"
NONCE_BYTES: Final = 12


class FileKeys:
    """`KeyProvider` on the files below `<folder>/kek`; a version that another process adds is noticed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / KEK
        self._seen = 0
        self._ciphers: dict[str, AESGCM] = {}
        self._read()

    @property
    def versions(self) -> Sequence[str]:
        """Name all versions, the current one last."""
        self._refresh()
        return tuple(self._ciphers)

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap under the newest file."""
        if not self.versions:
            raise KeyFileError(ALL_RETIRED)
        version, nonce = self.versions[-1], secrets.token_bytes(NONCE_BYTES)
        return version, nonce + self._ciphers[version].encrypt(nonce, key, context)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap, if it was wrapped under this version with this context."""
        self._refresh()
        cipher = self._ciphers.get(version)
        if cipher is None:
            raise VaultUnavailableError(
                f"no key-encryption key {version}: put back the kek file it is, or choose its provider"
            )
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise VaultUnavailableError(
                "the key-encryption key does not open this case: put back the kek file it was closed with"
            ) from None

    def rotate(self) -> str:
        """Add a file."""
        try:
            return f"{PREFIX}{add_kek(self._folder)}"
        except OSError as error:
            raise KeyFileError(f"{KEK}: {error.strerror}: let the vault write to its keys") from None

    def retire(self, version: str) -> None:
        """Overwrite and remove a file."""
        try:
            retire_kek(self._folder, int(version.removeprefix(PREFIX)))
        except OSError as error:
            raise KeyFileError(f"{KEK}: {error.strerror}: let the vault write to its keys") from None
        self._ciphers.pop(version, None)

    def _refresh(self) -> None:
        if self._changed() != self._seen:
            self._read()

    def _read(self) -> None:
        self._seen = self._changed()
        keks = read_keks(self._folder)
        self._ciphers = {f"{PREFIX}{number}": AESGCM(kek) for number, kek in keks.items()}

    def _changed(self) -> int:
        """Say when a file was last added or removed, in nanoseconds; 0 if there is no folder."""
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0
