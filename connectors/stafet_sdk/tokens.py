"""Access tokens by OAuth 2.0 client credentials, bound to our TLS client certificate.

Sources: RFC 6749 sections 4.4 and 5, RFC 8705 section 2.1 (`tls_client_auth`: the certificate is the secret,
so there is no other), RFC 6750 section 2.1. A partner wants one whose identifiers name its `token_endpoint`;
`client_id` and `scope` (may be empty) are told to it.
"""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

from stafet_sdk.calls import Calls
from stafet_sdk.contract import Partner, Reply
from stafet_sdk.errors import ContractBroken, NeedsAction, Retriable, Unknown
from stafet_sdk.exchange import Address
from stafet_sdk.replies import judge_status

ENDPOINT: Final = "token_endpoint"
MAX_BYTES: Final = 64 * 1024
UNSAID_S: Final = 300.0
"""How long a token is kept whose end is not told; one that ends sooner is renewed when it is refused."""

LONGEST_S: Final = 86_400.0
MARGIN_S: Final = 30.0
_REFUSED: Final = frozenset({400, 401, 403})
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token, and until when it is used, in seconds of the clock that it was read by."""

    value: str
    until: float


class Tokens:
    """Keeps each partner's token until shortly before its end; of several who need one, one fetches it."""

    def __init__(self, calls: Calls, now: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._now = now
        self._kept: dict[str, Token] = {}
        self._renewing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def bearer(self, partner: Partner, until: float, *, instead_of: str = "") -> str:
        """Return a token, another one than `instead_of`, by a time of the loop's clock.

        Raises:
            Retriable: the token endpoint is away or slow, with the causes of `Calls.call`.
            NeedsAction: `token_refused`, `address`, `certificate` or `address_not_allowed`.
            ContractBroken: `token_answer`, or as `judge_status`.
        """
        try:
            async with asyncio.timeout_at(until), self._renewing[partner.agency]:
                kept = self._kept.get(partner.agency)
                if kept is None or kept.value == instead_of or kept.until <= self._now():
                    kept = self._kept[partner.agency] = await self._fetch(partner, until)
                return kept.value
        except TimeoutError:
            raise Retriable("timeout") from None

    async def _fetch(self, partner: Partner, until: float) -> Token:
        try:
            address = Address.of(partner.identifiers[ENDPOINT])
        except ValueError:
            raise NeedsAction("address") from None
        asked_at = self._now()
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        try:
            reply = await self._calls.call(
                "POST", address, headers, _question(partner), partner, most=MAX_BYTES, until=until
            )
        except Unknown as error:
            # A token that nobody fetched does no harm.
            raise Retriable(error.cause) from None
        return read_token(reply, asked_at)


def wants_token(partner: Partner) -> bool:
    """Say whether calls to this partner carry a token."""
    return ENDPOINT in partner.identifiers


def read_token(reply: Reply, asked_at: float) -> Token:
    """Read the answer of a token endpoint.

    Raises:
        NeedsAction: `token_refused`: our certificate, id or scope is not accepted.
        ContractBroken: `token_answer`: there is no Bearer token in it.
        DeliveryError: see `judge_status`.
    """
    if reply.status in _REFUSED:
        raise NeedsAction("token_refused")
    judge_status(reply)
    said = _said(reply.body)
    value, kind = said.get("access_token"), said.get("token_type")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value) or str(kind).lower() != "bearer":
        raise ContractBroken("token_answer")
    lasts = said.get("expires_in", UNSAID_S)
    if not isinstance(lasts, int | float) or not lasts > 0:
        raise ContractBroken("token_answer")
    lasts = min(lasts, LONGEST_S)
    return Token(value, asked_at + lasts - min(MARGIN_S, lasts / 5))


def _question(partner: Partner) -> bytes:
    named = {each: partner.identifiers.get(each, "") for each in ("client_id", "scope")}
    asked = {"grant_type": "client_credentials", **{name: said for name, said in named.items() if said}}
    return urlencode(asked).encode()


def _said(body: bytes) -> dict[str, Any]:
    try:
        read: object = json.loads(body)
    except (ValueError, RecursionError):
        raise ContractBroken("token_answer") from None
    if not isinstance(read, dict):
        raise ContractBroken("token_answer")
    return cast("dict[str, Any]", read)
