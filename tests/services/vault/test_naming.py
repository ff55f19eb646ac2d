"""Finding the case of a recipient's pseudonym, on a real database."""

from dataclasses import replace
from pathlib import Path

from stafet.vault.app.local import LocalVault
from stafet.vault.app.reveals import Revealer
from stafet.vault.domain.release import Block
from stafet_runtime.database import Database
from stafet_runtime.vaultport import StoredRecord
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.erasing import eraser
from tests.services.vault.people import notice
from tests.services.vault.revealing import (
    ask_who,
    granted,
)
from tests.services.vault.tables import every_byte, ledger, outbox


class TestFindPerson:
    """Who a recipient's pseudonym is."""

    async def test_finds_the_case_and_is_a_disclosure(
        self, revealer: Revealer, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        person = (await vault.release(notice(stored))).person or ""
        found = granted(await revealer.find_person("redcross", person, ask_who()))
        assert (found.key.case, found.records) == (stored.case, ())
        entry = (await ledger(database, stored.case))[-1][0]
        assert (entry.part, entry.recipient, entry.outcome) == ("person", "operator:caseworker", "made")
        assert (await outbox(database))[-1][0] == "reveal.made.v1"

    async def test_finds_nothing_by_another_recipients_pseudonym(
        self, revealer: Revealer, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        person = (await vault.release(notice(stored))).person or ""
        assert await revealer.find_person("police", person, ask_who()) == Block("unknown_case")
        ((entry, _, _),) = await ledger(database, "no-case")
        assert (entry.part, entry.reason, entry.case) == ("person", "unknown_case", None)

    async def test_the_way_back_is_written_once_per_recipient(
        self, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        persons = {(await vault.release(notice(stored))).person for _ in range(3)}
        assert len(persons) == 1
        assert await database.pool.fetchval("select count(*) from persons") == 1
        content = await every_byte(database)
        assert (persons.pop() or "").encode() not in content

    async def test_goes_with_the_case(
        self, revealer: Revealer, vault: LocalVault, database: Database, stored: StoredRecord,
        clock: FakeClock, tmp_path: Path,
    ) -> None:  # fmt: skip
        person = (await vault.release(notice(stored))).person or ""
        await eraser(database, clock, FakeIds(7), tmp_path).erase(stored.case, "objection", "D")
        assert await database.pool.fetchval("select count(*) from persons") == 0
        assert await revealer.find_person("redcross", person, ask_who()) == Block("unknown_case")

    async def test_badly_asked_is_refused(self, revealer: Revealer) -> None:
        assert await revealer.find_person("redcross", "p-1", replace(ask_who(), why="")) == [
            ("reason", "missing, or too long")
        ]
