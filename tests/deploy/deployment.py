"""The containers of docker-compose.yml as processes here: started, asked and stopped as an engine does."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.deploy.compose import IMAGE_HOME, Container, Ports, environment, read, seconds, translated

PROGRAM: Final = (sys.executable, "-S", "-m", "stafet_cli")
"""The image's entry point; without `site`, which would add the project's own folders to the modules."""
SHARED: Final = "files"
"""The volume that `setup` fills and everybody sees parts of."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a deployment's things are: a folder to work in, the installed modules, and the two servers.

    `outside` is the environment that every process gets; `servers` replaces the file's Kafka and PostgreSQL.
    """

    folder: Path
    outside: Mapping[str, str]
    servers: Mapping[str, str]

    @property
    def files(self) -> Path:
        """The shared volume."""
        return self.folder / SHARED

    @property
    def logs(self) -> Path:
        """What all processes wrote, a file each."""
        return self.folder / "logs"

    def home(self, name: str) -> Path:
        """The home of one container: only what is mounted there."""
        return self.folder / "homes" / name


@dataclass(slots=True)
class Deployment:
    """Everything of the file that runs the project's own image."""

    places: Places
    containers: Mapping[str, Container] = field(default_factory=read)
    ports: Ports = field(default_factory=Ports)
    running: dict[str, Process] = field(default_factory=dict[str, Process])
    healthy: set[str] = field(default_factory=set[str])

    async def up(self, *profiles: str) -> None:
        """Start what belongs to no profile or to a named one, each as soon as what it waits for is there."""
        wanted = {
            name: each
            for name, each in self.containers.items()
            if each.own and (not each.profiles or not set(profiles).isdisjoint(each.profiles))
        }
        there = {name: asyncio.Event() for name in wanted}
        async with asyncio.TaskGroup() as group:
            for name, each in wanted.items():
                before = [there[other] for other in each.depends_on if other in there]
                group.create_task(self._bring_up(name, before, there[name]))

    async def _bring_up(self, name: str, before: Sequence[asyncio.Event], there: asyncio.Event) -> None:
        for each in before:
            await each.wait()
        if name not in self.running:
            await self.start(name)
        if self.containers[name].restart == "no":
            await self._until_completed(name)
        elif self.containers[name].check is not None and name not in self.healthy:
            await self.until_healthy(name)
        there.set()

    async def _until_completed(self, name: str) -> None:
        if await _code(self.running.pop(name)):
            raise ChildProcessError(f"{name} has failed: {self.log(name)[-2000:]}")

    async def start(self, name: str, *more: str) -> None:
        """Start one container's process, with more options than the file has."""
        self.running[name] = await self.run(name, (*self.containers[name].command, *more))

    async def run(self, name: str, command: Sequence[str]) -> Process:
        """Start the image's entry point in a container, with its environment, its folders and its log."""
        home = self._mounted(name)
        self.places.logs.mkdir(exist_ok=True)
        container = self.containers[name]
        own = environment(
            name, container, self.places.servers, lambda text: self._translate(text, name), self.ports
        )
        with (self.places.logs / f"{name}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *PROGRAM, *(self._translate(each, name) for each in command),
                cwd=home, env={**self.places.outside, **own}, stdin=DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _translate(self, text: str, name: str) -> str:
        return translated(text, name, self.places.home(name), self.ports)

    def _mounted(self, name: str) -> Path:
        """Make a home of links to exactly what the container mounts of the shared volume."""
        home = self.places.home(name)
        if home.exists():
            return home
        home.parent.mkdir(parents=True, exist_ok=True)
        container = self.containers[name]
        if f"{SHARED}:{IMAGE_HOME}" in container.volumes:
            self.places.files.mkdir()
            home.symlink_to(self.places.files)
            return home
        home.mkdir()
        for each in container.mounts:
            source = self.places.files / each.subpath
            if not source.is_dir():
                raise FileNotFoundError(f"{name} mounts {each.subpath}, which setup did not make")
            link = home / Path(each.target).relative_to(IMAGE_HOME)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source)
        return home

    async def until_healthy(self, name: str) -> None:
        """Ask by the container's own health check until it succeeds; an ended process is an error."""
        check = self.containers[name].check
        if check is None:
            raise LookupError(f"{name} has no health check")
        _, _, *command = check.test
        await asyncio.sleep(seconds(check.start_interval))
        while (code := await _code(await self.run(name, command))) != 0:
            if self.running[name].returncode is not None:
                raise ChildProcessError(f"{name} has ended: {self.log(name)[-2000:]}")
            if code != 1:
                raise ChildProcessError(f"the health check of {name} broke: {self.log(name)[-2000:]}")
            await asyncio.sleep(seconds(check.start_interval))
        self.healthy.add(name)

    def log(self, name: str) -> str:
        """Return what a container's processes have written."""
        return (self.places.logs / f"{name}.log").read_text("utf-8")

    def ended(self) -> list[str]:
        """Name the containers whose process has ended by itself."""
        return [name for name, each in self.running.items() if each.returncode is not None]

    def changed_read_only(self, before: Mapping[str, bytes]) -> list[str]:
        """Name the files of the shared volume that nobody may change and that are not as they were."""
        open_to_some = tuple(
            f"{each.subpath}/"
            for one in self.containers.values()
            for each in one.mounts
            if not each.read_only
        )
        now = contents(self.places.files)
        changed = {path for path in {*before, *now} if before.get(path) != now.get(path)}
        return sorted(path for path in changed if not path.startswith(open_to_some))

    def written_outside_mounts(self) -> list[str]:
        """Name what stands in the homes besides mounts: an engine's containers could not have written it."""
        homes = self.places.folder / "homes"
        return sorted(str(each.relative_to(homes)) for each in homes.rglob("*") if each.is_file())

    async def kill(self, name: str) -> None:
        """End a process at once, as a crash does."""
        process = self.running.pop(name)
        self.healthy.discard(name)
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def down(self, names: Collection[str] = ()) -> dict[str, int]:
        """Ask processes to end (all, if none is named), as the engine does; returns their exit codes."""
        leaving = {name: self.running.pop(name) for name in names or list(self.running)}
        for each in leaving.values():
            if each.returncode is None:
                each.send_signal(signal.SIGTERM)
        return {name: await self._gone(name, each) for name, each in leaving.items()}

    async def _gone(self, name: str, process: Process) -> int:
        grace = seconds(self.containers[name].stop_grace_period)
        try:
            async with asyncio.timeout(grace):
                return await process.wait()
        except TimeoutError:
            process.kill()
            return await process.wait()


async def _code(process: Process) -> int:
    """Wait for a process's exit code; whoever is cancelled while it waits leaves no process behind."""
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def deploying(places: Places) -> AsyncGenerator[Deployment]:
    """Offer a deployment whose processes have all ended at the end."""
    deployment = Deployment(places)
    try:
        yield deployment
    finally:
        for name in list(deployment.running):
            await deployment.kill(name)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path there, links followed."""
    found = (Path(path, name) for path, _, names in os.walk(folder, followlinks=True) for name in names)
    return {str(each.relative_to(folder)): each.read_bytes() for each in found}
