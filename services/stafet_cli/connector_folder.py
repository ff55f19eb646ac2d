"""A connector's folder as `stafet connector check` sees it: by agency or by path, installed or not."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from stafet_sdk.discovery import GROUP
from stafet_sdk.manifest import Manifest

PROJECT: Final = "pyproject.toml"


class NoFolderError(Exception):
    """There is no connector to check under that name; the message says what to do."""


@dataclass(frozen=True)
class Folder:
    """The folder, its dotted package, and its project's folder, None if it is installed without."""

    path: Path
    package: str
    root: Path | None

    @cached_property
    def manifest(self) -> Manifest:
        """Read the manifest.

        Raises:
            OSError, ValueError: it cannot be used.
        """
        text = (self.path / "manifest.toml").read_text(encoding="utf-8")
        return Manifest.model_validate(tomllib.loads(text))

    @property
    def agency(self) -> str:
        """The agency that the folder is named after, from its last word on."""
        return self.package.rpartition(".")[2]

    def modules(self) -> Iterator[Path]:
        """Yield every module in it."""
        return (each for each in sorted(self.path.glob("*.py")))

    def project(self) -> dict[str, Any]:
        """Read the project's file; {} without one."""
        if self.root is None:
            return {}
        return tomllib.loads((self.root / PROJECT).read_text(encoding="utf-8"))


def folders(what: str | None) -> list[Folder]:
    """Find the folder of an agency or at a path; all installed ones if nothing is named.

    Raises:
        NoFolderError: there is none.
    """
    if what is not None and Path(what).is_dir() and not _installed().get(what):
        return [_at(Path(what).resolve())]
    found = _installed()
    if what is None:
        return [_of(package) for package in found.values()]
    if what not in found:
        known = ", ".join(found) or "none"
        raise NoFolderError(f"no connector {what}: installed are {known}; or name a folder")
    return [_of(found[what])]


def _installed() -> dict[str, str]:
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return {point.name: point.module for point in points}


def _of(package: str) -> Folder:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise NoFolderError(f"{package} is no package: a connector is a folder with an __init__.py")
    path = Path(next(iter(spec.submodule_search_locations)))
    return Folder(path, package, _root(path))


def _at(path: Path) -> Folder:
    """Name the package by the folders above it that are packages, too."""
    names = [path.name]
    for parent in path.parents:
        if not (parent / "__init__.py").is_file():
            break
        names.insert(0, parent.name)
    return Folder(path, ".".join(names), _root(path))


def _root(path: Path) -> Path | None:
    return next((each for each in path.resolve().parents if (each / PROJECT).is_file()), None)
