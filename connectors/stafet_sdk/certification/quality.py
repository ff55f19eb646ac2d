"""`quality.toml` of a connector: what only people can know, said line by line, with a comment if not done."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Final, cast

FILE: Final = "quality.toml"
AGENCY: Final = "agency"
"""The section of what only the agency can do: told, and no part of a tier."""

_STATUSES: Final = frozenset({"done", "todo", "exempt"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what was done, what is to be, and what need not be, with the comment that says why."""

    status: str
    comment: str = ""

    @property
    def met(self) -> bool:
        """Say whether a tier may count on it."""
        return self.status == "done" or (self.status == "exempt" and bool(self.comment))


Lines = Mapping[str, Mapping[str, Line]]


def read_quality(folder: Traversable) -> dict[str, dict[str, Line]]:
    """Read the file by section and line; {} if there is none.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    read: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        section: {name: _line(said) for name, said in cast("dict[str, Any]", lines).items()}
        for section, lines in read.items()
        if isinstance(lines, dict)
    }


def complaints(found: Lines, wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Say what is wrong with the lines; `wanted` gives the lines of each section."""
    said = [
        f"[{section}] lacks {name}"
        for section, names in wanted.items()
        for name in names
        if name not in found.get(section, {})
    ]
    for section, lines in found.items():
        for name, line in lines.items():
            if name not in wanted.get(section, ()):
                said.append(f"[{section}] {name} is no line of this section")
            elif line.status not in _STATUSES:
                said.append(f"[{section}] {name} must be done, todo or exempt")
            elif line.status != "done" and not line.comment:
                said.append(f"[{section}] {name} is {line.status} without a comment")
    return said


def _line(said: object) -> Line:
    if isinstance(said, dict):
        said = cast("dict[str, Any]", said)
        return Line(str(said.get("status", "")), str(said.get("comment", "")).strip())
    return Line(str(said))
