"""The `Vault` port in this process."""

import asyncio
from collections.abc import Collection
from datetime import date
from typing import Final

from stafet.vault.app.session import Session
from stafet.vault.domain.release import Block
from stafet.vault.handlers import consenting, registering, releasing
from stafet.vault.handlers.tools import RaceLostError
from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRecord,
    DisclosureBlockedError,
    Registration,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_sdk.draft import Release

MOST_RACES: Final = 5
"""After a lost race the winner's rows are visible, so the second try finds them; more mean other trouble."""


class LocalVault:
    """The `Vault` port in this process: one transaction per call."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open what the gateway sealed; see the port."""
        return registering.open_message(sealed, context, keys=self._session.keys)

    async def renew_seal_key(self, in_use: Collection[bytes]) -> bytes:
        """Turn the seal keys as far as it is time; see the port."""
        # In a thread: it writes to the disk, and may wait for another process that does.
        return await asyncio.to_thread(self._session.keys.renew_seal, in_use)

    async def register(self, registration: Registration) -> StoredRecord:
        """Store a message's values under the case of its reference; see the port."""
        for _ in range(MOST_RACES):
            try:
                async with self._session.transaction(registration.cause) as unit:
                    return await registering.register(
                        registration, self._session.policy, self._session.matching, self._session.tools(unit)
                    )
            except RaceLostError:
                continue
        raise VaultUnavailableError(
            "the same message is being registered elsewhere again and again: try again"
        )

    async def record_consent(self, order: ConsentOrder) -> ConsentRecord:
        """Record what was said about consent; see the port."""
        async with self._session.transaction(order.cause) as unit:
            return await consenting.record(order, self._session.policy, self._session.tools(unit))

    async def may_identify(self, agency: str, on: date) -> bool:
        """Look the mandate up in the policy in force; see the port."""
        mandate = self._session.policy.mandate(agency, on)
        return mandate is not None and mandate.identify

    async def release(self, request: ReleaseRequest) -> Release:
        """Project what a recipient may see, once the ledger has committed it; see the port."""
        async with self._session.transaction(request.cause) as unit:
            outcome = await releasing.release(request, self._session.policy, self._session.tools(unit))
        if isinstance(outcome, Block):
            raise DisclosureBlockedError(outcome.reason)
        return outcome
