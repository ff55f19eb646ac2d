"""The provider of key-encryption keys that the settings choose, and the way over to another."""

from collections.abc import Sequence
from pathlib import Path

from stafet.vault.adapters.filekeys import PREFIX, FileKeys
from stafet.vault.keyfiles import KEK
from stafet.vault.ports.keys import KeyProvider
from stafet.vault.settings import VaultSettings
from stafet_runtime.vaultport import VaultUnavailableError


class MovedKeys:
    """`KeyProvider` of a hub that has moved away from key files: they only unwrap what they once wrapped."""

    def __init__(self, files: FileKeys, provider: KeyProvider) -> None:
        self._files = files
        self._provider = provider

    @property
    def versions(self) -> Sequence[str]:
        """Name the files first."""
        return (*self._files.versions, *self._provider.versions)

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap by the new provider."""
        return self._provider.wrap(key, context)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap by the one that wrapped it."""
        owner = self._files if version.startswith(PREFIX) else self._provider
        return owner.unwrap(version, wrapped, context)

    def rotate(self) -> str:
        """Make a version of the new provider's."""
        return self._provider.rotate()

    def retire(self, version: str) -> None:
        """Destroy a version where it is."""
        owner = self._files if version.startswith(PREFIX) else self._provider
        owner.retire(version)


def open_provider(folder: Path, settings: VaultSettings) -> KeyProvider:
    """Open the provider; `folder` is that of the key files.

    Raises:
        VaultUnavailableError: out of reach, or wrongly set; the text says what to do.
    """
    if settings.keys == "files":
        return FileKeys(folder)
    try:
        # An optional extra, which only who has such a module installs.
        from stafet.vault.adapters.pkcs11keys import open_module  # noqa: PLC0415 - see above
    except ImportError:
        raise VaultUnavailableError(
            "STAFET_VAULT_KEYS=pkcs11 needs an extra: install stafet[pkcs11]"
        ) from None
    module = open_module(settings)
    return MovedKeys(FileKeys(folder), module) if (folder / KEK).exists() else module
