"""The pinned jars of the Kafka broker, kept in a per-user cache; the network is needed once."""

import hashlib
import os
import shutil
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.progress import show_progress

MIRROR: Final = "STAFET_MAVEN_MIRROR"
MARKER: Final = "verified"
THREADS: Final = 8
ATTEMPTS: Final = 3
READ_TIMEOUT: Final = 30


@dataclass(frozen=True)
class Jar:
    """One file of a Maven repository: its `group:artifact:version` and the SHA-256 of its bytes (hex)."""

    coordinate: str
    sha256: str

    @property
    def name(self) -> str:
        """File name as published, `artifact-version.jar`; unique in the list."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


@dataclass(frozen=True)
class JarList:
    """What one Kafka version needs on its class path."""

    version: str
    jars: tuple[Jar, ...]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all digests: changes whenever a pin does."""
        return hashlib.sha256("\n".join(jar.sha256 for jar in self.jars).encode()).hexdigest()


class ChecksumError(EmbeddedError):
    """A jar's bytes are not the pinned ones; it was not put into the cache."""


def read_jar_list() -> JarList:
    """Return the pins of `jars.toml`, in class path order."""
    data = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("jars.toml").read_text("utf-8"))
    pins = data["sha256"] | data["logging"]
    jars = tuple(Jar(coordinate, sha256) for coordinate, sha256 in pins.items())
    return JarList(data["version"], jars)


def jar_directory(version: str) -> Path:
    """Return the per-user cache of one Kafka version: XDG cache on Linux, `Library/Caches` on macOS."""
    return user_cache_path("stafet", appauthor=False) / "kafka" / version


def verified(directory: Path, wanted: JarList) -> bool:
    """Tell without reading the jars whether all were checked before and are still there in full length."""
    try:
        digest, *lines = (directory / MARKER).read_text("utf-8").splitlines()
        sizes = dict(line.rsplit(" ", 1) for line in lines)
        return digest == wanted.digest and all(
            (directory / jar.name).stat().st_size == int(sizes[jar.name]) for jar in wanted.jars
        )
    except (OSError, KeyError, ValueError):
        return False


def ensure_jars(
    directory: Path | None = None, wanted: JarList | None = None, mirror: str | None = None
) -> list[Path]:
    """Return the paths of all jars, fetching and checking those that are missing.

    `mirror` (default: environment STAFET_MAVEN_MIRROR) is the base URL of a repository to use instead of
    Maven Central. Raises EmbeddedError when it cannot be reached, ChecksumError for a file unlike its pin.
    """
    wanted = wanted or read_jar_list()
    directory = directory or jar_directory(wanted.version)
    if not verified(directory, wanted):
        _fetch_missing(directory, wanted, mirror or os.environ.get(MIRROR))
        _write_marker(directory, wanted)
    return [directory / jar.name for jar in wanted.jars]


def _fetch_missing(directory: Path, wanted: JarList, mirror: str | None) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in wanted.jars if not _matches(directory / jar.name, jar)]
    with (
        show_progress(f"Kafka {wanted.version} jars", len(missing)) as advance,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        tasks = [pool.submit(_fetch, jar, directory, mirror) for jar in missing]
        try:
            for task in as_completed(tasks):
                advance(task.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _fetch(jar: Jar, directory: Path, mirror: str | None) -> int:
    """Put one checked jar into place in a single rename; return its size in bytes."""
    staging = Path(tempfile.mkdtemp(prefix=".partial-", dir=directory))
    try:
        found = _download(jar, staging, mirror)
        if not _matches(found, jar):
            raise ChecksumError(
                f"{jar.name} does not have the pinned SHA-256 and was refused. If {MIRROR} is set, that "
                f"mirror serves another file: unset it or have it repaired, then run the same command again."
            )
        size = found.stat().st_size
        found.replace(directory / jar.name)
        return size
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _download(jar: Jar, staging: Path, mirror: str | None) -> Path:
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - slow to import, and needed once per user

    group, artifact, version = jar.coordinate.split(":")
    problem: Exception | None = None
    for attempt in range(ATTEMPTS):
        # A fresh folder each time: the resolver would take a file cut short for the whole one.
        context = MavenContext(
            repo_cache=staging / str(attempt),
            local_repos=[],
            remote_repos={"mirror": mirror} if mirror else None,
            resolver=PythonResolver(),
            timeout=READ_TIMEOUT,
        )
        try:
            return context.project(group, artifact).at_version(version).artifact().resolve()
        except (OSError, RuntimeError) as error:
            problem = error
    raise EmbeddedError(_unavailable(jar, staging.parent, problem)) from problem


def _unavailable(jar: Jar, directory: Path, problem: Exception | None) -> str:
    return (
        f"{jar.name} could not be fetched ({type(problem).__name__}). The Kafka jars are fetched once. "
        f"Connect to the network and run the same command again (what came is kept), or set {MIRROR} to "
        f"your organisation's mirror of Maven Central, or copy the jars from another machine's cache into "
        f"{directory}: they are checked."
    )


def _matches(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def _write_marker(directory: Path, wanted: JarList) -> None:
    lines = [f"{jar.name} {(directory / jar.name).stat().st_size}" for jar in wanted.jars]
    with tempfile.NamedTemporaryFile("w", dir=directory, delete=False, encoding="utf-8") as stream:
        stream.write("\n".join([wanted.digest, *lines]) + "\n")
    Path(stream.name).replace(directory / MARKER)
