"""docker-compose.yml as this machine's processes need it: read strictly, with names and ports of one machine.

A key that is not a field below is an error, so that nothing stands in the file that nobody looked at.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from stafet_runtime.settings import HubSettings
from stafet_sdk.freeports import free_port

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docker-compose.yml"
IMAGE_HOME: Final = "/var/lib/stafet"
LISTENING: Final = ("gateway_port", "vault_port", "console_port", "health_port")
VARIABLE: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
ADDRESS: Final = re.compile(r"//([a-z]+):(\d+)")
OWN_PORT: Final = re.compile(r"^--port=(\d+)$")


class Strict(BaseModel):
    """A part of the file that has these keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(Strict):
    """What a container waits for at another one."""

    condition: str


class Healthcheck(Strict):
    """How the engine asks whether a container is well; times as the file says them, such as `30s`."""

    test: tuple[str, ...] = ()
    interval: str = ""
    timeout: str = ""
    start_period: str = ""
    start_interval: str = ""
    retries: int = 0
    disable: bool = False


class Mount(Strict):
    """A folder of a volume at a place in a container."""

    type: str
    source: str
    target: str
    read_only: bool = False
    volume: Mapping[str, str]

    @property
    def subpath(self) -> str:
        """The folder inside the volume."""
        return self.volume["subpath"]


class Container(Strict):
    """One service of the file."""

    image: str
    build: Mapping[str, str] = {}
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    restart: str = ""
    init: bool = False
    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    stop_grace_period: str = ""
    depends_on: Mapping[str, Condition] = {}
    healthcheck: Healthcheck | None = None
    volumes: tuple[Mount | str, ...] = ()
    ports: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Say whether it runs the project's image."""
        return bool(self.build)

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """The folders that it sees of the shared volume."""
        return tuple(each for each in self.volumes if isinstance(each, Mount))

    @property
    def check(self) -> Healthcheck | None:
        """Its health check, if it has one that is not switched off."""
        return None if self.healthcheck is None or self.healthcheck.disable else self.healthcheck


def read(path: Path = FILE) -> dict[str, Container]:
    """Read every service of the file, with `${NAME:-default}` replaced by the default."""
    services = yaml.safe_load(path.read_text("utf-8"))["services"]
    return TypeAdapter(dict[str, Container]).validate_python(_interpolated(services))


def _interpolated(value: object) -> object:
    """Replace in every text, after the file is parsed, as the engine does: an empty text stays a text."""
    match value:
        case str():
            return VARIABLE.sub(lambda found: found[2] or "", value)
        case list():
            return [_interpolated(each) for each in cast("list[object]", value)]
        case dict():
            return {key: _interpolated(each) for key, each in cast("dict[str, object]", value).items()}
        case _:
            return value


def seconds(said: str) -> int:
    """Read a time such as `30s`."""
    return int(said.removesuffix("s"))


class Ports:
    """A free port of this machine for each port of each container, the same each time it is asked for."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, int], int] = {}

    def of(self, container: str, port: int) -> int:
        """Return where a container's port is on this machine."""
        while (container, port) not in self._given:
            free = free_port()
            if free not in self._given.values():
                self._given[container, port] = free
        return self._given[container, port]


def translated(text: str, container: str, home: Path, ports: Ports) -> str:
    """Replace what only a container has: its addresses, its own port, all interfaces and the image's home."""
    text = ADDRESS.sub(lambda found: f"//127.0.0.1:{ports.of(found[1], int(found[2]))}", text)
    text = OWN_PORT.sub(lambda found: f"--port={ports.of(container, int(found[1]))}", text)
    return text.replace("0.0.0.0", "127.0.0.1").replace(IMAGE_HOME, str(home))  # noqa: S104 - replaced, not listened on


def environment(
    name: str, container: Container, servers: Mapping[str, str], translate: Callable[[str], str], ports: Ports
) -> dict[str, str]:
    """Return a container's environment on this machine.

    `servers` replaces what the file says of Kafka and PostgreSQL, for those that it tells. Containers have
    a network each and processes share one, so that every listener gets a port of its own.
    """
    said = {key: translate(value) for key, value in container.environment.items()}
    known: Mapping[str, str] = servers if "STAFET_KAFKA" in said else {}
    fields = HubSettings.model_fields
    listening = {f"STAFET_{each.upper()}": str(ports.of(name, fields[each].default)) for each in LISTENING}
    return {**said, **known, **listening}
