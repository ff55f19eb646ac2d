"""Signed tree heads as files in `<home>/treeheads`, one each, for whoever is to keep a copy elsewhere."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from stafet.vault.domain.treehead import TreeHead
from stafet_runtime.vaultport import VaultUnavailableError

FOLDER: Final = "treeheads"


class HeadFiles:
    """The files below a hub's home; their names are the sizes of the trees."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def export(self, head: TreeHead) -> None:
        """Write a head beside and rename it: a file is whole or not there; one that is there stays.

        Raises:
            VaultUnavailableError: the folder takes no file.
        """
        path = self._folder / f"{head.size:012}.json"
        if path.exists():
            return
        try:
            self._write(path, head)
        except OSError as error:
            raise VaultUnavailableError(
                f"{FOLDER}/{path.name}: {error.strerror}: let the vault write to its folder {FOLDER}"
            ) from None

    def largest(self) -> int:
        """Take the size from the files' names."""
        return max((int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdigit()), default=0)

    def exported(self) -> Sequence[TreeHead]:
        """Read all heads, smallest first.

        Raises:
            VaultUnavailableError: a file among them is no tree head.
        """
        return [read_head(path) for path in sorted(self._folder.glob("*.json"))]

    def _write(self, path: Path, head: TreeHead) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name for each writer: of two that write the same head at once, neither takes the other's file.
        staging = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        with staging.open("w", encoding="utf-8") as file:
            file.write(head.file_text())
            file.flush()
            os.fsync(file.fileno())
        staging.rename(path)


def read_head(path: Path) -> TreeHead:
    """Read a tree head.

    Raises:
        VaultUnavailableError: there is none in this file.
    """
    try:
        return TreeHead.model_validate_json(path.read_bytes())
    except OSError as error:
        raise VaultUnavailableError(f"{path.name} cannot be read: {error.strerror}") from None
    except ValidationError:
        raise VaultUnavailableError(
            f"{path.name} is no tree head: restore {FOLDER}/{path.name} from a copy"
        ) from None
