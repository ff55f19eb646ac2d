"""Private agencies beside Refuge, one for each other transport, exactly as they are scaffolded."""

from pathlib import Path
from typing import Final

import pytest

from stafet_sdk.freeports import free_port
from tests.cli.scaffolding import private, register

NEIGHBOURS: Final = {
    "neighbour_push": "http-push",
    "neighbour_poll": "http-poll",
    "neighbour_files": "sftp",
    "neighbour_soap": "soap",
}
SOAP: Final = {agency for agency, transport in NEIGHBOURS.items() if transport == "soap"}
NAMED: Final = {"refuge", *NEIGHBOURS}


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all of them installed."""
    for agency, transport in NEIGHBOURS.items():
        private(folder / agency, agency, transport)
        register(folder / agency, monkeypatch)


def endpoints(ports: dict[str, int]) -> dict[str, str]:
    """Say where each agency receives."""
    return {
        agency: f"{'sftp' if NEIGHBOURS.get(agency) == 'sftp' else 'https'}://127.0.0.1:{port}"
        for agency, port in ports.items()
    }


def ports() -> dict[str, int]:
    """Choose a port for each."""
    return {agency: free_port() for agency in sorted(NAMED)}
