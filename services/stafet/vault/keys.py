"""The vault's cryptography: a wrapped data key per case, values bound to their place, index, pseudonyms.

AES key wrap (RFC 3394), AES-256-GCM with random 96-bit nonces, HMAC-SHA-256, HKDF (RFC 5869) and
HPKE (RFC 9180).
"""

import base64
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from stafet.vault.keyfiles import KeyFiles
from stafet.vault.ports.keys import LockedKey
from stafet_runtime.clock import Clock
from stafet_runtime.sealing import HEADER_BYTES, SUITE, VERSION, key_id
from stafet_runtime.vaultport import VaultUnavailableError

NONCE_BYTES: Final = 12
CASE_BYTES: Final = 20
"""160 random bits: 32 characters of base32, and no two cases will ever meet."""
PERSON_BYTES: Final = 20
OPEN_FOR: Final = timedelta(minutes=5)
OPEN_AT_MOST: Final = 1024


class OpenCaseKey:
    """A case's data key, open; it lives in memory only."""

    __slots__ = ("_cipher", "_digest_key", "_locked")

    def __init__(self, locked: LockedKey, key: bytes) -> None:
        self._locked = locked
        self._cipher = AESGCM(key)
        self._digest_key = HKDFExpand(SHA256(), length=32, info=b"stafet digest").derive(key)

    @property
    def locked(self) -> LockedKey:
        """The same key, wrapped."""
        return self._locked

    def encrypt(self, plaintext: bytes, place: Sequence[str]) -> bytes:
        """Encrypt for a place: nonce, ciphertext, tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, _join(place))

    def decrypt(self, ciphertext: bytes, place: Sequence[str]) -> bytes:
        """Decrypt, if it was encrypted for this place with this key.

        Raises:
            VaultUnavailableError: it was not, or has been changed since.
        """
        try:
            return self._cipher.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], _join(place))
        except (InvalidTag, ValueError):
            raise VaultUnavailableError(
                f"a stored {place[0]} does not open: changed or moved: restore the vault's tables from backup"
            ) from None

    def digest(self, content: bytes) -> str:
        """HMAC-SHA-256 under a key derived from the data key, hex."""
        return hmac.digest(self._digest_key, content, "sha256").hex()


class VaultKeys:
    """The keys of a vault; open case keys are kept for five minutes at most and 1,024 of them."""

    def __init__(self, files: KeyFiles, clock: Clock) -> None:
        self._files = files
        self._seal_id = key_id(files.seal_private.public_key())
        self._clock = clock
        self._open: OrderedDict[LockedKey, tuple[datetime, OpenCaseKey]] = OrderedDict()

    def new_case(self) -> OpenCaseKey:
        """Make a random pseudonym and a random data key."""
        data_key = secrets.token_bytes(32)
        case = f"c-{_base32(secrets.token_bytes(CASE_BYTES))}"
        return OpenCaseKey(LockedKey(case, aes_key_wrap(self._files.kek, data_key)), data_key)

    def open_case(self, key: LockedKey) -> OpenCaseKey:
        """Unwrap a data key, or take it from memory.

        Raises:
            VaultUnavailableError: it was wrapped under another key-encryption key.
        """
        now = self._clock.now()
        self._forget_old(now)
        found = self._open.get(key)
        if found:
            return found[1]
        try:
            opened = OpenCaseKey(key, aes_key_unwrap(self._files.kek, key.wrapped))
        except (InvalidUnwrap, ValueError):
            raise VaultUnavailableError(
                "the key-encryption key does not open this case: put back the kek file it was closed with"
            ) from None
        self._open[key] = (now, opened)
        if len(self._open) > OPEN_AT_MOST:
            self._open.popitem(last=False)
        return opened

    def fingerprint(self, agency: str, reference: str) -> bytes:
        """HMAC-SHA-256 of agency and reference under the index key."""
        return hmac.digest(self._files.index, _join((agency, reference)), "sha256")

    def person(self, recipient: str, case: str) -> str:
        """Return `p-` and 160 bits of an HMAC of recipient and case under the pseudonym key."""
        tag = hmac.digest(self._files.pseudonym, _join((recipient, case)), "sha256")
        return f"p-{_base32(tag[:PERSON_BYTES])}"

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Open what `stafet_runtime.sealing.seal` made.

        Raises:
            ValueError: another format or key, another context, or changed bytes.
        """
        header, ciphertext = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        if header[:1] != VERSION:
            raise ValueError("not a sealed message of version 1")
        if header[1:] != self._seal_id:
            raise ValueError(
                "sealed to a key that this vault does not have: give the sealer vault_seal_public"
            )
        try:
            return SUITE.decrypt(ciphertext, self._files.seal_private, info=header + context)
        except InvalidTag:
            raise ValueError(
                "the sealed message does not open: changed, or sealed with another context"
            ) from None

    def _forget_old(self, now: datetime) -> None:
        """Drop keys opened five minutes ago (or, the clock set back, in the future); the oldest are first."""
        while self._open and not timedelta(0) <= now - next(iter(self._open.values()))[0] < OPEN_FOR:
            self._open.popitem(last=False)


def _join(parts: Sequence[str]) -> bytes:
    """Join texts so that no two different lists give the same bytes: each with its length in front."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(each).to_bytes(4) + each for each in encoded)


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
