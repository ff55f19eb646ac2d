"""Calls to partners over HTTPS: allowed addresses only, our certificate where one is asked for, one deadline.

What fails is named by what happens next and goes no further than its kind: its text may quote the partner.
"""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Final

import h11

from stafet_sdk import egress
from stafet_sdk.contract import Partner, Reply
from stafet_sdk.errors import NOBODY_THERE, ContractBroken, NeedsAction, Retriable, Unknown
from stafet_sdk.exchange import Address, Call, ConnectError, Connections, Trip
from stafet_sdk.tls import Credentials, credentials_for, is_about_certificate

_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})


@lru_cache(maxsize=256)
def target_of(endpoint: str, path: str) -> Address:
    """Read where a message goes: `path` below a partner's endpoint, or a whole URL at the same origin.

    Raises:
        NeedsAction: `address`: the endpoint is no https URL.
        ContractBroken: `foreign_origin`: the path (maybe out of a link of the partner's) leads elsewhere.
    """
    try:
        home = Address.of(endpoint)
    except ValueError:
        raise NeedsAction("address") from None
    try:
        found = Address.of(path if path.startswith("https:") else endpoint + path)
    except ValueError:
        raise ContractBroken("foreign_origin") from None
    if found.origin != home.origin:
        raise ContractBroken("foreign_origin")
    return found


class Calls:
    """Makes them, over connections per partner and server: none starves another."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self._credentials: dict[str, Credentials] = {}
        self._connections: dict[tuple[str, str, int], Connections] = {}

    async def call(
        self,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        body: bytes,
        partner: Partner,
        *,
        most: int,
        until: float,
    ) -> Reply:
        """Send and read the answer, whatever its status, until a time of the loop's clock.

        Header names of the answer are lower case; its body has at most `most` bytes.

        Raises:
            Retriable: `timeout`, `connect` or `broken_answer`; the partner has not the whole request.
            Unknown: `timeout` or `broken_answer`; it may have it.
            NeedsAction: `certificate`, `address` (not a host's name) or `address_not_allowed`.
            ContractBroken: `answer_too_large` or `compressed_answer`.
        """
        # Identity: a compressed answer could unpack to far more than was counted.
        own = {"host": address.authority, **headers, "accept-encoding": "identity"}
        if body or method not in _WITHOUT_BODY:
            own["content-length"] = str(len(body))
        asked = Call(method, address.target, own.items(), body, most)
        trip = Trip()
        try:
            async with asyncio.timeout_at(until):
                return await self._connections_to(address, partner).exchange(asked, trip)
        except TimeoutError:
            raise _no_answer("timeout", trip) from None
        except ConnectError as error:
            raise _no_connection(error.__cause__) from None
        except (OSError, h11.RemoteProtocolError) as error:
            if is_about_certificate(error):
                raise NeedsAction("certificate") from None
            raise _no_answer("broken_answer", trip) from None

    async def close(self) -> None:
        """Close all connections."""
        connections, self._connections = self._connections, {}
        for each in connections.values():
            await each.close()

    def _connections_to(self, address: Address, partner: Partner) -> Connections:
        if partner.agency not in self._credentials:
            self._credentials[partner.agency] = credentials_for(self._trust, partner)
        own = self._credentials[partner.agency]
        own.check(datetime.now(UTC))
        key = (partner.agency, *address.origin)
        if key not in self._connections:
            connect = partial(egress.connect, *address.origin, partner)
            self._connections[key] = Connections(own.context, address.host, connect)
        return self._connections[key]


def _no_answer(cause: str, trip: Trip) -> Retriable:
    return Unknown(cause) if trip.left else Retriable(cause)


def _no_connection(cause: BaseException | None) -> NeedsAction | Retriable:
    if is_about_certificate(cause):
        return NeedsAction("certificate")
    if isinstance(cause, UnicodeError):
        return NeedsAction("address")
    return Retriable(NOBODY_THERE)
