"""`stafet demo` as a process of its own that a test may kill; what it leaves behind is cleared away."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from stafet_cli.demo import state as states

REFERRALS: Final = 40
SEED: Final = 3
LOOK_S: Final = 0.01

Report = dict[str, Any]


class Demo:
    """The demo in one folder; it may be started several times."""

    def __init__(self, folder: Path) -> None:
        self._home = folder / "home"
        self._report = folder / "report.json"
        self._said = folder / "said.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again."""
        order = [
            f"--referrals={REFERRALS}",
            f"--seed={SEED}",
            f"--home={self._home}",
            f"--report={self._report}",
        ]
        with self._said.open("ab") as said:
            command = [sys.executable, "-m", "stafet_cli", "demo", *order]
            self._process = subprocess.Popen(command, stdout=said, stderr=said)

    async def report(self) -> Report:
        """Wait for its end, which must be a good one, and read its report."""
        while self._running():  # noqa: ASYNC110 - another process, no event tells
            await asyncio.sleep(LOOK_S)
        assert self._code() == 0, self._said.read_text(encoding="utf-8")
        found: Report = json.loads(self._report.read_text(encoding="utf-8"))
        return found

    async def kill_when(self, moment: Callable[["Demo"], bool]) -> None:
        """Kill it at a moment, by SIGKILL; it must not have come to its end before."""
        while not moment(self):
            assert self._running(), self._said.read_text(encoding="utf-8")
            await asyncio.sleep(LOOK_S)
        self._kill()
        assert not self._report.exists()

    def lines(self, agency: str, kind: str, **facts: object) -> int:
        """Count what an agency wrote down of a kind."""
        path = self._home / agency / "record.jsonl"
        whole = path.read_bytes() if path.exists() else b""
        entries = (json.loads(line) for line in whole[: whole.rfind(b"\n") + 1].splitlines())
        return sum({"kind": kind, **facts}.items() <= each.items() for each in entries)

    def delivered(self) -> int:
        """Count the notices that the Red Cross took."""
        return self.lines("redcross", "received", part="notice", repeated=False)

    def clear(self) -> None:
        """End the demo, its simulators and its servers, whichever still run, and nothing else."""
        self._kill()
        if (self._home / states.FILE).exists():
            found = states.load(self._home)
            if found is not None:
                states.end_simulators(found)
        for process in psutil.process_iter():
            try:
                if any(str(self._home) in argument for argument in process.cmdline()):
                    process.kill()
            except psutil.Error:
                continue

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _code(self) -> int | None:
        return None if self._process is None else self._process.returncode

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@asynccontextmanager
async def demos(folder: Path) -> AsyncGenerator[Demo]:
    """Give a demo that leaves nothing running, also when the test fails."""
    demo = Demo(folder)
    try:
        yield demo
    finally:
        await asyncio.to_thread(demo.clear)
