"""The vault's keys in this process: rotation, where they stand, and open ones forgotten in time."""

import asyncio
from dataclasses import dataclass
from typing import Final

from stafet.vault.adapters.casekeys import PostgresCaseKeys
from stafet.vault.app.session import Session
from stafet.vault.handlers import rekeying
from stafet.vault.handlers.rekeying import Standing
from stafet.vault.keyfiles import SealPair

SWEEP_S: Final = 30.0
"""How long an open key may outlive its time; see `keys.OPEN_FOR`."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: how many data keys it wrapped under which version, and if it was a second try."""

    version: str
    resumed: bool
    rewrapped: int


class KeyMaster:
    """Rotates key-encryption keys and says where keys stand."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rotate(self) -> Rotation:
        """Wrap all data keys under a new key-encryption key, some hundred in each transaction.

        Cut off, it is gone on with when called again.

        Raises:
            VaultUnavailableError: a key is missing, or does not open; what was wrapped before stays so.
        """
        provider = self._session.keys.provider
        async with self._session.transaction() as unit:
            turn = await rekeying.begin(stored=PostgresCaseKeys(unit.connection), provider=provider)
        rewrapped = 0
        while count := await self._rewrap():
            rewrapped += count
        return Rotation(turn.version, turn.resumed, rewrapped)

    async def retire(self, version: str) -> None:
        """Destroy an older version for good; cut off, it is gone on with when called again.

        Raises:
            VaultUnavailableError: not there, the newest, or in use; or its provider does not do it.
        """
        session = self._session
        async with session.transaction() as unit:
            stored, provider = PostgresCaseKeys(unit.connection), session.keys.provider
            await rekeying.fence(version, session.clock.now(), stored=stored, provider=provider)
        # After the commit: until then somebody may still be storing a data key under it.
        session.keys.provider.retire(version)

    async def stand(self) -> Standing:
        """Say where key-encryption keys stand."""
        provider = self._session.keys.provider
        async with self._session.transaction() as unit:
            return await rekeying.stand(stored=PostgresCaseKeys(unit.connection), provider=provider)

    def seals(self) -> tuple[SealPair, ...]:
        """List the seal key pairs, the newest last."""
        return self._session.keys.seals

    async def sweep(self) -> None:
        """Forget open keys in time, until cancelled."""
        while True:
            self._session.keys.sweep()
            await asyncio.sleep(SWEEP_S)

    def check(self) -> None:
        """Refuse to serve without a key-encryption key that wraps.

        Raises:
            VaultUnavailableError: there is none.
        """
        self._session.keys.new_case()

    async def _rewrap(self) -> int:
        keys = self._session.keys
        async with self._session.transaction() as unit:
            stored = PostgresCaseKeys(unit.connection)
            return await rekeying.rewrap(stored=stored, provider=keys.provider, keys=keys)
