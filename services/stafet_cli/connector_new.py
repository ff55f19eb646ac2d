"""`stafet connector new`: write a scaffold's files, here or in a project of its own; never over others."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console

from stafet_cli.connector_folder import PROJECT
from stafet_cli.printing import print_line
from stafet_schemas.codes import AGENCIES
from stafet_sdk.discovery import GROUP
from stafet_sdk.scaffold import IN_TREE, Order, plan
from stafet_sdk.scaffold.points import BadOrderError, with_points


def new_command(agency: str, transport: str, out_of_tree: Path | None, output: Console) -> int:
    """Write and say what is next; 0, or 2 if nothing was written."""
    try:
        order = Order(agency, transport, out_of_tree is not None)
        _refuse_known(agency)
        root = project() if out_of_tree is None else out_of_tree.resolve()
        written = write(order, root)
    except BadOrderError as error:
        print_line(output, str(error))
        return 2
    for path in written:
        print_line(output, f"wrote {path}")
    for line in _next_steps(order, root):
        print_line(output, line)
    return 0


def write(order: Order, root: Path) -> list[str]:
    """Write an order's files below a project's folder; return their paths.

    Raises:
        BadOrderError: something of the kind is there: then nothing is written.
    """
    files = plan(order)
    if not order.out_of_tree:
        files[PROJECT] = _extended(root, order)
    there = [path for path in (*files, f"{order.folder}/golden") if (root / path).exists()]
    there = [path for path in there if path != PROJECT or order.out_of_tree]
    if there:
        raise BadOrderError(
            f"{', '.join(there)} in {root}: there already, and nothing is written over. "
            "Choose another code or folder, or move that away"
        )
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return [*files, *record_golden(order, root)]


def project() -> Path:
    """Find the project whose connectors these are.

    Raises:
        BadOrderError: Stafet is installed without its project.
    """
    spec = find_spec(IN_TREE)
    for place in spec.submodule_search_locations or () if spec else ():
        root = Path(place).parents[1]
        if (root / PROJECT).is_file():
            return root
    raise BadOrderError("Stafet is installed here without its project: say --out-of-tree FOLDER")


def _refuse_known(agency: str) -> None:
    if entry_points(group=GROUP, name=agency):
        raise BadOrderError(f"a connector of {agency} is installed: change that, or choose another code")


def _extended(root: Path, order: Order) -> str:
    """Give the project's file with the entry points, having made sure that nothing else changes.

    Raises:
        BadOrderError: it cannot be added to.
    """
    before = (root / PROJECT).read_text(encoding="utf-8")
    expected: dict[str, Any] = tomllib.loads(before)
    points = expected.get("project", {}).get("entry-points", {})
    if any(order.agency in points.get(group, {}) for group in order.points):
        raise BadOrderError(f"{PROJECT} in {root} has entry points of {order.agency}: choose another code")
    after = with_points(before, order.agency, order.points)
    for group, value in order.points.items():
        points[group][order.agency] = value
    if tomllib.loads(after) != expected:
        raise BadOrderError(f"{PROJECT} in {root} cannot be added to safely: add the entry points by hand")
    return after


def record_golden(order: Order, root: Path) -> list[str]:
    """Write the golden pairs, by a process of its own: this one may know another package of that name."""
    folder = root / order.folder
    paths = (str(folder.parents[order.package.count(".")]), *sys.path)
    command = [sys.executable, "-m", "stafet_sdk.certification.recording", order.package]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=True)
    return sorted(str(each.relative_to(root)) for each in (folder / "golden").iterdir())


def _next_steps(order: Order, root: Path) -> list[str]:
    if order.out_of_tree:
        where = f"in {root}: uv pip install --no-deps --no-build-isolation --no-index --editable ."
    else:
        where = f"in {root}: make setup-dev (its entry points are new)"
    said = [
        where,
        f"then: stafet connector check {order.agency}; stafet connector certify {order.agency}",
        f"yours to change, in {order.folder}: manifest.toml, mapping.py, samples.py, quality.toml",
    ]
    if order.agency not in AGENCIES.codes:
        said.append(
            f"{order.agency} is no agency of the hub yet: its operator adds a routing rule and a mandate, "
            "see docs/how-to/add-an-agency.md"
        )
    return said
