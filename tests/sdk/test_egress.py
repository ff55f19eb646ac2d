"""Where the hub may connect to for a partner, by names that resolve as badly as a test says."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from stafet_sdk.contract import Partner
from stafet_sdk.egress import connect, destinations, is_allowed, resolve
from stafet_sdk.errors import NeedsAction
from tests.fakes.partner_server import LOOPBACK

PRIVATE = Partner("shelter", "sftp://files.example", {}, {})
Found = list[tuple[int, int, int, str, tuple[str, int]]]


class Resolver:
    """Answers with the addresses that are next in turn; `asked` counts."""

    def __init__(self, *turns: list[str]) -> None:
        self._turns = list(turns)
        self.asked = 0

    async def __call__(self, _host: str, port: int, **_: object) -> Found:
        """Resolve."""
        self.asked += 1
        return [(0, 0, 0, "", (each, port)) for each in self._turns.pop(0)]


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> Callable[[Resolver], Resolver]:
    """Have the running loop ask a resolver of the test's."""

    def install(resolver: Resolver) -> Resolver:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver)
        return resolver

    return install


class TestIsAllowed:
    @pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
    def test_a_public_address_is(self, address: str) -> None:
        assert is_allowed(address, ())

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
            "169.254.169.254", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
            "::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "fec0::1",
            "2001:db8::1",
            # What wraps an address leads to it.
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
        ],
    )  # fmt: skip
    def test_any_other_is_not(self, address: str) -> None:
        assert not is_allowed(address, ())

    def test_unless_its_network_is_listed(self) -> None:
        networks = ("127.0.0.0/8", "fd00::/8")
        assert is_allowed("127.8.8.8", networks)
        assert is_allowed("::ffff:127.0.0.1", networks)
        assert is_allowed("fd12::1", networks)
        assert not is_allowed("10.0.0.1", networks)


class TestDestinations:
    def test_are_the_endpoint_and_what_is_listed(self) -> None:
        found = destinations("https://API.example/v1", ("token.example:8443", "[2001:db8::5]:9"))
        assert found == {("api.example", 443), ("token.example", 8443), ("2001:db8::5", 9)}

    def test_know_the_port_of_sftp(self) -> None:
        assert destinations("sftp://files.example/drop", ()) == {("files.example", 22)}

    def test_are_none_of_an_endpoint_of_another_kind(self) -> None:
        assert destinations("http://files.example", ()) == frozenset()

    @pytest.mark.parametrize(
        "wrong", ["host", "host:", ":80", "host:99999", "user@host:80", "host:80/path", ""]
    )
    def test_must_be_host_and_port(self, wrong: str) -> None:
        with pytest.raises(ValueError, match=r"host|[Pp]ort"):
            destinations("https://a.example", (wrong,))


class TestResolve:
    async def test_gives_the_addresses_of_a_host_of_the_partner(
        self, resolving: Callable[[Resolver], Resolver]
    ) -> None:
        resolving(Resolver(["93.184.215.14", "93.184.215.15"]))
        assert await resolve("Files.example", 22, PRIVATE) == ["93.184.215.14", "93.184.215.15"]

    async def test_leaves_out_the_private_ones(self, resolving: Callable[[Resolver], Resolver]) -> None:
        resolving(Resolver(["10.0.0.1", "93.184.215.14"]))
        assert await resolve("files.example", 22, PRIVATE) == ["93.184.215.14"]

    async def test_asks_about_no_host_that_is_not_the_partners(
        self, resolving: Callable[[Resolver], Resolver]
    ) -> None:
        resolver = resolving(Resolver(["93.184.215.14"]))
        for host, port in (("other.example", 22), ("files.example", 23)):
            with pytest.raises(NeedsAction, match="address_not_allowed"):
                await resolve(host, port, PRIVATE)
        assert resolver.asked == 0

    async def test_refuses_a_name_that_leads_home(self) -> None:
        for host in ("localhost", "127.0.0.1", "2130706433", "0x7f.1"):
            partner = replace(PRIVATE, endpoint=f"https://{host}:8443")
            with pytest.raises(NeedsAction, match="address_not_allowed"):
                await resolve(host, 8443, partner)


class TestConnect:
    async def test_connects_to_the_address_that_was_checked_whatever_the_name_says_next(
        self, resolving: Callable[[Resolver], Resolver]
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            resolver = resolving(Resolver(["127.0.0.1"], ["127.0.0.2"]))
            partner = replace(PRIVATE, egress=(f"rebind.example:{port}",), networks=LOOPBACK)
            opened = await connect("rebind.example", port, partner)
            assert opened.getpeername() == ("127.0.0.1", port)
            opened.close()
        assert resolver.asked == 1

    async def test_tries_one_address_after_the_other(self, resolving: Callable[[Resolver], Resolver]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            resolving(Resolver(["127.0.0.9", "127.0.0.1"]))
            partner = replace(PRIVATE, egress=(f"two.example:{port}",), networks=LOOPBACK)
            opened = await connect("two.example", port, partner)
            assert opened.getpeername() == ("127.0.0.1", port)
            opened.close()

    async def test_says_what_the_last_one_said(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        partner = replace(PRIVATE, egress=(f"127.0.0.1:{port}",), networks=LOOPBACK)
        with pytest.raises(ConnectionRefusedError):
            await connect("127.0.0.1", port, partner)
