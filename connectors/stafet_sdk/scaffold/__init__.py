"""A new connector's files: a whole folder that holds up to `stafet connector check` as it is.

`plan` renders templates and touches nothing; `stafet connector new` writes what it says.
"""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import groupby
from string import Template
from typing import Final

from stafet_sdk.scaffold.kinds import KINDS
from stafet_sdk.scaffold.points import BadOrderError

CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")
TAKEN: Final = frozenset({"hub", "stafet", "unknown", "sdk", "connectors", "test", "tests"})
IN_TREE: Final = "stafet_connectors"
ENTRY_POINTS: Final[Mapping[str, str]] = {
    "stafet.connectors": "connector",
    "stafet.simulators": "simulator:run",
    "stafet.development": "simulator:furnish",
    "stafet.samples": "samples:samples",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: `package` is the dotted name of the new folder.

    Raises:
        BadOrderError: the agency is no code, or there is no scaffold of the transport.
    """

    agency: str
    transport: str
    out_of_tree: bool

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not CODE.fullmatch(self.agency) or keyword.iskeyword(self.agency) or self.agency in TAKEN:
            raise BadOrderError(
                f"{self.agency!r} cannot be an agency's code: 2 to 31 of a-z 0-9 _ that begin with a letter, "
                f"and none of {', '.join(sorted(TAKEN))} or Python's own words"
            )
        if self.transport not in KINDS:
            raise BadOrderError(
                f"there is no scaffold for {self.transport}: choose one of {', '.join(KINDS)}"
            )

    @property
    def package(self) -> str:
        """The dotted name of the folder."""
        return f"stafet_{self.agency}" if self.out_of_tree else f"{IN_TREE}.{self.agency}"

    @property
    def folder(self) -> str:
        """Where the folder is, below the project's."""
        return f"src/{self.package}" if self.out_of_tree else f"connectors/{IN_TREE}/{self.agency}"

    @property
    def points(self) -> Mapping[str, str]:
        """What the agency's entry points lead to, by group."""
        return {
            group: f"{self.package}:{where}" if where == "connector" else f"{self.package}.{where}"
            for group, where in ENTRY_POINTS.items()
        }


def plan(order: Order) -> dict[str, str]:
    """Render all files of an order, by path below the project's folder, but for the golden pairs."""
    kind = KINDS[order.transport]
    words = {
        "agency": order.agency,
        "name": order.agency.replace("_", " ").capitalize(),
        "camel": "".join(part.capitalize() for part in order.agency.split("_")),
        "dashed": order.agency.replace("_", "-"),
        "package": order.package,
        "transport": order.transport,
        "connector": kind.connector,
        "module": kind.module,
        "door": type(kind.door).__name__,
        "door_module": type(kind.door).__module__,
        "content_type": kind.content_type,
        "simulator": kind.simulator.partition(".")[2],
        "simulator_module": kind.simulator.partition(".")[0],
        "samples": kind.samples.partition(".")[2],
        "samples_module": kind.samples.partition(".")[0],
        "means": kind.means,
        "authentication": kind.authentication,
        "keys": ", ".join(f'"{key}"' for key in kind.keys),
        "files": "".join(f"- `{key}`: {what}\n" for key, what in kind.keys.items()),
    }
    tests = "tests" if order.out_of_tree else "tests/connectors"
    places = {
        "page.md": f"docs/how-to/connect-{order.agency}.md",
        "test.py": f"{tests}/test_{order.agency}.py",
    }
    sources = [_templates("json"), _templates(".")]
    if order.out_of_tree:
        sources.append(_templates("project"))
        places |= {"pyproject.toml": "pyproject.toml", "README.md": "README.md"}
    return {
        places.get(name, f"{order.folder}/{name}"): _sorted_imports(Template(text).substitute(words))
        for source in sources
        for name, text in _texts(source)
    }


def _templates(name: str) -> Traversable:
    return resources.files(__name__) / "templates" / name


def _texts(folder: Traversable) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.is_file() and file.name.endswith(".txt"):
            yield file.name.removesuffix(".txt"), file.read_text(encoding="utf-8")


def _sorted_imports(text: str) -> str:
    """Put imports of Stafet's in order: the new package's name decides where it stands."""
    lines = text.splitlines(keepends=True)
    blocks = groupby(lines, key=lambda line: line.startswith("from stafet_"))
    return "".join(line for ours, block in blocks for line in (sorted(block) if ours else block))
