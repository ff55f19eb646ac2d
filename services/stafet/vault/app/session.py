"""What every way into the vault works with: a transaction at a time, the keys, the policy in force."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from stafet.vault.adapters.consents import PostgresConsents
from stafet.vault.adapters.failing import fail_closed
from stafet.vault.adapters.kinships import PostgresKinships
from stafet.vault.adapters.store import PostgresStore
from stafet.vault.domain.likeness import Matching
from stafet.vault.handlers.tools import Tools
from stafet.vault.keys import VaultKeys
from stafet.vault.policy import Policy
from stafet_runtime.cause import Cause
from stafet_runtime.clock import Clock, Ids
from stafet_runtime.database import Database
from stafet_runtime.unit import Unit, transaction


@dataclass(frozen=True, slots=True)
class Session:
    """The vault's database, clock, ids and keys, the policy in force, and what makes cases alike."""

    database: Database
    clock: Clock
    ids: Ids
    keys: VaultKeys
    policy: Policy
    matching: Matching

    @asynccontextmanager
    async def transaction(self, cause: Cause | None = None) -> AsyncGenerator[Unit]:
        """Open a transaction.

        Raises:
            VaultUnavailableError: the database does not answer.
        """
        with fail_closed():
            async with transaction(self.database, self.clock, self.ids, cause=cause) as unit:
                yield unit

    def tools(self, unit: Unit) -> Tools:
        """Hand out the ports of a transaction."""
        store, consents = PostgresStore(unit.connection), PostgresConsents(unit.connection)
        kinships = PostgresKinships(unit.connection)
        return Tools(store, consents, kinships, self.keys, unit.outbox, unit.clock, unit.ids)
