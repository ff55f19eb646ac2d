"""`stafet simulate`: one agency's system as a process of its own, on the sockets the hub's files name."""

import asyncio
import contextlib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from stafet_cli.stopping import stop_signal
from stafet_runtime.logging import configure_logging
from stafet_runtime.partners import load_partners
from stafet_sdk.discovery import connectors
from stafet_sdk.simulator import SimulatorOptions

GROUP: Final = "stafet.simulators"

_WAYS: Final = {
    "sftp": "leaves files there, which the hub fetches",
    "http-poll": "tells the hub there, which asks for what is new",
}
"""How the hub hears of agencies that do not send to its inbox, by transport."""


class Simulator(Protocol):
    """What the entry point of an agency's simulator offers."""

    async def __call__(self, options: SimulatorOptions, /) -> None:
        """Run until cancelled."""
        ...


class UnknownSimulatorError(Exception):
    """There is no simulator, or no configured partner, of that name."""


def find(agency: str) -> Simulator:
    """Load an agency's simulator.

    Raises:
        UnknownSimulatorError: none of that name is installed; the message names those that are.
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    if agency not in points:
        raise UnknownSimulatorError(f"no simulator {agency}: there are {', '.join(sorted(points))}")
    loaded: Simulator = points[agency].load()
    return loaded


def own_port(home: Path, agency: str) -> int:
    """Read where the hub expects the agency's system.

    Raises:
        UnknownSimulatorError: the hub below `home` has no such partner.
        PartnerError: its files are wrong.
    """
    partners = load_partners(home, connectors())
    if agency not in partners:
        raise UnknownSimulatorError(
            f"no partner {agency} below {home}: start the hub once, or run `stafet init`"
        )
    return urlsplit(partners[agency].endpoint).port or 443


def introduction(options: SimulatorOptions) -> str:
    """Say where an agency's system listens, and how what it says comes to the hub."""
    connector = connectors().get(options.agency)
    transport = "" if connector is None else connector.manifest.transport
    way = _WAYS.get(transport, f"sends to {options.inbox}")
    return f"{options.agency} listens on port {options.port} and {way}"


def drop_port(home: Path, agency: str) -> int | None:
    """Read where the hub expects the files that the agency leaves beside its messages.

    None if nowhere, or if `home` is the agency's own, which has no file of the hub's about it.
    """
    partner = load_partners(home, connectors()).get(agency)
    return urlsplit(partner.drop).port if partner and partner.drop else None


async def simulate(options: SimulatorOptions) -> None:
    """Run an agency's simulator until SIGINT or SIGTERM; raise what ends it before."""
    configure_logging()
    stop = stop_signal()
    running = asyncio.create_task(find(options.agency)(options))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if running.done():
        running.result()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
