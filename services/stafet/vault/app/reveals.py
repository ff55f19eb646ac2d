"""Revealing in this process: what is shown is committed to the ledger first."""

from collections.abc import Sequence
from typing import Final

from stafet.vault.adapters.reveals import PostgresReveals
from stafet.vault.app.session import Session
from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import Ask, Judgement, Problem
from stafet.vault.handlers import revealing
from stafet.vault.handlers.granting import Granted
from stafet.vault.handlers.revealing import Refused, Told
from stafet.vault.ports.reveals import Grant

LISTED_AT_MOST: Final = 100


class Revealer:
    """Shows values and persons to humans at the hub, and keeps the reviews; one transaction per call.

    Every method raises VaultUnavailableError when database or keys are out of reach: nothing is shown.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def reveal(self, case: str, ask: Ask) -> Granted | Block | Refused:
        """Show values of a case."""
        async with self._session.transaction() as unit:
            reveals, tools = PostgresReveals(unit.connection), self._session.tools(unit)
            return await revealing.reveal(case, ask, self._session.policy, tools, reveals=reveals)

    async def again(self, reveal: str, by: str) -> Granted | Block | None:
        """Show the same to the same human while the box of time is open."""
        async with self._session.transaction() as unit:
            reveals, tools = PostgresReveals(unit.connection), self._session.tools(unit)
            return await revealing.again(reveal, by, self._session.policy, tools, reveals=reveals)

    async def find_person(self, recipient: str, person: str, ask: Ask) -> Granted | Block | Refused:
        """Find the case of a recipient's pseudonym."""
        async with self._session.transaction() as unit:
            reveals, tools = PostgresReveals(unit.connection), self._session.tools(unit)
            policy = self._session.policy
            return await revealing.find_person(recipient, person, ask, policy, tools, reveals=reveals)

    async def read_why(self, reveal: str, role: str) -> Told | Block | Problem:
        """Tell a reviewer what was asked for, and why."""
        async with self._session.transaction() as unit:
            reveals, tools = PostgresReveals(unit.connection), self._session.tools(unit)
            return await revealing.read_why(reveal, role, self._session.policy, tools, reveals=reveals)

    async def review(self, reveal: str, said: Judgement) -> Problem | None:
        """Judge a broken glass; return what is in the way."""
        async with self._session.transaction() as unit:
            reveals, tools = PostgresReveals(unit.connection), self._session.tools(unit)
            return await revealing.review(reveal, said, self._session.policy, tools, reveals=reveals)

    async def newest(self) -> Sequence[Grant]:
        """List what was asked for, the newest first; no reason is among it."""
        async with self._session.transaction() as unit:
            return await PostgresReveals(unit.connection).newest(LISTED_AT_MOST)

    async def due(self) -> Sequence[Grant]:
        """List the reviews that are due, the oldest first."""
        async with self._session.transaction() as unit:
            return await PostgresReveals(unit.connection).due(LISTED_AT_MOST)
