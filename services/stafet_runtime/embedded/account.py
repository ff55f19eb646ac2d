"""The operating system account that PostgreSQL runs under: it refuses to run as root."""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

UNPRIVILEGED: Final = "nobody"


@dataclass(frozen=True)
class Account:
    """Arguments for `subprocess`: numeric user, group and further groups; all None means "as we are"."""

    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None

    def own(self, directory: Path) -> None:
        """Make `directory` closed to everybody but this account."""
        directory.chmod(stat.S_IRWXU)
        if self.user is not None and self.group is not None:
            os.chown(directory, self.user, self.group)


def server_account() -> Account:
    """Return our own account, or the system's unprivileged one when we are root (in a container, mostly)."""
    if os.geteuid() != 0:
        return Account()
    entry = pwd.getpwnam(UNPRIVILEGED)
    return Account(entry.pw_uid, entry.pw_gid, ())


def let_through(account: Account, paths: Iterable[Path]) -> None:
    """Let another account pass the folders above `paths`; pass only: it cannot list what is in them."""
    if account.user is None:
        return
    for folder in {parent for path in paths for parent in path.parents}:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
