"""Secret files are their owner's alone: one rule for whoever reads one, and who looks through a home."""

import os
import stat
from pathlib import Path
from typing import Final

_NAMES: Final = ("_key", "_private", "_secret")
_MARKS: Final = (b"PRIVATE KEY-----", b"whsk_", b"whsec_")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class ExposedError(Exception):
    """A secret file can be read or written by others; the message names it and what to do."""


def secret(name: str, content: bytes) -> bool:
    """Say whether a file is one that others must not read, by its name or by what it holds."""
    return Path(name).stem.endswith(_NAMES) or name == "key.pem" or any(mark in content for mark in _MARKS)


def exposed(name: str, mode: int) -> str:
    """Say what is wrong with a secret file's mode and what to do; empty if nothing is."""
    if not mode & _OTHERS:
        return ""
    return f"{name}: open to group or others (mode {stat.S_IMODE(mode):o}): chmod 600 {name}"


def read_guarded(path: Path, *, always: bool = False) -> bytes:
    """Read a file; one that holds a secret (`always`: whatever it holds) must be its owner's alone.

    Raises:
        ExposedError: it is open to others.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content, mode = file.read(), os.fstat(file.fileno()).st_mode
    found = exposed(str(path), mode) if always or secret(path.name, content) else ""
    if found:
        raise ExposedError(found)
    return content
