"""`stafet up` and `stafet run`: the hub in this process until it is told to stop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog
from rich.console import Console

from stafet_cli.credentials import OPERATOR, Files, Wanted, announce, create
from stafet_cli.hub import prepare, running, servers
from stafet_cli.stopping import stop_signal
from stafet_runtime.host import HEALTH
from stafet_runtime.logging import configure_logging
from stafet_runtime.settings import SERVICES, HubSettings
from stafet_runtime.tracing import configure_tracing

SIMULATOR_PORTS: Final[Mapping[str, int]] = {
    "police": 8453,
    "redcross": 8454,
    "shelter": 8455,
    "immigration": 8456,
}
DROP_PORTS: Final[Mapping[str, int]] = {"police": 8457}
"""Where those leave files that send messages, too."""
FILE_SERVERS: Final = frozenset({"shelter"})
"""Agencies that have a server of files: they get and leave everything there, and post nothing to the hub."""
ASKED: Final = frozenset({"immigration"})
"""Those that post nothing here either: the hub asks them what changed."""
LOGS: Final = "logs"

_log = structlog.get_logger()


def local_endpoints(ports: Mapping[str, int] = SIMULATOR_PORTS) -> dict[str, str]:
    """Say where the simulators of this machine listen, by agency."""
    return {
        agency: f"{'sftp' if agency in FILE_SERVERS else 'https'}://127.0.0.1:{port}"
        for agency, port in ports.items()
    }


def local_drops(ports: Mapping[str, int] = DROP_PORTS) -> dict[str, str]:
    """Say where the simulators of this machine leave files beside their messages, by agency."""
    return {agency: f"sftp://127.0.0.1:{port}" for agency, port in ports.items()}


async def up(settings: HubSettings, console: Console) -> None:
    """Start everything on this machine, say where it is, and stay until SIGINT or SIGTERM."""
    with open_log(settings.home):
        stop = stop_signal()
        create(settings.home, Wanted(local_endpoints(), drops=local_drops()))
        console.print("starting Kafka and PostgreSQL ...")
        async with servers(settings) as complete:
            await prepare(complete)
            async with running(complete) as ports:
                _say(complete, ports, console)
                await stop.wait()
                console.print("stopping: running work ends first ...")


async def run(settings: HubSettings, names: Sequence[str]) -> None:
    """Run some services alone, on the servers that the settings name, until SIGINT or SIGTERM."""
    configure_logging()
    provider = configure_tracing(names[0] if len(names) == 1 else "hub", settings.otlp)
    stop = stop_signal()
    async with running(settings, names) as ports:
        for name, port in ports.items():
            _log.info("listening", service=name, port=port)
        await stop.wait()
    if provider is not None:
        provider.shutdown()


def open_log(home: Path) -> "_Log":
    """Send this process's log to `<home>/logs/hub.jsonl` while the block runs."""
    return _Log(home / LOGS / "hub.jsonl")


class _Log:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Path:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a", encoding="utf-8", buffering=1)
        configure_logging(stream=self._file)
        return self._path

    def __exit__(self, *_: object) -> None:
        configure_logging()
        self._file.close()


def _say(settings: HubSettings, ports: Mapping[str, int], console: Console) -> None:
    address = f"http://{settings.host}:{ports['console']}"
    announce(settings.home, address)
    inbound = f"https://{settings.host}:{ports['gateway']}/agencies"
    senders = sorted(SIMULATOR_PORTS.keys() - FILE_SERVERS - ASKED)
    lines = (
        ("console", f"{address}/   user {OPERATOR}, password {Files(settings.home).console_password()}"),
        ("inbound", ", ".join(f"{inbound}/{agency}/inbox" for agency in senders)),
        ("health", f"http://{settings.host}:{ports[HEALTH]}/health/ready"),
        ("kafka", settings.kafka),
        ("postgres", settings.postgres),
        ("files", f"{settings.home} (keys, certificates, partners, logs)"),
        ("services", ", ".join(SERVICES)),
    )
    for name, text in lines:
        console.print(f"{name:<10}{text}", markup=False, highlight=False, soft_wrap=True)
    console.print("ready; Ctrl-C stops it", markup=False)
