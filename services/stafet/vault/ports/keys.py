"""Keys: what opens and closes values, and what names a person to each recipient."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import HMAC
from typing import Protocol

from stafet.vault.domain.places import Place


@dataclass(frozen=True, slots=True)
class ZoneKey:
    """The data key of one zone of a case as it is stored: wrapped by the key-encryption key named `kek`."""

    zone: str
    kek: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A case's data keys as they are stored, one for each zone that was not destroyed."""

    case: str
    zones: tuple[ZoneKey, ...]

    def zone(self, zone: str) -> ZoneKey | None:
        """Return the key of a zone; None if it was destroyed."""
        return next((each for each in self.zones if each.zone == zone), None)


class CaseKey(Protocol):
    """A case's open data keys. A ciphertext is bound to the place it was made for and opens nowhere else.

    Each method raises VaultUnavailableError if the key it needs does not open: `encrypt` and `decrypt` need
    that of the place's zone, all others that of the zone `gdpr`.
    """

    @property
    def locked(self) -> LockedKey:
        """The same keys, wrapped."""
        ...

    def encrypt(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt for a place."""
        ...

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Decrypt.

        Raises:
            VaultUnavailableError: changed, moved here from another place, or under another key.
        """
        ...

    def digest(self, content: bytes) -> str:
        """Return a keyed digest (HMAC-SHA-256, hex): without the case's key no guess can be tested on it."""
        ...

    def row_key(self, disclosure: str) -> bytes:
        """Return the key of one ledger row's digest: whoever is given it can check that row and no other."""
        ...

    def person(self, recipient: str) -> str:
        """Return the recipient's own pseudonym of the case's person; without the case's key nobody can."""
        ...


class Keys(Protocol):
    """What the vault's own keys are used for."""

    def new_case(self) -> CaseKey:
        """Make a random pseudonym and random data keys.

        Raises:
            VaultUnavailableError: key-encryption keys are out of reach.
        """
        ...

    def open_case(self, key: LockedKey) -> CaseKey:
        """Unwrap a case's data keys.

        Raises:
            VaultUnavailableError: wrapped under another key-encryption key, or moved here from another case.
        """
        ...

    def rewrap(self, case: str, key: ZoneKey) -> ZoneKey:
        """Wrap a data key under the current key-encryption key instead of its own.

        Raises:
            VaultUnavailableError: see `open_case`.
        """
        ...

    def fingerprint(self, agency: str, reference: str) -> bytes:
        """Return the blind index of an agency's reference: equal for equal ones, and telling nothing else."""
        ...

    def row_key(self, disclosure: str) -> bytes:
        """Return the hub's own key of one ledger row, which no erasure destroys."""
        ...

    @property
    def stamps(self) -> HMAC:
        """An HMAC begun with the key of the stamps of all ledger rows, to copy; it never leaves the vault."""
        ...

    @property
    def public(self) -> bytes:
        """The public key (Ed25519, raw) of what the hub signs."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Sign for the hub."""
        ...

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Open what was sealed to the vault.

        Raises:
            ValueError: it does not open.
        """
        ...

    def renew_seal(self, in_use: Collection[bytes]) -> bytes:
        """Return the public key (X25519, raw) to seal to, a new one each day.

        Old private keys are destroyed, but for those whose ids are `in_use`.

        Raises:
            VaultUnavailableError: the key files are out of reach.
        """
        ...


class KeyProvider(Protocol):
    """Where key-encryption keys live, in several versions. It uses them and gives none away.

    Every method raises VaultUnavailableError when they are out of reach.
    """

    @property
    def versions(self) -> Sequence[str]:
        """Name all versions there are, the current one last; none if no key was ever made."""
        ...

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap a data key under the current version, bound to a context; return that version's name, too.

        Raises:
            VaultUnavailableError: there is no version.
        """
        ...

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap.

        Raises:
            VaultUnavailableError: no such version, or not wrapped under it with this context.
        """
        ...

    def rotate(self) -> str:
        """Make a new version, which is current from now on, and return its name."""
        ...

    def retire(self, version: str) -> None:
        """Destroy a version for good: whatever is wrapped under it, here or in a dump, opens nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class Remainder:
    """What dumps have of erased cases: how many under a version, and since when the oldest is erased."""

    version: str
    cases: int
    since: datetime


class CaseKeys(Protocol):
    """The stored data keys of all cases, in one transaction."""

    async def census(self) -> dict[str, int]:
        """Count the data keys under each version of the key-encryption key."""
        ...

    async def remainders(self) -> Sequence[Remainder]:
        """List the versions that data keys of erased cases were ever wrapped under."""
        ...

    async def stale(self, current: str, most: int) -> Sequence[tuple[str, ZoneKey]]:
        """Take some data keys, with their cases, that are wrapped under another version than the current."""
        ...

    async def replace(self, keys: Sequence[tuple[str, ZoneKey]]) -> None:
        """Store other wrappings of data keys that were taken, but for those under a retired version."""
        ...

    async def fence(self, version: str, at: datetime) -> bool:
        """Retire a version unless a data key is under it; from the commit on nothing comes under it again."""
        ...
