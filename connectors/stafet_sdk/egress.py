"""Where the hub may connect to for a partner: the hosts its file names, and no private network by a name.

A name is resolved once for a connection, and the addresses that were checked are those that are connected to:
a name that answers differently the second time (DNS rebinding) gets nothing by it.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from stafet_sdk.contract import Partner
from stafet_sdk.errors import NeedsAction

NOT_ALLOWED: Final = "address_not_allowed"
PORTS: Final = {"https": 443, "sftp": 22}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 6052: a gateway there would bring us to the IPv4 address in the last 32 bits.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


async def connect(host: str, port: int, partner: Partner) -> socket.socket:
    """Open a TCP connection to the first allowed address that takes one.

    Raises:
        NeedsAction: `address_not_allowed`.
        OSError, UnicodeError: the name is not known, or nobody is there.
    """
    refused: OSError = ConnectionRefusedError()
    for address in await resolve(host, port, partner):
        try:
            return await _connected(address, port)
        except OSError as error:
            refused = error
    raise refused


async def resolve(host: str, port: int, partner: Partner) -> Sequence[str]:
    """Return the addresses of a host that the hub may connect to for a partner, at least one.

    Raises:
        NeedsAction: `address_not_allowed`: host and port are not the partner's, or all addresses are private.
        OSError, UnicodeError: the name is not known.
    """
    if (host.lower(), port) not in destinations(partner.endpoint, tuple(partner.egress)):
        raise NeedsAction(NOT_ALLOWED)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [str(each[4][0]) for each in found if is_allowed(str(each[4][0]), partner.networks)]
    if not allowed:
        raise NeedsAction(NOT_ALLOWED)
    return allowed


@lru_cache(maxsize=256)
def destinations(endpoint: str, egress: tuple[str, ...]) -> frozenset[tuple[str, int]]:
    """Read host and port of an endpoint's URL, and of each `host:port` of `egress`.

    Raises:
        ValueError: one of `egress` is not of that form.
    """
    found = {_host_and_port(f"//{each}", None) for each in egress}
    parts = urlsplit(endpoint)
    if parts.scheme in PORTS:
        found.add(_host_and_port(endpoint, PORTS[parts.scheme]))
    return frozenset(found)


def is_allowed(address: str, networks: Sequence[str]) -> bool:
    """Say whether an address is public, or in a network that the partner's file lists.

    Raises:
        ValueError: not an address, or a network not in CIDR form.
    """
    real = _real(ipaddress.ip_address(address))
    return _is_public(real) or any(real in network(each) for each in networks)


@lru_cache(maxsize=256)
def network(text: str) -> Network:
    """Read a network such as `10.0.0.0/8`.

    Raises:
        ValueError: it is none.
    """
    return ipaddress.ip_network(text)


def _host_and_port(url: str, default: int | None) -> tuple[str, int]:
    parts = urlsplit(url)
    port = parts.port or default
    if not parts.hostname or port is None or parts.username is not None or (default is None and parts.path):
        raise ValueError("not a host and a port")
    return parts.hostname, port


def _real(address: Address) -> Address:
    """Take the IPv4 address out of one that only wraps it: it is where the connection would go."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    # Multicast and reserved addresses count as global in `ipaddress`, and so do site-local ones.
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    site = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not odd and not site


async def _connected(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(0)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except BaseException:
        opened.close()
        raise
    return opened
