"""A scaffold in a folder of its own, and what an installer would leave behind of it."""

import importlib
import io
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from stafet_cli.connector_new import write
from stafet_sdk.scaffold import Order

ROOT = Path(__file__).parents[2]


def project_like_this(root: Path) -> Path:
    """Begin a project with this one's pyproject.toml and package of connectors, but none of them."""
    package = "connectors/stafet_connectors/__init__.py"
    for path in ("pyproject.toml", package):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes((ROOT / path).read_bytes())
    return root


def private(root: Path, agency: str, transport: str) -> Path:
    """Scaffold a project of its own; return the connector's folder."""
    order = Order(agency, transport, out_of_tree=True)
    write(order, root)
    return root / order.folder


def register(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a project's package and entry points found until the end of the test."""
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = root / "src" / f"{project['name'].replace('-', '_')}-0.1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n", encoding="utf-8"
    )
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {where}\n" for name, where in points.items())
        for group, points in project["entry-points"].items()
    )
    (told / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(root / "src"), *sys.path])
    importlib.invalidate_caches()


def heard(command: Callable[[Console], int]) -> tuple[int, str]:
    """Run a command; the exit code and what was printed."""
    said = io.StringIO()
    code = command(Console(file=said, width=200))
    return code, said.getvalue()


def contents(root: Path) -> dict[str, bytes]:
    """Read every file below a folder, by path."""
    found = (each for each in root.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    return {str(each.relative_to(root)): each.read_bytes() for each in found}


def change(file: Path, old: str, new: str) -> None:
    """Change a text in a file where it stands."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
