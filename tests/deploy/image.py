"""deploy/Dockerfile: its instructions, and what it installs, made from only the files that it copies."""

import compileall
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.deploy.compose import ROOT

FILE: Final = ROOT / "deploy" / "Dockerfile"


class Instruction(NamedTuple):
    """One instruction: `RUN`, and what stands behind it on one line."""

    name: str
    text: str


def instructions(path: Path = FILE) -> list[Instruction]:
    """Read a Dockerfile, continued lines joined, comments left out."""
    lines = (line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def of(name: str, found: Sequence[Instruction]) -> list[str]:
    """Return the texts of all instructions of a name, in their order."""
    return [each.text for each in found if each.name == name]


def words(text: str) -> list[str]:
    """Read an instruction in its JSON form."""
    read: list[str] = json.loads(text)
    return read


def copied(found: Sequence[Instruction]) -> dict[str, str]:
    """Return what is copied from the project into the image that builds: path of the project, place there."""
    pairs: dict[str, str] = {}
    for text in of("COPY", found):
        if text.startswith("--from="):
            continue
        *sources, target = shlex.split(text)
        folder = target.endswith("/")
        pairs |= {each: str(Path(target, Path(each).name)) if folder else target for each in sources}
    return pairs


def install(workspace: Path) -> Path:
    """Build the wheel from the copied files alone and unpack it; returns the folder to import from."""
    source, wheels, unpacked = workspace / "src", workspace / "wheels", workspace / "site"
    for path, target in copied(instructions()).items():
        _copy(ROOT / path, source / target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [wheel] = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(unpacked)
    compileall.compile_dir(unpacked, quiet=2)
    return unpacked


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def outside_environment(unpacked: Path) -> dict[str, str]:
    """Return what a process has besides its container's environment: where programs and modules are."""
    libraries = dict.fromkeys(sysconfig.get_path(each) for each in ("purelib", "platlib"))
    modules = os.pathsep.join([str(unpacked), *libraries])
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": modules, "PYTHONDONTWRITEBYTECODE": "1"}
