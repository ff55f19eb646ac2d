"""The project's own files, as guards look at them: parsed once, paths relative to the root with `/`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
CODE: Final = ("schemas", "connectors", "services")
NOT_OURS: Final = frozenset({"__pycache__", "build", "dist", "var", "node_modules"})
HIDDEN_BUT_OURS: Final = frozenset({".ci", ".github", ".gitignore", ".importlinter"})


@dataclass(frozen=True)
class Module:
    """A Python file: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders and the file's name without its ending; a package is its folder."""
        parts = Path(self.path).with_suffix("").parts
        return parts[:-1] if parts[-1] == "__init__" else parts


def parsed(text: str, path: str = "seeded.py") -> Module:
    """Parse a text as if it stood at `path`: how a rule is tested."""
    return Module(path, text, ast.parse(text))


@cache
def modules(*tops: str) -> tuple[Module, ...]:
    """Parse every Python file below the top folders; all of our code when none is named."""
    found = (file for top in tops or CODE for file in files(top) if file.suffix == ".py")
    return tuple(
        parsed(file.read_text(encoding="utf-8"), file.relative_to(ROOT).as_posix()) for file in found
    )


def files(top: str = "") -> Iterator[Path]:
    """Find every file below a top folder (or the root) that is ours, in a fixed order."""
    for each in sorted((ROOT / top).iterdir()) if (ROOT / top).is_dir() else ():
        if not _ours(each):
            continue
        if each.is_dir():
            yield from files(each.relative_to(ROOT).as_posix())
        else:
            yield each


def _ours(path: Path) -> bool:
    if path.name in NOT_OURS or path.name.endswith(".egg-info") or path.is_symlink():
        return False
    return not path.name.startswith(".") or path.name in HIDDEN_BUT_OURS


def services() -> list[str]:
    """Name the services: the folders of `services/stafet` that are packages."""
    return sorted(each.parent.name for each in (ROOT / "services/stafet").glob("*/__init__.py"))


def agencies() -> list[str]:
    """Name the agencies: the folders of `connectors/stafet_connectors` that are packages."""
    return sorted(each.parent.name for each in (ROOT / "connectors/stafet_connectors").glob("*/__init__.py"))


def dotted(node: ast.AST) -> str:
    """Write `a.b.c` for a chain of names, `?.c` where only the end is one, nothing for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value) or '?'}.{node.attr}"
    return ""


def calls(module: Module) -> Iterator[ast.Call]:
    """Find every call in a module."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
