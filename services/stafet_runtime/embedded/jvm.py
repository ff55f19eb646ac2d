"""The command line of the broker's Java."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stafet_runtime.embedded.jars import JarList, ensure_jars, jar_directory, read_jar_list
from stafet_runtime.embedded.java import Java, find_java

MEMORY: Final = ("-Xmx192m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOGGING: Final = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
ARCHIVES_SINCE: Final = 25
# Java 25 says for a few call adapters that it makes them anew instead of taking them from the archive.
QUIET: Final = ("-Xlog:aot*=error",)


def java_command(extra: Sequence[str] = ()) -> list[str]:
    """Return `java`, its flags and the class path; fetches the jars when they are missing.

    The class archive of `archive.py` is used when there is one for this Java and these jars; not with `extra`
    flags, which are for making it.
    """
    wanted, java = read_jar_list(), find_java()
    jars = ensure_jars(wanted=wanted)
    archive = archive_path(java, wanted)
    shared = (
        [f"-XX:AOTCache={archive}", *QUIET] if archive is not None and archive.exists() and not extra else []
    )
    return [str(java.path), *MEMORY, *LOGGING, *shared, *extra, "-cp", os.pathsep.join(map(str, jars))]


def archive_path(java: Java, wanted: JarList) -> Path | None:
    """Return where the class archive for this Java and these jars belongs, None if Java cannot make one."""
    if java.version < ARCHIVES_SINCE:
        return None
    return jar_directory(wanted.version) / f"classes-{java.release}-{wanted.digest[:12]}.aot"
