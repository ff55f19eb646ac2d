"""The vault composed: the only place that knows the real store and keys."""

from contextlib import AbstractAsyncContextManager

from stafet.vault.adapters.failing import fail_closed
from stafet.vault.adapters.policyfile import load_policy
from stafet.vault.adapters.store import PostgresStore
from stafet.vault.domain.release import Block
from stafet.vault.handlers import registering, releasing
from stafet.vault.handlers.tools import RaceLostError, Tools
from stafet.vault.http import router
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.keys import VaultKeys
from stafet.vault.policy import Policy
from stafet.vault.settings import VaultSettings
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.service import Service
from stafet_runtime.unit import Unit, transaction
from stafet_runtime.vaultport import (
    DisclosureBlockedError,
    Registration,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_sdk.draft import Release

MOST_RACES = 5
"""After a lost race the winner's rows are visible, so the second try finds them; more mean other trouble."""


class LocalVault:
    """The `Vault` port in this process: one transaction per call."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, keys: VaultKeys, policy: Policy) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._keys = keys
        self._policy = policy

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open what the gateway sealed; see the port."""
        return registering.open_message(sealed, context, keys=self._keys)

    async def register(self, registration: Registration) -> StoredRecord:
        """Store a message's values under the case of its reference; see the port."""
        for _ in range(MOST_RACES):
            try:
                with fail_closed():
                    async with self._transaction(registration.cause) as unit:
                        return await registering.register(registration, self._tools(unit))
            except RaceLostError:
                continue
        raise VaultUnavailableError(
            "the same message is being registered elsewhere again and again: try again"
        )

    async def release(self, request: ReleaseRequest) -> Release:
        """Project what a recipient may see, once the ledger has committed it; see the port."""
        with fail_closed():
            async with self._transaction(request.cause) as unit:
                outcome = await releasing.release(request, self._policy, self._tools(unit))
        if isinstance(outcome, Block):
            raise DisclosureBlockedError(outcome.reason)
        return outcome

    def _transaction(self, cause: Cause | None) -> AbstractAsyncContextManager[Unit]:
        return transaction(self._database, self._clock, self._ids, cause=cause)

    def _tools(self, unit: Unit) -> Tools:
        return Tools(PostgresStore(unit.connection), self._keys, unit.outbox, unit.clock, unit.ids)


def build(
    database: Database, clock: Clock, ids: Ids, keys: KeyFiles, settings: VaultSettings
) -> tuple[Service, LocalVault]:
    """Compose the vault: the service to run, and the port for services in the same process.

    Raises:
        ValueError: the policy file says something else than a policy.
    """
    vault = LocalVault(database, clock, ids, VaultKeys(keys, clock), load_policy(settings.policy))
    served = router(vault, settings.token.get_secret_value()) if settings.token else None
    return Service("vault", database, router=served), vault
