"""What both embedded servers share: one owner per directory, taking over an orphan, waiting, stopping."""

import asyncio
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final, Self

import psutil

from stafet_runtime.embedded.account import Account
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.processes import DirectoryLock, end_process, find_process, open_log, tail

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.02


class EmbeddedServer(ABC):
    """One server process whose data, log (`<name>.log`), `pid` and `lock` live in `directory`.

    It runs in a session of its own: a Ctrl-C or a `kill -9` of the starter does not reach it, and the next
    start in the same directory takes it over if it still answers, or ends it and starts anew.
    """

    name: ClassVar[str]
    signals: ClassVar[tuple[int, ...]]
    """Sent one after the other to stop it, each with its patience; SIGKILL follows."""

    def __init__(self, directory: Path, *, patience: float = STOP_SECONDS) -> None:
        """Name the directory (made at start) and the seconds that each step of a stop may take."""
        self.directory = directory.resolve()
        self._patience = patience
        self._lock = DirectoryLock(self.directory)
        self._process: psutil.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the server, None before `start` and after `stop`."""
        return None if self._process is None else self._process.pid

    @property
    def log(self) -> Path:
        """File that takes what the server prints; the one before it is kept as `<name>.log.1` at 10 MB."""
        return self.directory / f"{self.name}.log"

    async def start(self) -> Self:
        """Return when the server answers; EmbeddedError with the end of its log after 60 s."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        try:
            if not await self._take_over():
                self._child = await self._launch()
                self._process = psutil.Process(self._child.pid)
                (self.directory / "pid").write_text(f"{self.pid}\n", "utf-8")
                await self._wait_until_ready(self._child)
        except BaseException:
            await self.stop()
            raise
        return self

    async def stop(self) -> None:
        """Let the server close its files, else kill it; harmless when it is not running."""
        try:
            if self._process is not None:
                await end_process(self._process, *self.signals, patience=self._patience)
                self._process = None
                (self.directory / "pid").unlink(missing_ok=True)
                self._tidy()
            if self._child is not None:
                self._child.wait()
                self._child = None
        finally:
            self._lock.release()

    async def __aenter__(self) -> Self:
        """Start."""
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    @abstractmethod
    def _marks(self) -> tuple[str, ...]:
        """Arguments on the command line that only a server of this directory has."""

    @abstractmethod
    async def _answers(self) -> bool:
        """Tell, by the server's own protocol, whether it serves this directory's data now."""

    def _tidy(self) -> None:
        """Remove what the ended server leaves outside its directory; nothing, unless a subclass says so."""
        return

    @abstractmethod
    async def _launch(self) -> subprocess.Popen[bytes]:
        """Prepare the directory where needed and start the process."""

    def _spawn(self, command: Sequence[str], account: Account) -> subprocess.Popen[bytes]:
        with open_log(self.log) as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )

    async def _prepare(self, command: Sequence[str], account: Account) -> None:
        """Run a program that lays out the storage; raise EmbeddedError with what it said when it fails."""
        result = await asyncio.to_thread(
            lambda: subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=START_SECONDS,
                cwd="/",
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )
        )
        if result.returncode:
            raise EmbeddedError(
                f"{self.name} could not prepare {self.directory}. Free some disk space or remove that "
                f"directory, then start again. It said:\n{result.stdout}{result.stderr}"
            )

    async def _take_over(self) -> bool:
        """Adopt the server that a killed process left behind, or end it when it does not answer."""
        orphan = find_process(*self._marks())
        if orphan is None:
            return False
        if await self._answers():
            self._process = orphan
            return True
        await end_process(orphan, *self.signals, patience=self._patience)
        return False

    async def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_SECONDS
        while loop.time() < deadline and child.poll() is None:
            if await self._answers():
                return
            await asyncio.sleep(POLL_SECONDS)
        raise EmbeddedError(
            f"{self.name} did not start in {self.directory}. See {self.log}; if the data there has no value, "
            f"remove the directory and start again. The log ends:\n{tail(self.log)}"
        )
