"""Consents in this process: what there is and who holds what, and closing what has run out."""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from stafet.vault.app.session import Session
from stafet.vault.handlers import consenting, holding
from stafet.vault.handlers.holding import Standing
from stafet_runtime.vaultport import VaultUnavailableError

SWEEP_S: Final = 15.0
"""How late it may be told that a basis has run out; it opens nothing from the moment it does."""

_log = structlog.get_logger()


class ConsentBook:
    """Shows the consents of a case, and closes those whose time is over."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def show(self, case: str, known_at: datetime | None = None) -> Standing | None:
        """Return where a case stands, by what the vault knew at a time; None if there is no such case.

        Raises:
            VaultUnavailableError: out of reach.
        """
        async with self._session.transaction() as unit:
            return await holding.stand(case, known_at, self._session.policy, self._session.tools(unit))

    async def expire(self) -> int:
        """Close what has run out, one transaction for each case; return how many bases.

        Raises:
            VaultUnavailableError: out of reach.
        """
        async with self._session.transaction() as unit:
            cases = await self._session.tools(unit).consents.due(unit.clock.now())
        return sum([await self._run_out(case) for case in cases])

    async def sweep(self) -> None:
        """Close what has run out, now and then, until cancelled."""
        while True:
            try:
                await self.expire()
            except VaultUnavailableError as error:
                _log.warning("expiry_waits", service="vault", exception_type=type(error).__name__)
            await asyncio.sleep(SWEEP_S)

    async def _run_out(self, case: str) -> int:
        async with self._session.transaction() as unit:
            return await consenting.run_out(case, self._session.tools(unit))
