"""The TLS context for a partner: whom the hub trusts, and its own certificate where the partner wants one."""

import os
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cryptography import x509

from stafet_sdk.contract import Partner
from stafet_sdk.errors import NeedsAction

KEY: Final = "tls_key"
CERTIFICATE: Final = "tls_certificate"
"""Key files of a partner, PEM: the hub's client certificate (chain) towards it, and its private key."""

# What OpenSSL calls a partner's alert about our certificate; in TLS 1.3 it comes after the handshake.
_ALERTS: Final = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the hub shows itself to a partner; `until` is when its own certificate ends, None without one."""

    context: ssl.SSLContext
    until: datetime | None = None

    def check(self, now: datetime) -> None:
        """Look at the end of our own certificate: many servers hang up over it without a word.

        Raises:
            NeedsAction: `certificate`: it has ended.
        """
        if self.until is not None and now >= self.until:
            raise NeedsAction("certificate")


def credentials_for(trust: ssl.SSLContext, partner: Partner) -> Credentials:
    """Make a partner's: with `trust` itself, or with the same authorities and our certificate for it.

    Raises:
        NeedsAction: `certificate`: one of the two files is missing, or they do not belong together.
    """
    if KEY not in partner.keys and CERTIFICATE not in partner.keys:
        return Credentials(trust)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(trust.get_ca_certs(binary_form=True)))
    context.verify_flags = trust.verify_flags
    try:
        _load(context, partner.keys[CERTIFICATE], partner.keys[KEY])
        own = x509.load_pem_x509_certificate(partner.keys[CERTIFICATE])
    except (KeyError, ValueError, ssl.SSLError):
        raise NeedsAction("certificate") from None
    return Credentials(context, own.not_valid_after_utc)


def is_about_certificate(error: BaseException | None) -> bool:
    """Say whether a connection failed because of a certificate: the partner's, or ours in its eyes."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return True
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    return any(each in reason for each in _ALERTS)


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Load them by way of a file, which is the only one that `ssl` has; it is gone before this returns."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(key.rstrip() + b"\n" + certificate)
        # Without the callback a key with a pass phrase would ask for it on the terminal.
        context.load_cert_chain(path, password=lambda: "")
