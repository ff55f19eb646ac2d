"""Ports of this machine for servers that are told theirs before they start.

A port that the system itself gives for the asking may be anybody's before its server binds it: it gives the
same ones to connections that go out. These lie below them (Linux: from 32768; IANA: from 49152).
"""

import random
import socket
from contextlib import ExitStack
from typing import Final

HOST: Final = "127.0.0.1"
RANGE: Final = range(20_000, 32_768)


def free_port() -> int:
    """Find a TCP port that nobody uses now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Find so many TCP ports that nobody uses now, each another.

    Raises:
        OSError: there are not so many.
    """
    # Drawn by the system, so that processes that begin alike choose apart.
    drawn = random.SystemRandom().sample(RANGE, len(RANGE))
    found: list[int] = []
    with ExitStack() as held:
        for port in drawn:
            try:
                held.enter_context(socket.create_server((HOST, port)))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise OSError(f"fewer than {count} ports of {RANGE.start} to {RANGE.stop - 1} are free")
