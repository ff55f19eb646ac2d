"""Messages that are not proven by their headers: by a login at a server of files, or inside an envelope."""

import secrets
from datetime import datetime

from stafet_sdk.contract import Request
from stafet_sdk.errors import InboundRefused


class ProvenElsewhere:
    """What proves a message is not in its headers: its connector checks that itself."""

    own = ""
    known = ""
    challenge = "Stafet"
    covers_body = True

    def pair(self) -> tuple[bytes, bytes]:
        """Make what stands for both in samples, where nobody logs in."""
        return secrets.token_hex(16).encode(), b"known " + secrets.token_hex(16).encode()

    def show(self, message_id: str, body: bytes, own: bytes, now: datetime, /) -> dict[str, str]:
        """Show nothing."""
        del message_id, body, own, now
        return {}

    def check(self, request: Request, known: bytes, now: datetime, /) -> str | None:
        """Refuse what comes in another way.

        Raises:
            InboundRefused: always.
        """
        del request, known, now
        raise InboundRefused("not_proven", "this agency's messages come in another way", status=401)


class PinnedServer(ProvenElsewhere):
    """A server of files that the hub logs in to by its SSH key and knows by the host keys that are pinned."""

    own = "ssh_key"
    known = "known_hosts"


class SignedEnvelopes(ProvenElsewhere):
    """SOAP envelopes signed by WS-Security, by certificates that are pinned."""

    own = "hub_key"
    known = "certificate"
