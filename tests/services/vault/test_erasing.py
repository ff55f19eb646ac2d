"""Forgetting a case on a real database."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from stafet.vault.adapters.erasures import PostgresErasures
from stafet.vault.adapters.shreds import ShredJournal
from stafet.vault.app.build import open_session
from stafet.vault.app.erasures import Eraser
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.domain.erasure import Held, Hold, case_digest, read_certificate
from stafet.vault.domain.signature import signed_by
from stafet.vault.handlers.erasing import Erased, UnknownCase
from stafet.vault.keyfiles import KeyFiles
from stafet.vault.settings import VaultSettings
from stafet_runtime.database import Database
from stafet_runtime.vaultport import DisclosureBlockedError, StoredRecord
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.erasing import WITH_PERPETRATOR, eraser, left
from tests.services.vault.people import REGISTRATION, SECRETS, notice, request, status
from tests.services.vault.tables import every_byte, ledger, outbox

REASON = "no_longer_needed"
BY = "D. Decider"
FILLED = {"aliases": 1, "records": 1, "record_values": 5, "messages": 1}
NOTHING = dict.fromkeys(FILLED, 0)


@pytest.fixture
def desk(database: Database, clock: FakeClock, tmp_path: Path, vault: LocalVault) -> Eraser:
    """An eraser of the same vault."""
    assert vault is not None
    return eraser(database, clock, FakeIds(9), tmp_path)


def certificate_of(outcome: object) -> str:
    assert isinstance(outcome, Erased)
    return outcome.certificate


class TestErase:
    """One order."""

    async def test_destroys_keys_values_aliases_records_and_raw_messages(
        self, desk: Eraser, database: Database, stored: StoredRecord
    ) -> None:
        assert await left(database) == FILLED
        said = read_certificate(certificate_of(await desk.erase(stored.case, REASON, BY))).said
        assert await left(database) == NOTHING
        assert said["destroyed"] == {"keys": 2, "values": 5, "messages": 1, "records": 1, "aliases": 1}

    async def test_another_case_stays(self, desk: Eraser, vault: LocalVault, stored: StoredRecord) -> None:
        other = await vault.register(replace(REGISTRATION, message="message-2", reference="another"))
        before = await vault.release(request(other))
        await desk.erase(stored.case, REASON, BY)
        assert (await vault.release(request(other))).values == before.values

    async def test_every_release_after_it_is_blocked_as_erased(
        self, desk: Eraser, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        await vault.release(notice(stored))
        await desk.erase(stored.case, REASON, BY)
        for asked in (notice(stored), request(stored), status(stored)):
            with pytest.raises(DisclosureBlockedError, match="erased"):
                await vault.release(asked)
        assert [entry.reason for entry, _, _ in await ledger(database, stored.case)] == [
            None,
            *["erased"] * 3,
        ]

    async def test_tells_who_had_got_values_and_names_no_person(
        self, desk: Eraser, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        await vault.release(notice(stored))
        await vault.release(status(stored))
        await desk.erase(stored.case, REASON, BY)
        assert (await outbox(database))[-1] == (
            "case.erased.v1",
            {"case": stored.case, "reason": REASON, "recipients": ["redcross"]},
        )

    async def test_a_message_about_the_reference_afterwards_is_another_case(
        self, desk: Eraser, vault: LocalVault, stored: StoredRecord
    ) -> None:
        await desk.erase(stored.case, REASON, BY)
        assert (await vault.register(replace(REGISTRATION, message="message-2"))).case != stored.case

    async def test_twice_gives_the_same_certificate(
        self, desk: Eraser, database: Database, stored: StoredRecord, clock: FakeClock
    ) -> None:
        first = await desk.erase(stored.case, REASON, BY)
        clock.advance(60)
        assert await desk.erase(stored.case, "objection", "somebody else") == Erased(
            certificate_of(first), again=True
        )
        assert len([kind for kind, _ in await outbox(database) if kind == "case.erased.v1"]) == 1

    async def test_many_at_once_erase_once(self, desk: Eraser, stored: StoredRecord) -> None:
        outcomes = await asyncio.gather(*(desk.erase(stored.case, REASON, BY) for _ in range(6)))
        assert len({certificate_of(each) for each in outcomes}) == 1
        assert [isinstance(each, Erased) and each.again for each in outcomes].count(False) == 1

    async def test_of_a_case_that_is_not_there_does_nothing(self, desk: Eraser, database: Database) -> None:
        assert await desk.erase("c-of-nobody", REASON, BY) == UnknownCase()
        assert await database.pool.fetchval("select count(*) from erasures") == 0

    async def test_leaves_a_ledger_that_still_verifies(
        self, desk: Eraser, vault: LocalVault, database: Database, stored: StoredRecord, clock: FakeClock,
        key_files: KeyFiles, tmp_path: Path,
    ) -> None:  # fmt: skip
        session = open_session(database, clock, FakeIds(8), key_files, VaultSettings())
        notary = Notary(session, tmp_path)
        await vault.release(notice(stored))
        head = await notary.sign()
        said = read_certificate(certificate_of(await desk.erase(stored.case, REASON, BY))).said
        with pytest.raises(DisclosureBlockedError, match="erased"):
            await vault.release(request(stored))
        await notary.sign()
        audit = await notary.verify()
        assert (audit.rows, audit.erased, audit.faults) == (2, 1, ())
        assert head is not None
        assert said["tree_head"] == f"1 {head.root.hex()}"


class TestCertificate:
    """The file that an erasure leaves."""

    async def test_is_signed_and_on_the_disk(
        self, desk: Eraser, stored: StoredRecord, tmp_path: Path, key_files: KeyFiles
    ) -> None:
        text = certificate_of(await desk.erase(stored.case, REASON, BY))
        path = desk.place_of(text)
        assert path.read_text(encoding="utf-8") == text
        assert path.is_relative_to(tmp_path)
        read = read_certificate(text)
        assert signed_by(key_files.ledger.public_key().public_bytes_raw(), read.signature, read.content)
        assert read.key == key_files.ledger.public_key().public_bytes_raw()

    async def test_a_changed_one_does_not_hold(self, desk: Eraser, stored: StoredRecord) -> None:
        text = certificate_of(await desk.erase(stored.case, REASON, BY))
        changed = read_certificate(text.replace(REASON, "objection"))
        assert not signed_by(changed.key, changed.signature, changed.content)

    async def test_names_neither_case_nor_person_nor_who_decided(
        self, desk: Eraser, stored: StoredRecord
    ) -> None:
        text = certificate_of(await desk.erase(stored.case, REASON, BY))
        assert read_certificate(text).case == case_digest(stored.case)
        assert [each for each in (*SECRETS, stored.case, stored.record, BY) if each in text] == []


class TestHold:
    """What the law keeps."""

    async def place(self, desk: Eraser, case: str, kind: str = "archive", until: date | None = None) -> Hold:
        hold = Hold("00000000-0000-7000-8000-00000000000a", case, kind, "A. Archivist", "journal 47", until)
        assert await desk.place(hold)
        return hold

    async def test_blocks_and_says_who_why_and_until_when(
        self, desk: Eraser, vault: LocalVault, stored: StoredRecord
    ) -> None:
        hold = await self.place(desk, stored.case, until=date(2026, 12, 31))
        assert await desk.erase(stored.case, REASON, BY) == Held((hold,))
        assert (await vault.release(request(stored))).values

    async def test_lifted_lets_the_kept_order_go_on(
        self, desk: Eraser, database: Database, stored: StoredRecord, clock: FakeClock
    ) -> None:
        hold = await self.place(desk, stored.case)
        await desk.erase(stored.case, REASON, BY)
        clock.advance(3600)
        assert await desk.lift(hold.hold, "A. Archivist")
        said = read_certificate(certificate_of(await desk.erase(stored.case, "objection", "another"))).said
        assert (said["reason"], said["requested_at"]) == (REASON, "2026-11-24T12:00:00+00:00")
        assert said["shredded_at"] == "2026-11-24T13:00:00+00:00"
        states = await database.pool.fetch("select state, requested_by from erasures")
        assert [tuple(row) for row in states] == [("shredded", BY)]

    async def test_over_by_its_day_holds_no_more(
        self, desk: Eraser, stored: StoredRecord, clock: FakeClock
    ) -> None:
        await self.place(desk, stored.case, until=date(2026, 11, 24))
        clock.advance(24 * 3600)
        assert isinstance(await desk.erase(stored.case, REASON, BY), Erased)

    async def test_is_listed_until_it_is_lifted_once(self, desk: Eraser, stored: StoredRecord) -> None:
        hold = await self.place(desk, stored.case)
        assert await desk.holds(stored.case) == (hold,)
        assert [await desk.lift(hold.hold, "A"), await desk.lift(hold.hold, "A")] == [True, False]
        assert await desk.holds(stored.case) == ()

    async def test_of_nothing_is_refused(self, desk: Eraser, stored: StoredRecord) -> None:
        hold = await self.place(desk, stored.case)
        await desk.lift(hold.hold, "A")
        await desk.erase(stored.case, REASON, BY)
        for case in (stored.case, "c-of-nobody"):
            assert not await desk.place(replace(hold, hold="00000000-0000-7000-8000-00000000000b", case=case))
        assert not await desk.lift("no id", "A")


class TestDestroy:
    """The store alone."""

    async def test_of_the_zone_gdpr_leaves_the_perpetrator_and_cuts_the_message_off(
        self, vault: LocalVault, database: Database, clock: FakeClock
    ) -> None:
        stored = await vault.register(WITH_PERPETRATOR)
        async with database.pool.acquire() as connection:
            counts = await PostgresErasures(connection).destroy(stored.case, ("gdpr",), clock.now())
        assert (counts.values, counts.records) == (5, 0)
        assert await left(database) == {"aliases": 0, "records": 1, "record_values": 1, "messages": 0}
        row = await database.pool.fetchrow(
            "select message, placer, digest, group_name from records, record_values"
        )
        assert row is not None
        assert tuple(row) == (f"erased {stored.record} 1", None, "", "perpetrator")


class TestRaces:
    """While others work on the case."""

    async def test_nothing_is_released_after_the_commit(
        self, desk: Eraser, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        asked = [asyncio.create_task(vault.release(notice(stored))) for _ in range(60)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        await desk.erase(stored.case, REASON, BY)
        late = [vault.release(notice(stored)) for _ in range(20)]
        await asyncio.gather(*asked, *late, return_exceptions=True)
        outcomes = [entry.outcome for entry, _, _ in await ledger(database, stored.case)]
        assert len(outcomes) == 80
        assert outcomes == sorted(outcomes, reverse=True), "made after blocked"
        assert outcomes.count("blocked") >= 20

    async def test_a_record_that_comes_in_meanwhile_leaves_nothing_behind(
        self, desk: Eraser, vault: LocalVault, database: Database, stored: StoredRecord
    ) -> None:
        coming = [vault.register(replace(REGISTRATION, message=f"message-{n}")) for n in range(2, 26)]
        kept = await asyncio.gather(*coming[:12], desk.erase(stored.case, REASON, BY), *coming[12:])
        cases = {each.case for each in kept if isinstance(each, StoredRecord)}
        assert len(cases - {stored.case}) <= 1
        assert (
            await database.pool.fetchval("select count(*) from records where case_id = $1", stored.case) == 0
        )
        alive = sum(isinstance(each, StoredRecord) and each.case != stored.case for each in kept)
        assert await left(database) == {
            "aliases": min(alive, 1), "records": alive, "record_values": 5 * alive, "messages": alive,
        }  # fmt: skip


class TestJournal:
    """What outlives the database."""

    async def test_has_the_pseudonym_the_time_and_the_zones_only(
        self, desk: Eraser, stored: StoredRecord, tmp_path: Path
    ) -> None:
        await desk.erase(stored.case, REASON, BY)
        line = (tmp_path / "shreds" / "journal.jsonl").read_text(encoding="utf-8")
        assert line == (
            f'{{"case": "{stored.case}", "at": "2026-11-24T12:00:00+00:00", "zones": ["gdpr", "led"]}}\n'
        )

    async def test_replayed_on_what_is_erased_changes_nothing(
        self, desk: Eraser, database: Database, stored: StoredRecord
    ) -> None:
        assert await desk.replay() == 0
        await desk.erase(stored.case, REASON, BY)
        before = await every_byte(database)
        assert await desk.replay() == 0
        assert await every_byte(database) == before

    async def test_put_back_from_an_older_copy_gets_its_lines_again(
        self, desk: Eraser, stored: StoredRecord, tmp_path: Path
    ) -> None:
        text = certificate_of(await desk.erase(stored.case, REASON, BY))
        files = [tmp_path / "shreds" / "journal.jsonl", desk.place_of(text)]
        before = [each.read_bytes() for each in files]
        for each in files:
            each.unlink()
        assert await desk.replay() == 0
        assert [each.read_bytes() for each in files] == before

    async def test_finishes_an_erasure_whose_commit_failed(
        self, desk: Eraser, vault: LocalVault, database: Database, stored: StoredRecord, tmp_path: Path
    ) -> None:
        await database.pool.execute(
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'no commit'; end $$"
        )
        await database.pool.execute(
            "create constraint trigger refuse after insert on erasures deferrable initially deferred "
            "for each row execute function refuse()"
        )
        with pytest.raises(asyncpg.RaiseError, match="no commit"):
            await desk.erase(stored.case, REASON, BY)
        assert (await vault.release(request(stored))).values
        await database.pool.execute("drop trigger refuse on erasures")
        assert await desk.replay() == 1
        assert await left(database) == NOTHING
        written = ShredJournal(tmp_path).certificate(stored.case)
        assert await desk.erase(stored.case, REASON, BY) == Erased(written or "", again=True)
        assert (await outbox(database))[-1][1]["reason"] == REASON
