"""Erasing in this process: one transaction per order."""

from collections import defaultdict
from pathlib import Path

from stafet.vault.adapters.erasures import PostgresErasures
from stafet.vault.adapters.shreds import ShredJournal
from stafet.vault.app.session import Session
from stafet.vault.domain.erasure import Held, Hold
from stafet.vault.handlers import erasing
from stafet.vault.handlers.erasing import Erased, Paper, UnknownCase
from stafet.vault.ports.erasures import Shred


class Eraser:
    """Erasing, holds, and shredding again after a restore."""

    def __init__(self, session: Session, home: Path) -> None:
        self._session = session
        self._journal = ShredJournal(home)
        self._paper = Paper(self._journal, session.keys)

    async def erase(self, case: str, reason: str, by: str) -> Erased | Held | UnknownCase:
        """Erase a case for a reason of the code list `erasure`; `by` is who decided.

        Raises:
            VaultUnavailableError: the database or the key of certificates is out of reach.
        """
        async with self._session.transaction() as unit:
            erasures = PostgresErasures(unit.connection)
            tools = self._session.tools(unit)
            return await erasing.erase(case, reason, by, tools, erasures=erasures, paper=self._paper)

    async def replay(self) -> int:
        """Shred again what the journal names and a restore brought back; returns how many cases that were.

        The other way round, lines that an older copy of the journal lacks are written into it again.

        Raises:
            VaultUnavailableError: the journal, the database or the key is out of reach: do not serve.
        """
        named = _by_case(self._journal.read())
        async with self._session.transaction() as unit:
            erasures = PostgresErasures(unit.connection)
            back = await erasures.unshredded(list(named))
            for shred, certificate in await erasures.shredded(but=list(named)):
                self._journal.write(shred, certificate)
        return sum([await self._shred_again(named[case]) for case in back])

    async def place(self, hold: Hold) -> bool:
        """Keep a case from being erased; false if there is no such case, or nothing left of it to keep."""
        async with self._session.transaction() as unit:
            erasures = PostgresErasures(unit.connection)
            return await erasing.hold(hold, self._session.tools(unit), erasures=erasures)

    async def lift(self, hold: str, by: str) -> bool:
        """End a hold; false if there is none in force under this id."""
        async with self._session.transaction() as unit:
            erasures = PostgresErasures(unit.connection)
            return await erasing.lift(hold, by, self._session.tools(unit), erasures=erasures)

    async def holds(self, case: str) -> tuple[Hold, ...]:
        """List the holds of a case that were not lifted."""
        async with self._session.transaction() as unit:
            return await PostgresErasures(unit.connection).holds(case)

    def place_of(self, certificate: str) -> Path:
        """Name the file of a certificate."""
        return self._journal.place(certificate)

    async def _shred_again(self, shred: Shred) -> bool:
        async with self._session.transaction() as unit:
            erasures, tools = PostgresErasures(unit.connection), self._session.tools(unit)
            return await erasing.shred_again(shred, tools, erasures=erasures, paper=self._paper)


def _by_case(shreds: tuple[Shred, ...]) -> dict[str, Shred]:
    """Bring the lines of a case together: what was kept for a criminal matter may have gone later."""
    zones: dict[str, set[str]] = defaultdict(set)
    for each in shreds:
        zones[each.case].update(each.zones)
    return {each.case: Shred(each.case, each.at, tuple(sorted(zones[each.case]))) for each in shreds}
