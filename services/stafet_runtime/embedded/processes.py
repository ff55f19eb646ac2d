"""Finding, claiming and ending server processes that may have outlived the process that started them."""

import asyncio
import fcntl
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import psutil

from stafet_runtime.embedded.errors import EmbeddedError

POLL_SECONDS: Final = 0.05
LOG_BYTES: Final = 10_000_000


class DirectoryLock:
    """The claim of one Stafet process on a server's directory; the kernel ends it with that process."""

    def __init__(self, directory: Path) -> None:
        """Prepare the claim; nothing is touched before `acquire`."""
        self._path = directory / "lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the claim or raise EmbeddedError if a living process holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise EmbeddedError(
                f"{self._path.parent} is in use by another running Stafet. Stop that one, or choose another "
                f"directory with STAFET_HOME."
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the claim back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def find_process(*arguments: str) -> psutil.Process | None:
    """Return the running process whose command line has all `arguments`.

    The command line names the server's own directory, so this also finds a server whose starter was killed
    before it could note the process id, and never a stranger that got a reused process id.
    """
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
        except psutil.Error:
            continue
        if all(argument in command for argument in arguments) and alive(process):
            return process
    return None


def alive(process: psutil.Process) -> bool:
    """Tell whether the process still runs; one that only waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def end_process(process: psutil.Process, *signals: int, patience: float) -> None:
    """Send each signal in turn, wait up to `patience` seconds after each, then SIGKILL; return when gone."""
    for number in signals:
        _send(process, number)
        if await until(lambda: not alive(process), patience):
            return
    for member in [*_children(process), process]:
        _send(member, signal.SIGKILL)
    await until(lambda: not alive(process), patience)


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for `condition`, looking every 50 ms; return whether it came true within `seconds`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def open_log(path: Path) -> BinaryIO:
    """Open a server's log for appending, putting a long one aside as `<name>.1`."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log file without stack frames, empty when there is none."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join([line for line in text.splitlines() if not line.startswith("\tat ")][-lines:])


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _send(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
