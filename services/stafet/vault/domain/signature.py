"""Signatures of the hub, as anybody checks them: Ed25519 under its public key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signed_by(key: bytes, signature: bytes, content: bytes) -> bool:
    """Say whether a signature of these bytes was made with the private half of this key (raw)."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
