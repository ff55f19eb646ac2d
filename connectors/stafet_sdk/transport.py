"""HTTPS to partners: one request, one deadline, one answer of bounded size; no redirects, no proxies."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Protocol, Self

from stafet_sdk.calls import Calls, target_of
from stafet_sdk.contract import Connector, Outbound, Partner, Reply
from stafet_sdk.errors import NeedsAction
from stafet_sdk.pace import Pace
from stafet_sdk.tokens import Tokens, wants_token

DEADLINE_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 256 * 1024
MAX_PAGE_BYTES: Final = 1024 * 1024
"""Of the answer to a GET: four times as large, written in another way, it still fits the vault."""

UNAUTHORIZED: Final = 401


class Push(Protocol):
    """What dispatch needs to bring a message to a partner."""

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Deliver one message; the connector judges the answer.

        Raises:
            DeliveryError: there is no whole answer; the subclass says what happens next.
        """
        ...


class HttpPush:
    """Sends to a partner's endpoint by its method, at the partner's pace and with a token where it wants one.

    `trust` has the partners' certificate authority; `deadline_s` covers everything from the first connection
    to the last byte of the answer, so that a dripping partner cannot hold a lane. `now` in
    seconds.
    """

    def __init__(
        self,
        trust: ssl.SSLContext,
        *,
        deadline_s: float = DEADLINE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = Calls(trust)
        self._tokens = Tokens(self._calls, now)
        self._deadline_s = deadline_s
        self._now = now
        self._paces: dict[str, Pace] = {}

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Send and read the answer, whatever its status; header names of the answer are lower case.

        Raises:
            DeliveryError: see `Calls.call`, `target_of` and `Tokens.bearer`.
        """
        if wait_s := self._pace(partner).turn():
            await asyncio.sleep(wait_s)
        until = asyncio.get_running_loop().time() + self._deadline_s
        if wants_token(partner):
            return await self._with_token(outbound, partner, until)
        return await self._call(outbound, partner, until, {})

    async def _with_token(self, outbound: Outbound, partner: Partner, until: float) -> Reply:
        """Call with the token that we have; one that is not accepted any more is renewed, once."""
        token = await self._tokens.bearer(partner, until)
        reply = await self._call(outbound, partner, until, {"authorization": f"Bearer {token}"})
        if reply.status != UNAUTHORIZED:
            return reply
        token = await self._tokens.bearer(partner, until, instead_of=token)
        return await self._call(outbound, partner, until, {"authorization": f"Bearer {token}"})

    async def _call(
        self, outbound: Outbound, partner: Partner, until: float, own: Mapping[str, str]
    ) -> Reply:
        most = MAX_PAGE_BYTES if outbound.method == "GET" else MAX_ANSWER_BYTES
        return await self._calls.call(
            outbound.method,
            target_of(partner.endpoint, outbound.path),
            {**outbound.headers, **own},
            outbound.body,
            partner,
            most=most,
            until=until,
        )

    def _pace(self, partner: Partner) -> Pace:
        if partner.agency not in self._paces:
            self._paces[partner.agency] = Pace(partner.rate_per_s, self._now)
        return self._paces[partner.agency]

    async def close(self) -> None:
        """Close all connections."""
        await self._calls.close()

    async def __aenter__(self) -> Self:
        """Give itself; leaving the block closes all connections."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()


class PushByTransport:
    """Sends by the transport that the manifest of the partner's connector names; `pushes` by its name."""

    def __init__(self, pushes: Mapping[str, Push], connectors: Mapping[str, Connector]) -> None:
        self._pushes = pushes
        self._connectors = connectors

    async def send(self, outbound: Outbound, partner: Partner, /) -> Reply:
        """Send.

        Raises:
            NeedsAction: `no_transport`: there is none of that name here.
            DeliveryError: see the transport.
        """
        push = self._pushes.get(self._connectors[partner.agency].manifest.transport)
        if push is None:
            raise NeedsAction("no_transport")
        return await push.send(outbound, partner)
