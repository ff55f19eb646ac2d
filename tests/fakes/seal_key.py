"""A seal key that is kept in memory."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey


@dataclass
class FakeSealKey:
    """`stafet.gateway.ports.SealKey` with state; while `full` is set nothing can be kept."""

    public: X25519PublicKey
    full: bool = False

    def keep(self, public: bytes) -> None:
        """Seal to another key; see the port."""
        if self.full:
            raise OSError("no space left")
        self.public = X25519PublicKey.from_public_bytes(public)
