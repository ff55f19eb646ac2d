"""A vault that cannot be reached."""

from collections.abc import Collection
from datetime import date

from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRecord,
    Registration,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_sdk.draft import Release


class ClosedVault:
    """The `Vault` port with its database away."""

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open nothing."""
        raise VaultUnavailableError(f"closed: {len(sealed)} and {len(context)} bytes stay sealed")

    async def renew_seal_key(self, in_use: Collection[bytes]) -> bytes:
        """Make no key."""
        raise VaultUnavailableError(f"closed: {len(in_use)} keys stay")

    async def register(self, registration: Registration) -> StoredRecord:
        """Store nothing."""
        raise VaultUnavailableError(f"closed to {registration.agency}")

    async def record_consent(self, order: ConsentOrder) -> ConsentRecord:
        """Record nothing."""
        raise VaultUnavailableError(f"closed to {order.agency}")

    async def may_identify(self, agency: str, on: date) -> bool:
        """Know no mandate."""
        raise VaultUnavailableError(f"closed to {agency} on {on}")

    async def release(self, request: ReleaseRequest) -> Release:
        """Release nothing."""
        raise VaultUnavailableError(f"closed to {request.recipient}")
