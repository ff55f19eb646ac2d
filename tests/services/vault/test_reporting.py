"""Subject reports of a case, on a real database."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stafet.vault.app.local import LocalVault
from stafet.vault.app.subject import Reporter, write_files
from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import MOST_CASES
from stafet.vault.domain.signature import signed_by
from stafet.vault.domain.subject import page_digest, read_report
from stafet.vault.keyfiles import KeyFiles
from stafet_runtime.database import Database
from stafet_runtime.vaultport import ConsentOrder, StoredRecord, VaultUnavailableError
from stafet_schemas.groups import Group
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.erasing import WITH_PERPETRATOR, eraser, left
from tests.services.vault.people import REGISTRATION, SECRETS, VALUES, notice, request
from tests.services.vault.revealing import OTHER, session_of
from tests.services.vault.subjects import OFFICER, POLICY, STAFF, written
from tests.services.vault.tables import every_byte, ledger, outbox

DUTY = ConsentOrder(
    statement="given", agency="police", message="b-1", basis="duty", recipients=("redcross",),
    purposes=("support",), groups=("narrative",), law="Barnets lov § 133", by=STAFF,
)  # fmt: skip

LISTED = "Testgrey.pdf (application/pdf, 9 bytes)"
DOCUMENT = replace(
    REGISTRATION,
    message="message-2",
    values={Group.NARRATIVE: {"text": LISTED, "sha256": "00"}},
    raw=b"%PDF-1.7 T",
)
"""A document as the gateway registers one."""


@pytest.fixture
async def stored(vault: LocalVault) -> StoredRecord:
    """A message that also tells of somebody else."""
    return await vault.register(WITH_PERPETRATOR)


@pytest.fixture
def desk(database: Database, clock: FakeClock, key_files: KeyFiles, vault: LocalVault) -> Reporter:
    """A reporter of the same vault."""
    assert vault is not None
    return Reporter(session_of(database, clock, FakeIds(9), key_files))


class TestReport:
    """What a person is told."""

    async def test_tells_what_is_held_and_names_what_is_kept_back(
        self, desk: Reporter, stored: StoredRecord
    ) -> None:
        said = json.loads((await written(desk, stored.case)).text)["content"]
        (record,) = said["data"]
        assert record["agency"] == "police"
        assert record["groups"] == {str(group): fields for group, fields in VALUES.items()}
        assert said["withheld"] == [Group.PERPETRATOR]

    async def test_lists_a_document_and_forgets_it_with_its_case(
        self, desk: Reporter, vault: LocalVault, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        document = await vault.register(DOCUMENT)
        said = json.loads((await written(desk, document.case)).text)["content"]
        assert [each["groups"] for each in said["data"]] == [{"narrative": {"text": LISTED}}]
        kept = await every_byte(database)
        assert (DOCUMENT.raw in kept, LISTED.encode() in kept) == (False, False)
        assert await left(database) == {"aliases": 1, "records": 1, "record_values": 1, "messages": 1}

        await eraser(database, clock, FakeIds(8), tmp_path).erase(document.case, "objection", "D")
        assert set((await left(database)).values()) == {0}

    async def test_keeps_back_what_is_of_somebody_else(self, desk: Reporter, stored: StoredRecord) -> None:
        report = await written(desk, stored.case)
        assert "Testgrey" not in report.page + report.text

    async def test_tells_who_got_what_when_for_what_and_by_which_law(
        self, desk: Reporter, vault: LocalVault, stored: StoredRecord, clock: FakeClock
    ) -> None:
        await vault.record_consent(replace(DUTY, case=stored.case))
        await vault.release(notice(stored))
        clock.advance(60)
        await vault.release(request(stored))
        said = json.loads((await written(desk, stored.case)).text)["content"]
        first, content, own = said["disclosures"]
        assert [each["part"] for each in said["disclosures"]] == ["notice", "content", "report"]
        assert (first["at"], first["purpose"]) == ("2026-11-24T12:00:00+00:00", "referral_notice")
        assert (content["recipient"], content["at"]) == ("redcross", "2026-11-24T12:01:00+00:00")
        assert "narrative.text" in content["fields"]
        assert content["legal_basis"] == ["Udlændingeloven § 56 a", "Barnets lov § 133"]
        assert (own["recipient"], own["legal_basis"]) == ("operator:data_protection", ["GDPR art. 15, 39"])
        assert [each["law"] for each in said["bases"]] == ["Barnets lov § 133"]

    async def test_names_no_staff_and_not_the_hubs_pseudonym(
        self, desk: Reporter, vault: LocalVault, stored: StoredRecord
    ) -> None:
        await vault.record_consent(replace(DUTY, case=stored.case))
        report = await written(desk, stored.case)
        said = report.page + report.text
        assert [each for each in (STAFF, OFFICER, stored.case, stored.record) if each in said] == []

    @pytest.mark.parametrize("language", ["da", "en"])
    async def test_is_signed_with_its_page(
        self, desk: Reporter, stored: StoredRecord, language: str, key_files: KeyFiles
    ) -> None:
        report = await written(desk, stored.case, language)
        said = read_report(report.text)
        assert signed_by(said.key, said.signature, said.content)
        assert said.key == key_files.ledger.public_key().public_bytes_raw()
        assert said.page == page_digest(report.page)
        assert f'lang="{language}"' in report.page

    async def test_is_a_row_of_the_ledger_and_an_event_itself(
        self, desk: Reporter, database: Database, stored: StoredRecord
    ) -> None:
        report = await written(desk, stored.case)
        ((entry, _, _),) = await ledger(database, stored.case)
        assert (entry.part, entry.recipient, entry.purpose, entry.delivery) == (
            "report", "operator:data_protection", "subject_access", report.number,
        )  # fmt: skip
        assert set(entry.groups) == set(VALUES)
        assert ((await outbox(database))[-1][0], (await outbox(database))[-1][1]["part"]) == (
            "reveal.made.v1", "report",
        )  # fmt: skip
        assert await database.pool.fetchval("select by_whom from reveals") == OFFICER

    async def test_leaves_no_value_in_the_tables(
        self, desk: Reporter, database: Database, stored: StoredRecord
    ) -> None:
        await written(desk, stored.case)
        content = await every_byte(database)
        assert [each for each in SECRETS if each.encode() in content] == []

    async def test_of_an_erased_case_is_none_and_says_so(
        self, desk: Reporter, database: Database, stored: StoredRecord, clock: FakeClock, tmp_path: Path
    ) -> None:
        await eraser(database, clock, FakeIds(7), tmp_path).erase(stored.case, "objection", "D")
        assert await desk.report(stored.case, "da", OFFICER) == Block("erased")

    async def test_of_no_case_is_refused_by_a_row(self, desk: Reporter, database: Database) -> None:
        assert await desk.report("c-of-Zorabelle", "da", OFFICER) == Block("unknown_case")
        ((entry, _, _),) = await ledger(database, "no-case")
        assert (entry.part, entry.reason) == ("report", "unknown_case")
        assert b"Zorabelle" not in await every_byte(database)

    async def test_of_many_needs_a_second_person(self, desk: Reporter, vault: LocalVault) -> None:
        changed = [replace(REGISTRATION, message=f"m-{n}", reference=f"r-{n}") for n in range(MOST_CASES + 1)]
        *first, last = [(await vault.register(each)).case for each in changed]
        for case in first:
            await written(desk, case)
        assert await desk.report(last, "da", OFFICER) == Block("second_person")
        assert await desk.report(last, "da", OFFICER, OFFICER) == [
            ("second", "is the one who asks: name somebody else")
        ]
        assert not isinstance(await desk.report(last, "da", OFFICER, OTHER), Block | list)

    async def test_without_the_key_nothing_is_told_and_nothing_said_to_be(
        self, desk: Reporter, database: Database, stored: StoredRecord
    ) -> None:
        await database.pool.execute("update case_keys set wrapped = wrapped || 'x'")
        with pytest.raises(VaultUnavailableError):
            await desk.report(stored.case, "da", OFFICER)
        assert await ledger(database, stored.case) == []


class TestFiles:
    """On the disk."""

    async def test_are_for_their_owner_and_have_no_value_for_a_name(
        self, desk: Reporter, stored: StoredRecord, tmp_path: Path
    ) -> None:
        report = await written(desk, stored.case)
        files = write_files(report, tmp_path / "out")
        assert [each.name for each in (files.page, files.signed)] == [
            f"subject-report-{report.number}.html", f"subject-report-{report.number}.json",
        ]  # fmt: skip
        assert {each.stat().st_mode & 0o777 for each in (files.page, files.signed)} == {0o600}
        assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
        assert files.signed.name in files.page.read_text(encoding="utf-8")

    async def test_are_never_written_over(self, desk: Reporter, stored: StoredRecord, tmp_path: Path) -> None:
        report = await written(desk, stored.case)
        write_files(report, tmp_path)
        with pytest.raises(FileExistsError):
            write_files(report, tmp_path)


class TestPolicy:
    """The role that answers."""

    def test_has_all_that_is_the_persons_own(self) -> None:
        (terms,) = POLICY.roles["data_protection"]
        assert set(Group) - terms.groups == {Group.PERPETRATOR}
