"""An embedded server whose starter was killed without a word."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

STARTER = Path(__file__).with_name("starter.py")


@contextmanager
def orphan(kind: str, directory: Path) -> Generator[tuple[int, str]]:
    """Start a `kafka` or `postgres` server by a process that is then killed with SIGKILL.

    Yields the server's process id and address; whatever still runs under that id at the end is killed.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(STARTER), kind, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as starter:
        line = starter.stdout.readline() if starter.stdout else ""
        starter.kill()
    pid, address = line.split()
    server = psutil.Process(int(pid))
    try:
        yield server.pid, address
    finally:
        if server.is_running():
            server.kill()
