"""Who types a command: as the kernel knows it, and not as the environment says, which anybody sets."""

import os
import pwd
from pathlib import Path
from typing import Final

LOGIN: Final = Path("/proc/self/loginuid")
NOBODY: Final = 2**32 - 1
"""What the kernel says where nobody logged in, as in a container."""


def who(login: Path = LOGIN) -> str:
    """Name the account that logged in, which `sudo` does not change; without one, that of the process."""
    uid = _logged_in(login)
    uid = os.getuid() if uid == NOBODY else uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _logged_in(login: Path) -> int:
    try:
        return int(login.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return NOBODY
