"""The shred journal and the certificates: files outside the database, so that no restore undoes an erasure.

`<home>/shreds/journal.jsonl` has a line per erasure and `<home>/certificates` a file; neither names a person.
"""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from stafet.vault.domain.erasure import case_digest, read_certificate
from stafet.vault.ports.erasures import Shred
from stafet_runtime.vaultport import VaultUnavailableError

FOLDER: Final = "shreds"
JOURNAL: Final = "journal.jsonl"
CERTIFICATES: Final = "certificates"


class ShredJournal:
    """The files below a hub's home."""

    def __init__(self, home: Path) -> None:
        self._journal = home / FOLDER / JOURNAL
        self._certificates = home / CERTIFICATES

    def write(self, shred: Shred, certificate: str) -> None:
        """Write the certificate first: a line of the journal always finds its own.

        Raises:
            VaultUnavailableError: the folders take no file: nothing may be erased.
        """
        try:
            self._write(shred, certificate)
        except OSError as error:
            raise VaultUnavailableError(
                f"{FOLDER} and {CERTIFICATES}: {error.strerror}: let the vault write to both folders"
            ) from None

    def read(self) -> tuple[Shred, ...]:
        """Read all whole lines; without a file there are none.

        Raises:
            VaultUnavailableError: a line is not one that `write` wrote.
        """
        if not self._journal.exists():
            return ()
        content = self._journal.read_bytes()
        lines = content[: _whole(content)].splitlines()
        return tuple(_shred(line, number) for number, line in enumerate(lines, 1))

    def certificate(self, case: str) -> str | None:
        """Read the newest certificate of a case: ids of erasures are in the order of their making."""
        found = sorted(self._certificates.glob(f"{case_digest(case)}.*.json"))
        return found[-1].read_text(encoding="utf-8") if found else None

    def place(self, certificate: str) -> Path:
        """Name the file of a certificate."""
        read = read_certificate(certificate)
        return self._certificates / f"{read.case}.{read.erasure}.json"

    def _write(self, shred: Shred, certificate: str) -> None:
        self._keep(certificate)
        line = {"case": shred.case, "at": shred.at.isoformat(), "zones": list(shred.zones)}
        with _alone(self._journal) as file:
            # A line that was cut off was never committed: its erasure did not come about, or stands before.
            file.truncate(_whole(self._journal.read_bytes()))
            file.seek(0, os.SEEK_END)
            file.write(json.dumps(line).encode() + b"\n")

    def _keep(self, certificate: str) -> None:
        """Write beside and rename: a certificate is whole or not there."""
        place = self.place(certificate)
        staging = place.with_suffix(".new")
        with _alone(staging) as file:
            file.truncate(0)
            file.write(certificate.encode())
        staging.rename(place)
        _settle(place.parent)


@contextmanager
def _alone(path: Path) -> Generator[FileIO]:
    """Open a file of the owner's for one writer at a time; on leaving, it and its folder are on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 - a path has no open by handle
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield file
        os.fsync(handle)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Put on the disk which files a folder has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _whole(content: bytes) -> int:
    """Count the bytes of all lines that have their end."""
    return content.rfind(b"\n") + 1


def _shred(line: bytes, number: int) -> Shred:
    try:
        read = json.loads(line)
        at, zones = datetime.fromisoformat(read["at"]), tuple(str(each) for each in read["zones"])
        return Shred(str(read["case"]), at, zones)
    except (ValueError, TypeError, KeyError):
        raise VaultUnavailableError(
            f"{FOLDER}/{JOURNAL}: line {number} is no line of the shred journal: restore the file from backup"
        ) from None
