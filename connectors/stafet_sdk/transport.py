"""HTTPS push to partners: one POST, one deadline, one answer of bounded size; no redirects, no proxies."""

import asyncio
import ssl
from types import TracebackType
from typing import Final, Protocol, Self

import httpx

from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import ContractBroken, NeedsAction, Retriable

DEADLINE_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 256 * 1024

# As many are kept as may be open: a new one costs a TLS handshake, more than all else of a delivery.
_CONNECTIONS: Final = httpx.Limits(max_connections=8, max_keepalive_connections=8, keepalive_expiry=4.0)


class Push(Protocol):
    """What dispatch needs to bring a message to a partner."""

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Deliver one message; the connector judges the answer.

        Raises:
            DeliveryError: there is no whole answer; the subclass says what happens next.
        """
        ...


class HttpPush:
    """Sends by POST to a partner's endpoint, over a client per partner: none starves another.

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
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Send and read the answer, whatever its status; header names of the answer are lower case.

        Raises:
            Retriable: `timeout`, `connect` or `broken_answer`.
            NeedsAction: `certificate` (not trusted, or ours refused) or `address` (no https URL).
            ContractBroken: `answer_too_large`.
        """
        url = partner.endpoint + outbound.path
        if not url.startswith("https://"):
            raise NeedsAction("address")
        # What httpx says may quote the partner's bytes, so its errors go no further than their kind.
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._exchange(url, outbound, self._client(partner.agency))
        except (TimeoutError, httpx.TimeoutException):
            raise Retriable("timeout") from None
        except httpx.ConnectError as error:
            raise (NeedsAction("certificate") if _is_certificate(error) else Retriable("connect")) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            raise NeedsAction("address") from None
        except httpx.TransportError:
            raise Retriable("broken_answer") from None

    async def _exchange(self, url: str, outbound: Outbound, client: httpx.AsyncClient) -> Reply:
        # Identity and raw reading: a compressed answer could unpack to far more than was counted.
        headers = {**outbound.headers, "accept-encoding": "identity"}
        async with client.stream("POST", url, headers=headers, content=outbound.body) as answer:
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > self._max_answer_bytes:
                    raise ContractBroken("answer_too_large")
            return Reply(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, bytes(body))

    def _client(self, agency: str) -> httpx.AsyncClient:
        if agency not in self._clients:
            self._clients[agency] = httpx.AsyncClient(
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                # A handshake that our own deadline cuts off would leave its socket to the garbage collector;
                # httpx closes it when its time-out is the first to strike.
                timeout=httpx.Timeout(self._deadline_s, connect=self._deadline_s / 3),
                limits=_CONNECTIONS,
            )
        return self._clients[agency]

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def __aenter__(self) -> Self:
        """Give itself; leaving the block closes all connections."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()


def _is_certificate(error: BaseException) -> bool:
    """Look for a TLS complaint about a certificate in an error's chain."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
