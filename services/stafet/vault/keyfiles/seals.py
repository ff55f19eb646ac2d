"""Seal key pairs: a new one every day, an old one destroyed when nothing waits under it any more.

The files' times say how old they are: `seal/3` was made when its file was.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from stafet.vault.keyfiles.files import (
    FOLDER_MODE,
    PUBLIC_MODE,
    SECRET_MODE,
    KeyFileError,
    alone,
    destroy,
    named,
    read_numbered,
    read_private,
    write_whole,
)
from stafet_runtime.sealing import key_id

SEAL_PUBLIC: Final = "vault_seal_public"
SEAL_FOR: Final = timedelta(days=1)
LEFT_FOR: Final = timedelta(days=1)
"""A gateway that does not know of a newer key yet may go on with the old one this long."""


@dataclass(frozen=True, slots=True, repr=False)
class SealPair:
    """A key pair: its number, its id as sealed messages name it, and since when it is the one to seal to."""

    number: int
    id: bytes
    since: datetime
    private: X25519PrivateKey = field(compare=False)

    @property
    def public(self) -> X25519PublicKey:
        """The half to seal to."""
        return self.private.public_key()


class SealRing:
    """The seal key pairs of a folder, as they were when last read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pairs = _read(folder)

    @property
    def pairs(self) -> tuple[SealPair, ...]:
        """All pairs, the oldest first."""
        return self._pairs

    @property
    def current(self) -> SealPair:
        """The pair to seal to."""
        return self._pairs[-1]

    def find(self, wanted: bytes) -> SealPair | None:
        """Find a pair by its id; one that another process has made since is looked for on the disk."""
        if (found := self._among(wanted)) is None:
            self._pairs = _read(self._folder)
            found = self._among(wanted)
        return found

    def turn(self, now: datetime, in_use: Collection[bytes]) -> SealPair:
        """Return the pair to seal to, a new one if it is a day old; destroy those that nobody needs.

        Nobody needs a pair that was followed by another a day ago and whose id is not `in_use`.

        Raises:
            KeyFileError: a file among them is no key.
        """
        with alone(self._folder):
            pairs = _read(self._folder)
            # A clock that went far ahead, and back again, must not keep its pair for as long.
            if abs(now - pairs[-1].since) >= SEAL_FOR:
                pairs = (*pairs, _add(self._folder, pairs[-1].number + 1, now))
            followed = pairwise(pairs)
            over = {old for old, new in followed if now - new.since >= LEFT_FOR and old.id not in in_use}
            for each in over:
                destroy(self._folder / str(each.number))
        self._pairs = tuple(each for each in pairs if each not in over)
        return self.current

    def _among(self, wanted: bytes) -> SealPair | None:
        return next((each for each in self._pairs if each.id == wanted), None)


def create_seals(folder: Path) -> None:
    """Make the first pair of a new hub."""
    folder.mkdir(mode=FOLDER_MODE)
    _add(folder, 1, None)


def _add(folder: Path, number: int, now: datetime | None) -> SealPair:
    """Make a pair and give away its public half; without a time it is of this moment."""
    private = X25519PrivateKey.generate()
    path = folder / str(number)
    write_whole(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), SECRET_MODE)
    if now is not None:
        os.utime(path, (now.timestamp(), now.timestamp()))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_whole(folder.parent / SEAL_PUBLIC, public, PUBLIC_MODE)
    return _pair(number, path)


def _read(folder: Path) -> tuple[SealPair, ...]:
    pairs = tuple(read_numbered(folder, _pair).values())
    if not pairs:
        raise KeyFileError(f"{folder.name}: no key in it: run `stafet up` once, or restore it from backup")
    return pairs


def _pair(number: int, path: Path) -> SealPair:
    private = read_private(path)
    if not isinstance(private, X25519PrivateKey):
        raise KeyFileError(f"{named(path)}: not an X25519 key: restore it from backup")
    since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return SealPair(number, key_id(private.public_key()), since, private)
