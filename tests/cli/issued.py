"""Real X.509 certificates with chosen days of validity, for homes and bundles of tests."""

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY: Final = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str, days: float, *, begins: float = -365, issuer: str = "") -> bytes:
    """Issue one (PEM) that ends `days` after `NOON` and begins `begins` days after it."""
    subject, by = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer or name)
    )
    return (
        x509.CertificateBuilder(by, subject, KEY.public_key(), x509.random_serial_number())
        .not_valid_before(NOON + timedelta(days=begins))
        .not_valid_after(NOON + timedelta(days=days))
        .sign(KEY, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
