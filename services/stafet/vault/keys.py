"""The vault's cryptography: wrapped data keys per case, values bound to their place, index, pseudonyms.

AES-256-GCM with random 96-bit nonces, HMAC-SHA-256, HKDF (RFC 5869), Ed25519 and HPKE (RFC 9180).
"""

import base64
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from stafet.vault.domain.places import Place, key_place
from stafet.vault.domain.zones import GDPR, ZONES
from stafet.vault.keyfiles import KeyFiles, SealPair
from stafet.vault.ports.keys import KeyProvider, LockedKey, ZoneKey
from stafet_runtime.clock import Clock
from stafet_runtime.sealing import HEADER_BYTES, SUITE, VERSION
from stafet_runtime.vaultport import VaultUnavailableError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
CASE_BYTES: Final = 20
"""160 random bits: 32 characters of base32, and no two cases will ever meet."""
PERSON_BYTES: Final = 20
OPEN_FOR: Final = timedelta(minutes=4, seconds=30)
"""With the half minute between two sweeps, no key is open for more than five."""
OPEN_AT_MOST: Final = 1024


class OpenCaseKey:
    """A case's data keys, each opened when it is first needed; they live in memory only."""

    def __init__(self, locked: LockedKey, unwrap: Callable[[str], bytes], pseudonym_key: bytes) -> None:
        self._locked = locked
        self._unwrap = unwrap
        self._pseudonym_key = pseudonym_key
        self._keys: dict[str, bytes] = {}
        self._ciphers: dict[str, AESGCM] = {}

    @property
    def locked(self) -> LockedKey:
        """The same keys, wrapped."""
        return self._locked

    def encrypt(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt for a place: nonce, ciphertext, tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher(place.zone).encrypt(nonce, plaintext, _bytes_of(place))

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Decrypt, if it was encrypted for this place with this key.

        Raises:
            VaultUnavailableError: it was not, or has been changed since.
        """
        nonce, sealed = ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:]
        try:
            return self._cipher(place.zone).decrypt(nonce, sealed, _bytes_of(place))
        except (InvalidTag, ValueError):
            what = place.names[0]
            raise VaultUnavailableError(
                f"a stored {what} does not open: changed or moved: restore the vault's tables from backup"
            ) from None

    def digest(self, content: bytes) -> str:
        """HMAC-SHA-256 under a key derived from the data key, hex."""
        return hmac.digest(self._digest_key, content, "sha256").hex()

    def row_key(self, disclosure: str) -> bytes:
        """HMAC-SHA-256 of a disclosure's id under a key derived from the data key."""
        return hmac.digest(self._ledger_key, disclosure.encode(), "sha256")

    def person(self, recipient: str) -> str:
        """`p-` and 160 bits of an HMAC of recipient and case under pseudonym key and data key together."""
        tag = hmac.digest(self._person_key, _join((recipient, self._locked.case)), "sha256")
        return f"p-{_base32(tag[:PERSON_BYTES])}"

    def open(self, zone: str) -> bytes:
        """Open the data key of a zone.

        Raises:
            VaultUnavailableError: it does not open, or was destroyed.
        """
        if zone not in self._keys:
            self._keys[zone] = self._unwrap(zone)
        return self._keys[zone]

    def _cipher(self, zone: str) -> AESGCM:
        if zone not in self._ciphers:
            self._ciphers[zone] = AESGCM(self.open(zone))
        return self._ciphers[zone]

    @cached_property
    def _digest_key(self) -> bytes:
        return _derive(self.open(GDPR), b"stafet digest")

    @cached_property
    def _ledger_key(self) -> bytes:
        return _derive(self.open(GDPR), b"stafet ledger")

    @cached_property
    def _person_key(self) -> bytes:
        return hmac.digest(self._pseudonym_key, _derive(self.open(GDPR), b"stafet person"), "sha256")


class VaultKeys:
    """The keys of a vault; open case keys are kept for five minutes at most and 1,024 of them."""

    def __init__(self, files: KeyFiles, provider: KeyProvider, clock: Clock) -> None:
        self._files = files
        self._provider = provider
        self._ledger_key = _derive(files.index, b"stafet ledger")
        self._stamps = hmac.new(_derive(files.index, b"stafet stamp"), digestmod="sha256")
        self._clock = clock
        self._open: OrderedDict[LockedKey, tuple[datetime, OpenCaseKey]] = OrderedDict()

    @property
    def provider(self) -> KeyProvider:
        """Where key-encryption keys live."""
        return self._provider

    @property
    def seals(self) -> tuple[SealPair, ...]:
        """The seal key pairs, the newest last."""
        return self._files.seals.pairs

    def new_case(self) -> OpenCaseKey:
        """Make a random pseudonym and random data keys, one for each zone."""
        case = f"c-{_base32(secrets.token_bytes(CASE_BYTES))}"
        data_keys = {zone: secrets.token_bytes(KEY_BYTES) for zone in ZONES}
        locked = LockedKey(case, tuple(self._wrap(case, zone, key) for zone, key in data_keys.items()))
        return OpenCaseKey(locked, data_keys.__getitem__, self._files.pseudonym)

    def open_case(self, key: LockedKey) -> OpenCaseKey:
        """Unwrap the data key that most need, or take it from memory; others when they are needed.

        Raises:
            VaultUnavailableError: it was wrapped under another key-encryption key, or for another case.
        """
        self.sweep()
        found = self._open.get(key)
        if found:
            return found[1]
        opened = OpenCaseKey(key, partial(self._unwrap, key), self._files.pseudonym)
        if key.zone(GDPR):
            opened.open(GDPR)
        self._open[key] = (self._clock.now(), opened)
        if len(self._open) > OPEN_AT_MOST:
            self._open.popitem(last=False)
        return opened

    def rewrap(self, case: str, key: ZoneKey) -> ZoneKey:
        """Wrap a data key under the current key-encryption key instead of its own."""
        context = _bytes_of(key_place(case, key.zone))
        return self._wrap(case, key.zone, self._provider.unwrap(key.kek, key.wrapped, context))

    def fingerprint(self, agency: str, reference: str) -> bytes:
        """HMAC-SHA-256 of agency and reference under the index key."""
        return hmac.digest(self._files.index, _join((agency, reference)), "sha256")

    def row_key(self, disclosure: str) -> bytes:
        """HMAC-SHA-256 of a disclosure's id under a key derived from the index key."""
        return hmac.digest(self._ledger_key, disclosure.encode(), "sha256")

    @property
    def stamps(self) -> hmac.HMAC:
        """A key derived from the index key."""
        return self._stamps

    @property
    def public(self) -> bytes:
        """The public half of the hub's signing key, raw."""
        return self._files.ledger.public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """Ed25519 under the hub's signing key."""
        return self._files.ledger.sign(content)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Open what `stafet_runtime.sealing.seal` made.

        Raises:
            ValueError: another format or key, another context, or changed bytes.
        """
        header, ciphertext = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        if header[:1] != VERSION:
            raise ValueError("not a sealed message of version 1")
        pair = self._files.seals.find(header[1:])
        if pair is None:
            raise ValueError(
                "sealed to a key that this vault does not have: give the sealer vault_seal_public"
            )
        try:
            return SUITE.decrypt(ciphertext, pair.private, info=header + context)
        except InvalidTag:
            raise ValueError(
                "the sealed message does not open: changed, or sealed with another context"
            ) from None

    def renew_seal(self, in_use: Collection[bytes]) -> bytes:
        """Turn the ring of seal key pairs as far as it is time; return the newest public half, raw."""
        try:
            return self._files.seals.turn(self._clock.now(), in_use).public.public_bytes_raw()
        except OSError as error:
            what = f"the seal keys cannot be renewed ({type(error).__name__})"
            raise VaultUnavailableError(f"{what}: let the vault write to its folder of keys") from None

    def sweep(self) -> None:
        """Drop keys that were open long enough (or, the clock set back, since the future); oldest first."""
        now = self._clock.now()
        while self._open and not timedelta(0) <= now - next(iter(self._open.values()))[0] < OPEN_FOR:
            self._open.popitem(last=False)

    def _wrap(self, case: str, zone: str, key: bytes) -> ZoneKey:
        return ZoneKey(zone, *self._provider.wrap(key, _bytes_of(key_place(case, zone))))

    def _unwrap(self, locked: LockedKey, zone: str) -> bytes:
        found = locked.zone(zone)
        if found is None:
            raise VaultUnavailableError(f"the case's key of the zone {zone} was destroyed: nothing opens it")
        return self._provider.unwrap(found.kek, found.wrapped, _bytes_of(key_place(locked.case, zone)))


def _derive(key: bytes, purpose: bytes) -> bytes:
    """Derive 32 bytes for one purpose (HKDF-Expand, RFC 5869): a key is used for one thing only."""
    return HKDFExpand(SHA256(), length=KEY_BYTES, info=purpose).derive(key)


def _bytes_of(place: Place) -> bytes:
    return _join((place.zone, *place.names))


def _join(parts: Sequence[str]) -> bytes:
    """Join texts so that no two different lists give the same bytes: each with its length in front."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(each).to_bytes(4) + each for each in encoded)


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
