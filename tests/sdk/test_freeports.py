"""Ports for servers that are told theirs before they start."""

import socket
from pathlib import Path
from typing import Final

import pytest

from stafet_sdk import freeports
from stafet_sdk.freeports import free_port, free_ports

GIVEN_BY_LINUX: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")


class TestFreePorts:
    def test_are_each_another_and_can_be_bound(self) -> None:
        found = free_ports(20)

        assert len(set(found)) == 20
        for port in found:
            socket.create_server(("127.0.0.1", port)).close()

    @pytest.mark.skipif(not GIVEN_BY_LINUX.exists(), reason="only Linux says which ports it gives away")
    def test_are_none_that_the_system_gives_to_connections(self) -> None:
        lowest = int(GIVEN_BY_LINUX.read_text("ascii").split()[0])

        assert max(free_ports(100)) < lowest

    def test_are_none_that_a_server_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second = sorted(free_ports(2))
        monkeypatch.setattr(freeports, "RANGE", range(first, second + 1, second - first))

        with socket.create_server(("127.0.0.1", first)):
            assert free_port() == second

    def test_that_are_not_there_are_missed_with_a_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        port = free_port()
        monkeypatch.setattr(freeports, "RANGE", range(port, port + 1))

        with pytest.raises(OSError, match=f"fewer than 2 ports of {port} to {port} are free"):
            free_ports(2)
