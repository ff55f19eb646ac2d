"""The rules of `stafet connector check`: each reads a folder and says what is wrong, without running it."""

import ast
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from pydantic import ValidationError

from stafet_cli.connector_folder import Folder
from stafet_sdk.certification.golden import lonely
from stafet_sdk.certification.quality import FILE as QUALITY
from stafet_sdk.certification.quality import complaints, read_quality
from stafet_sdk.certification.tiers import wanted_lines
from stafet_sdk.purity import impurities

NEEDED: Final = (
    "__init__.py", "manifest.toml", "mapping.py", "quality.toml", "samples.py", "simulator.py", "golden",
)  # fmt: skip
NOWHERE: Final = frozenset({"utils", "helpers", "common", "manager", "misc"})
GROUPS: Final = ("stafet.connectors", "stafet.samples", "stafet.simulators", "stafet.development")
MODULE_MAX: Final = 350
FUNCTION_MAX: Final = 60

Rule = Callable[[Folder], Iterator[str]]


def manifest(folder: Folder) -> Iterator[str]:
    """It can be read, is named as the folder, and says what it reads and writes."""
    try:
        found = folder.manifest
    except ValidationError as error:
        for each in error.errors(include_input=False):
            yield f"manifest.toml: {'.'.join(map(str, each['loc']))}: {each['msg']}"
        return
    except (OSError, ValueError) as error:
        yield f"manifest.toml cannot be read ({type(error).__name__}): copy a sibling's and fill it in"
        return
    if folder.agency != found.agency and not folder.agency.endswith(f"_{found.agency}"):
        yield f"manifest.toml: agency {found.agency} is not what the folder {folder.agency} is named after"
    empty = [name for name in ("name", "owner", "legal_basis", "docs") if not getattr(found, name).strip()]
    empty += [name for name in ("consumes", "produces") if not getattr(found, name)]
    for name in empty:
        yield f"manifest.toml: {name} says nothing"


def names(folder: Folder) -> Iterator[str]:
    """The files of the house are there, and none has a name that says nothing."""
    for name in NEEDED:
        if not (folder.path / name).exists():
            yield f"{name} is missing: see a sibling's"
    for module in folder.modules():
        if module.stem in NOWHERE:
            yield f"{module.name}: name it after what it is about"


def quality(folder: Folder) -> Iterator[str]:
    """It has every line that people vouch for, and no other."""
    try:
        found = read_quality(folder.path)
    except tomllib.TOMLDecodeError:
        yield f"{QUALITY} is no TOML"
        return
    yield from (f"{QUALITY}: {each}" for each in complaints(found, wanted_lines()))
    wanted = [section for section in wanted_lines() if section in found]
    if [section for section in found if section in wanted] != wanted:
        yield f"{QUALITY}: sections go in the order {', '.join(wanted)}"


def page(folder: Folder) -> Iterator[str]:
    """The page that the manifest names is there."""
    name = _said(folder, "docs")
    if folder.root is not None and name and not (folder.root / name).is_file():
        yield f"{name} is missing: write how the agency is connected"


def points(folder: Folder) -> Iterator[str]:
    """Every entry point of its agency is registered and leads into the folder."""
    agency = _said(folder, "agency") or folder.agency
    for group in GROUPS:
        value = _registered(folder, group, agency)
        if not value:
            yield f'no entry point {agency} in [project.entry-points."{group}"]'
        elif value.partition(":")[0] != folder.package and not value.startswith(f"{folder.package}."):
            yield f"the entry point {agency} in {group} leads out of {folder.package}"


def pure(folder: Folder) -> Iterator[str]:
    """The mapping asks neither clock nor chance nor machine."""
    for module in folder.modules():
        if module.stem == "mapping" and (tree := _tree(folder, module.name)) is not None:
            found = impurities(tree)
            if found:
                yield f"{module.name} calls {', '.join(found)}: take clock, ids and values as arguments"


def size(folder: Folder) -> Iterator[str]:
    """Modules and functions fit the house's budget, and can be read as Python."""
    for module in folder.modules():
        lines = len(module.read_text(encoding="utf-8").splitlines())
        if lines > MODULE_MAX:
            yield f"{module.name} has {lines} lines: at most {MODULE_MAX}"
        tree = _tree(folder, module.name)
        if tree is None:
            yield f"{module.name} is no Python"
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_MAX:
                    yield f"{module.name}: {node.name} has {length} lines: at most {FUNCTION_MAX}"


def golden(folder: Folder) -> Iterator[str]:
    """There are golden pairs both ways, and no halves."""
    where = folder.path / "golden"
    found = [each.name for each in where.glob("*")] if where.is_dir() else []
    if not any(".draft.json" in name for name in found):
        yield "golden/ has no NAME.message.* with NAME.draft.json"
    if not any(".release.json" in name for name in found):
        yield "golden/ has no NAME.release.json with NAME.outbound.*"
    yield from (f"golden/{name} has no other half" for name in lonely(where))


RULES: Final[Mapping[str, Rule]] = {
    "manifest": manifest,
    "names": names,
    "quality": quality,
    "page": page,
    "entry points": points,
    "pure": pure,
    "size": size,
    "golden": golden,
}


def _said(folder: Folder, name: str) -> str:
    """Read one text of the manifest, whatever else is wrong with it; "" if it is not there."""
    try:
        read: dict[str, Any] = tomllib.loads((folder.path / "manifest.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(read.get(name, ""))


def _registered(folder: Folder, group: str, agency: str) -> str:
    project = folder.project().get("project", {})
    declared: Mapping[str, Mapping[str, str]] = project.get("entry-points", {})
    if declared:
        return declared.get(group, {}).get(agency, "")
    installed = entry_points(group=group, name=agency)
    return next((point.value for point in installed), "")


def _tree(folder: Folder, name: str) -> ast.AST | None:
    try:
        return ast.parse((folder.path / name).read_text(encoding="utf-8"))
    except SyntaxError:
        return None
