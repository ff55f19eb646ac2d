"""HTTPS push to partners: one POST, one deadline, one answer of bounded size; no redirects, no proxies."""

import asyncio
import ssl
from types import TracebackType
from typing import Final, Protocol, Self

import h11

from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import NeedsAction, Retriable
from stafet_sdk.exchange import Address, ConnectError, Connections

DEADLINE_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 256 * 1024


class Push(Protocol):
    """What dispatch needs to bring a message to a partner."""

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Deliver one message; the connector judges the answer.

        Raises:
            DeliveryError: there is no whole answer; the subclass says what happens next.
        """
        ...


class HttpPush:
    """Sends by POST to a partner's endpoint, over connections per partner: none starves another.

    `tls` trusts the partners' certificate authority; `deadline_s` covers everything from connecting to the
    last byte of the answer, so that a dripping partner cannot hold a lane.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        *,
        deadline_s: float = DEADLINE_S,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._tls = tls
        self._deadline_s = deadline_s
        self._max_answer_bytes = max_answer_bytes
        self._partners: dict[str, Connections] = {}

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Send and read the answer, whatever its status; header names of the answer are lower case.

        Raises:
            Retriable: `timeout`, `connect` or `broken_answer`.
            NeedsAction: `certificate` (not trusted, or ours refused) or `address` (no https URL).
            ContractBroken: `answer_too_large`.
        """
        try:
            address = Address.of(partner.endpoint + outbound.path)
        except ValueError:
            raise NeedsAction("address") from None
        # Identity: a compressed answer could unpack to far more than was counted.
        headers = {
            "host": address.authority,
            **outbound.headers,
            "content-length": str(len(outbound.body)),
            "accept-encoding": "identity",
        }
        connections = self._connections(partner.agency)
        # What is said of a failure may quote the partner's bytes, so it goes no further than its kind.
        try:
            async with asyncio.timeout(self._deadline_s):
                return await connections.post(address, headers.items(), outbound.body, self._max_answer_bytes)
        except TimeoutError:
            raise Retriable("timeout") from None
        except ConnectError as error:
            raise _no_connection(error.__cause__) from None
        except UnicodeError:
            raise NeedsAction("address") from None
        except (OSError, h11.RemoteProtocolError):
            raise Retriable("broken_answer") from None

    def _connections(self, agency: str) -> Connections:
        if agency not in self._partners:
            self._partners[agency] = Connections(self._tls)
        return self._partners[agency]

    async def close(self) -> None:
        """Close all connections."""
        partners, self._partners = self._partners, {}
        for each in partners.values():
            await each.close()

    async def __aenter__(self) -> Self:
        """Give itself; leaving the block closes all connections."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()


def _no_connection(cause: BaseException | None) -> NeedsAction | Retriable:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NeedsAction("certificate")
    return Retriable("connect")
