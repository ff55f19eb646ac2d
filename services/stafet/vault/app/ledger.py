"""The ledger in this process: tree heads every minute, audits and proofs on demand."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from stafet.vault.adapters.ledger import PostgresLedger
from stafet.vault.adapters.treeheads import HeadFiles
from stafet.vault.app.session import Session
from stafet.vault.domain.proof import Extension, Inclusion
from stafet.vault.domain.treehead import TreeHead
from stafet.vault.handlers import proving
from stafet.vault.handlers.proving import Audit
from stafet_runtime.vaultport import VaultUnavailableError

PERIOD_S: Final = 60.0

_log = structlog.get_logger()


class Notary:
    """Signs tree heads into `<home>/treeheads`, audits the ledger, and proves it to others."""

    def __init__(self, session: Session, home: Path) -> None:
        self._session = session
        self._heads = HeadFiles(home)

    async def work(self) -> None:
        """Sign what is new, every minute, until cancelled."""
        while True:
            try:
                await self.sign()
            except VaultUnavailableError as error:
                _log.warning("tree_head_waits", service="vault", exception_type=type(error).__name__)
            await asyncio.sleep(PERIOD_S)

    async def sign(self) -> TreeHead | None:
        """Make a tree head over all committed rows, unless there is one; export the newest.

        Raises:
            VaultUnavailableError: out of reach, or what was signed before says otherwise.
        """
        async with self._ledger() as ledger:
            head = await proving.sign(ledger, self._heads, self._session.keys, self._session.clock)
        if head is not None:
            # In a thread: it waits for the disk.
            await asyncio.to_thread(self._heads.export, head)
        return head

    async def verify(self) -> Audit:
        """Audit the whole ledger.

        Raises:
            VaultUnavailableError: out of reach, or a file is no tree head.
        """
        async with self._ledger() as ledger:
            return await proving.verify(ledger, self._heads, self._session.keys)

    async def prove(self, disclosure: str) -> Inclusion | None:
        """Prove a row to its recipient; None if there is none in the tree.

        Raises:
            VaultUnavailableError: out of reach, or the row is not what was written.
        """
        async with self._ledger() as ledger:
            return await proving.prove(disclosure, ledger, self._session.keys)

    async def extend(self, first: TreeHead) -> Extension | None:
        """Prove that nothing was changed since an earlier head; None if the ledger is smaller.

        Raises:
            VaultUnavailableError: out of reach, or something was changed.
        """
        async with self._ledger() as ledger:
            return await proving.extend(first, ledger)

    @asynccontextmanager
    async def _ledger(self) -> AsyncGenerator[PostgresLedger]:
        async with self._session.transaction() as unit:
            yield PostgresLedger(unit.connection, self._session.keys.public)
