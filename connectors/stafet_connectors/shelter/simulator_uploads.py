"""How simulated shelters leave files for the hub: whole and with the trigger last, or as a script has it."""

import asyncio
from pathlib import Path
from typing import Final

from stafet_connectors.shelter.simulator_files import Upload
from stafet_sdk.trigger import SUFFIX

LATE_S: Final = 1.0
"""How long the rest of a file that is uploaded in the wrong order lets the hub wait."""
PART: Final = ".part"


def lies_there(folder: Path, upload: Upload) -> bool:
    """Say whether the hub has still to fetch a file."""
    return (folder / (upload.name + SUFFIX)).exists()


def is_gone(folder: Path, upload: Upload) -> bool:
    """Say whether the hub has taken a file away, with its trigger file."""
    return not any((folder / each).exists() for each in (upload.name, upload.name + SUFFIX))


async def leave(folder: Path, upload: Upload) -> None:
    """Put a file and its trigger file into a folder."""
    if upload.fault == "half-uploaded":
        (folder / upload.name).write_bytes(upload.body[: len(upload.body) // 2])
        _put(folder, upload.name + SUFFIX, upload.trigger)
        await asyncio.sleep(LATE_S)
        (folder / upload.name).write_bytes(upload.body)
    elif upload.fault == "trigger-first":
        _put(folder, upload.name + SUFFIX, upload.trigger)
        await asyncio.sleep(LATE_S)
        _put(folder, upload.name, upload.body)
    else:
        _put(folder, upload.name, upload.body)
        _put(folder, upload.name + SUFFIX, upload.trigger)


def _put(folder: Path, name: str, content: bytes) -> None:
    part = folder / (name + PART)
    part.write_bytes(content)
    part.replace(folder / name)
