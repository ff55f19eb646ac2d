"""Keys: what opens and closes values, and what names a person to each recipient."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A case's data key as it is stored: wrapped by the key-encryption key."""

    case: str
    wrapped: bytes


class CaseKey(Protocol):
    """A case's open data key. A ciphertext is bound to the `place` it was made for and opens nowhere else."""

    @property
    def locked(self) -> LockedKey:
        """The same key, wrapped."""
        ...

    def encrypt(self, plaintext: bytes, place: Sequence[str]) -> bytes:
        """Encrypt for a place."""
        ...

    def decrypt(self, ciphertext: bytes, place: Sequence[str]) -> bytes:
        """Decrypt.

        Raises:
            VaultUnavailableError: changed, moved here from another place, or under another key.
        """
        ...

    def digest(self, content: bytes) -> str:
        """Return a keyed digest (HMAC-SHA-256, hex): without the case's key no guess can be tested on it."""
        ...


class Keys(Protocol):
    """What the vault's own keys are used for."""

    def new_case(self) -> CaseKey:
        """Make a random pseudonym and a random data key."""
        ...

    def open_case(self, key: LockedKey) -> CaseKey:
        """Unwrap a case's data key.

        Raises:
            VaultUnavailableError: it was wrapped under another key-encryption key.
        """
        ...

    def fingerprint(self, agency: str, reference: str) -> bytes:
        """Return the blind index of an agency's reference: equal for equal ones, and telling nothing else."""
        ...

    def person(self, recipient: str, case: str) -> str:
        """Return the recipient's own pseudonym of the person of a case."""
        ...

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Open what was sealed to the vault.

        Raises:
            ValueError: it does not open.
        """
        ...
