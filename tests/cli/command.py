"""The command line as a person meets it: a process, its exit code and what it says."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOTS = ("schemas", "connectors", "services")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; `said` is everything it wrote."""

    code: int
    said: str


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without settings of Stafet, but with some."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("STAFET_")}
    root = Path(__file__).parents[2]
    return {**inherited, "PYTHONPATH": os.pathsep.join(str(root / each) for each in ROOTS), **own}


def stafet(*arguments: str, **settings: str) -> Ended:
    """Run a command to its end, with settings of the environment, such as `STAFET_KAFKA`."""
    command = [sys.executable, "-m", "stafet_cli", *arguments]
    done = subprocess.run(
        command, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, timeout=50,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout)


def loaded_by(module: str) -> set[str]:
    """Name the top-level packages that a fresh interpreter has loaded after it imported a module."""
    program = f"import {module}, sys; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment({}), capture_output=True, text=True, check=True)
    return {each.split(".")[0] for each in done.stdout.split()}
