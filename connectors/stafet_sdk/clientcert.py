"""Is the TLS client who we know? Its certificate is pinned, several while it is rotated."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from stafet_sdk.errors import InboundRefused


def check_client(shown: bytes | None, pinned: bytes, now: datetime) -> None:
    """Let a client pass that proved (by TLS) one of the `pinned` certificates (PEM); `shown` is DER.

    Raises:
        InboundRefused: `client_certificate_missing` (401), `client_certificate_unknown` or
            `client_certificate_expired` (403).
    """
    if shown is None:
        raise InboundRefused("client_certificate_missing", "show your TLS client certificate", status=401)
    for each in x509.load_pem_x509_certificates(pinned):
        if each.public_bytes(Encoding.DER) == shown:
            if each.not_valid_before_utc <= now <= each.not_valid_after_utc:
                return
            raise InboundRefused(
                "client_certificate_expired", "the TLS client certificate is not valid now", status=403
            )
    raise InboundRefused(
        "client_certificate_unknown", "another TLS client certificate was agreed", status=403
    )
