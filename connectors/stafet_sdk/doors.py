"""How a message over HTTPS proves who sent it, both ways: by signature, or by a token that the sender shows.

A side holds its own secret in the file `<own>`, and what it recognises the other by in `partner_<known>` (at
the hub) or `hub_<known>` (at the agency): one line per key, so that both are known while a key changes.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from stafet_sdk import webhooks
from stafet_sdk.contract import Request
from stafet_sdk.errors import InboundRefused

MOST_KEYS: Final = 4
"""How many keys of one side may be known at once."""

AT_HUB: Final = "partner_"
AT_AGENCY: Final = "hub_"


class Door(Protocol):
    """One way to prove it; `challenge` is what a 401 asks for (RFC 9110).

    `covers_body` says that a proof fits one body only.
    """

    own: str
    known: str
    challenge: str
    covers_body: bool

    def pair(self) -> tuple[bytes, bytes]:
        """Make a new secret, and what the other side recognises it by."""
        ...

    def show(self, message_id: str, body: bytes, own: bytes, now: datetime, /) -> dict[str, str]:
        """Return the headers that prove a message."""
        ...

    def check(self, request: Request, known: bytes, now: datetime, /) -> str | None:
        """Return if a message is proven, with its id if that is proven, too.

        Raises:
            InboundRefused: it is not; status 401.
        """
        ...


class SignedWebhooks:
    """Standard Webhooks, signed with Ed25519 (v1a)."""

    own = "webhook_private"
    known = "webhook_public"
    challenge = 'StandardWebhooks version="v1a"'
    covers_body = True

    def pair(self) -> tuple[bytes, bytes]:
        """Make a `whsk_` key and its `whpk_`."""
        private, public = webhooks.generate_webhook_keys()
        return private.encode(), public.encode()

    def show(self, message_id: str, body: bytes, own: bytes, now: datetime, /) -> dict[str, str]:
        """Sign one attempt by the first key."""
        return webhooks.sign(_lines(own)[0], message_id, now, body)

    def check(self, request: Request, known: bytes, now: datetime, /) -> str | None:
        """Verify by any of the known keys.

        Raises:
            InboundRefused: signature_missing or signature_invalid.
        """
        refused = webhooks.WebhookRefusedError("signature_invalid", "no key is known: give us yours")
        for key in _lines(known):
            try:
                return webhooks.verify(key, request.headers, request.body, now)
            except webhooks.WebhookRefusedError as error:
                refused = error
        raise InboundRefused(refused.code, refused.detail, status=401)


class BearerTokens:
    """Bearer tokens (RFC 6750) over TLS; of the other's token only its SHA-256 is kept, in hex."""

    own = "token_secret"
    known = "token_digest"
    challenge = "Bearer"
    covers_body = False

    def pair(self) -> tuple[bytes, bytes]:
        """Make a token and its digest."""
        token = secrets.token_urlsafe(32).encode()
        return token, digest(token)

    def show(self, message_id: str, body: bytes, own: bytes, now: datetime, /) -> dict[str, str]:
        """Show the first token."""
        del message_id, body, now
        return {"authorization": f"Bearer {_lines(own)[0].decode()}"}

    def check(self, request: Request, known: bytes, now: datetime, /) -> str | None:
        """Compare the token with every known digest.

        Raises:
            InboundRefused: token_missing or token_invalid.
        """
        del now
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise InboundRefused("token_missing", "send the header authorization: Bearer TOKEN", status=401)
        shown = digest(token.strip().encode())
        if not any(hmac.compare_digest(shown, each.lower()) for each in _lines(known)):
            raise InboundRefused("token_invalid", "not a token that is agreed; ask for a new one", status=401)
        return None


def digest(token: bytes) -> bytes:
    """Return what a token is recognised by."""
    return hashlib.sha256(token).hexdigest().encode()


def files(door: Door, *, fetched: bool) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    """Make new files: (the hub's, the agency's); an agency that is `fetched` from proves nothing itself."""
    (ours, our_known), (theirs, their_known) = door.pair(), door.pair()
    at_hub, at_agency = {door.own: ours}, {AT_AGENCY + door.known: our_known}
    if not fetched:
        at_hub[AT_HUB + door.known], at_agency[door.own] = their_known, theirs
    return at_hub, at_agency


def _lines(keys: bytes) -> list[bytes]:
    return keys.split()[:MOST_KEYS]
