"""What a demo must remember to go on after a `kill -9`: its order, its ports, its simulators' processes."""

import asyncio
import shutil
from pathlib import Path
from typing import Final, Self

import psutil
from pydantic import BaseModel, ConfigDict

from stafet_sdk.freeports import free_ports

FILE: Final = "demo.json"
PORTS: Final = ("gateway", "console", "health", "police", "redcross", "shelter", "immigration", "drop")


class DemoHomeError(Exception):
    """The folder holds something that is not a demo's."""


class DemoState(BaseModel):
    """Kept in `<home>/demo.json`; `simulators` holds process ids by agency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    referrals: int
    seed: int
    ports: dict[str, int]
    simulators: dict[str, int] = {}
    finished: bool = False

    def save(self, home: Path) -> Self:
        """Write it down, whole or not at all."""
        home.mkdir(parents=True, exist_ok=True)
        fresh = home / f"{FILE}.new"
        fresh.write_text(self.model_dump_json(), encoding="utf-8")
        fresh.replace(home / FILE)
        return self


def load(home: Path) -> DemoState | None:
    """Read what an earlier demo in this folder left; None if there was none.

    Raises:
        DemoHomeError: the folder is not empty and not a demo's.
    """
    path = home / FILE
    if path.exists():
        return DemoState.model_validate_json(path.read_text(encoding="utf-8"))
    if home.exists() and any(home.iterdir()):
        raise DemoHomeError(f"{home} is not empty and no demo's: name another folder with --home")
    return None


def clear(home: Path) -> None:
    """Remove a finished demo's files; its servers and simulators must have ended."""
    shutil.rmtree(home, ignore_errors=True)


def choose_ports() -> dict[str, int]:
    """Choose a free port of this machine for everything that listens."""
    return dict(zip(PORTS, free_ports(len(PORTS)), strict=True))


async def listens(port: int) -> bool:
    """Say whether something on this machine takes connections there."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def end_simulators(state: DemoState) -> None:
    """End what a killed demo left running: only processes that are simulators, as ids are used again."""
    for agency, pid in state.simulators.items():
        try:
            process = psutil.Process(pid)
            if {"simulate", agency} <= set(process.cmdline()):
                process.kill()
                process.wait(5)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
