"""Install the hotline's connector as somebody outside would: a package of its own with entry points."""

import importlib
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

HERE = "tests.sdk.hotline"
PACKAGE = "stafet_hotline"
GROUPS = {
    "stafet.connectors": "{0}:connector",
    "stafet.samples": "{0}.samples:samples",
    "stafet.simulators": "{0}.simulator:run",
    "stafet.development": "{0}.simulator_keys:furnish",
}


def put_on_path(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is installed in a folder found until the end of the test."""
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    importlib.invalidate_caches()


def register(site: Path, package: str = HERE) -> Path:
    """Write what `pip` leaves behind of a package; returns the folder to put on the path."""
    told = site / f"{package.replace('.', '_')}-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8"
    )
    lines = (f"[{group}]\nhotline = {where.format(package)}\n" for group, where in GROUPS.items())
    (told / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return site


def install(site: Path, package: str = PACKAGE, changes: Mapping[str, str] | None = None) -> Path:
    """Copy the connector under another name, with texts changed in its modules, and register it."""
    folder = site / package
    shutil.copytree(Path(__file__).parent / "hotline", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for module in folder.glob("*.py"):
        text = module.read_text(encoding="utf-8").replace(HERE, package)
        for old, new in (changes or {}).items():
            text = text.replace(old, new)
        module.write_text(text, encoding="utf-8")
    return register(site, package)
