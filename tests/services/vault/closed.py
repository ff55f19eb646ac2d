"""A vault that cannot be reached."""

from stafet_runtime.vaultport import Registration, ReleaseRequest, StoredRecord, VaultUnavailableError
from stafet_sdk.draft import Release


class ClosedVault:
    """The `Vault` port with its database away."""

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open nothing."""
        raise VaultUnavailableError(f"closed: {len(sealed)} and {len(context)} bytes stay sealed")

    async def register(self, registration: Registration) -> StoredRecord:
        """Store nothing."""
        raise VaultUnavailableError(f"closed to {registration.agency}")

    async def release(self, request: ReleaseRequest) -> Release:
        """Release nothing."""
        raise VaultUnavailableError(f"closed to {request.recipient}")
