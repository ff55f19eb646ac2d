"""The whole ledger on a real database: tree heads and proofs."""

import asyncio
import threading
from pathlib import Path

import pytest

from stafet.vault.adapters.treeheads import HeadFiles
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.domain.proof import check_proof, read_proof
from stafet.vault.keys import VaultKeys
from stafet_runtime.database import Database
from stafet_runtime.vaultport import ReleaseRequest, VaultUnavailableError
from tests.fakes.clock import FakeClock
from tests.services.vault.ledgering import (
    ALL,
    FULLY,
    MIDDLE,
    OTHER,
    Written,
    head_file,
    read,
    remove_last,
    rewrite,
    sign_anew,
)
from tests.services.vault.people import SECRETS, notice


class TestSign:
    """Tree heads."""

    async def test_a_head_is_over_all_rows_signed_and_a_file(
        self, fresh: Written, notary: Notary, keys: VaultKeys, tmp_path: Path
    ) -> None:
        head = await notary.sign()
        assert head is not None
        assert head.size == len(fresh.disclosures + fresh.others)
        assert (head.key, head.holds()) == (keys.public, True)
        assert read(head_file(tmp_path, ALL)) == head

    async def test_one_head_exported_by_many_at_once_is_one_file(
        self, fresh: Written, notary: Notary, tmp_path: Path
    ) -> None:
        del fresh
        head = await notary.sign()
        assert head is not None
        for number in range(50):
            files, ready = HeadFiles(tmp_path / str(number)), threading.Barrier(4)

            def export(files: HeadFiles = files, ready: threading.Barrier = ready) -> None:
                ready.wait()
                files.export(head)

            await asyncio.gather(*(asyncio.to_thread(export) for _ in range(4)))
            assert files.exported() == [head]

    async def test_an_empty_ledger_has_no_head(self, notary: Notary, tmp_path: Path) -> None:
        assert await notary.sign() is None
        assert not (tmp_path / "treeheads").exists()

    @pytest.mark.usefixtures("fresh")
    async def test_says_what_to_do_where_it_may_not_write(self, notary: Notary, tmp_path: Path) -> None:
        (tmp_path / "treeheads").write_text("in the way", encoding="utf-8")
        with pytest.raises(VaultUnavailableError, match="let the vault write to its folder treeheads"):
            await notary.sign()

    @pytest.mark.usefixtures("fresh")
    async def test_nothing_new_makes_no_new_head(self, notary: Notary, clock: FakeClock) -> None:
        first = await notary.sign()
        clock.advance(60)
        assert first is not None
        assert await notary.sign() == first

    @pytest.mark.usefixtures("signed")
    async def test_a_file_that_was_not_written_before_the_process_died_is_written_later(
        self, notary: Notary, tmp_path: Path
    ) -> None:
        head_file(tmp_path, ALL).unlink()
        head = await notary.sign()
        assert read(head_file(tmp_path, ALL)) == head

    async def test_a_status_without_a_case_is_in_the_tree(self, vault: LocalVault, notary: Notary) -> None:
        await vault.release(
            ReleaseRequest(
                "d-1", None, None, None, "police", "police", "status", "referral_status", "message-1"
            )
        )
        head, audit = await notary.sign(), await notary.verify()
        assert head is not None
        assert (head.size, audit.rows, audit.leaves, audit.faults) == (1, 1, 1, ())

    async def test_heads_made_at_once_while_rows_are_written_leave_no_gap(
        self, vault: LocalVault, fresh: Written, notary: Notary, database: Database
    ) -> None:
        releases = [vault.release(notice(each)) for each in (fresh.first, fresh.second) for _ in range(20)]
        await asyncio.gather(*releases, *(notary.sign() for _ in range(10)))
        head = await notary.sign()
        assert head is not None
        assert head.size == ALL + 40
        places = await database.pool.fetch("select position from leaves order by position")
        assert [row["position"] for row in places] == list(range(ALL + 40))
        audit = await notary.verify()
        assert (audit.rows, audit.leaves, audit.faults) == (ALL + 40, ALL + 40, ())

    @pytest.mark.parametrize("change", ["root = sha256('x')", "frontier = frontier || root", "at = now()"])
    async def test_nothing_is_built_on_a_head_that_was_changed(
        self, signed: Written, notary: Notary, database: Database, vault: LocalVault, change: str
    ) -> None:
        await database.pool.execute(f"update tree_heads set {change}")  # noqa: S608 - our own text
        await vault.release(notice(signed.first))
        with pytest.raises(VaultUnavailableError, match="stafet ledger verify"):
            await notary.sign()
        assert await database.pool.fetchval("select count(*) from tree_heads") == 1

    async def test_what_is_smaller_than_what_was_signed_gets_no_new_head(
        self, signed: Written, notary: Notary, database: Database, vault: LocalVault
    ) -> None:
        await remove_last(database, signed.first.case, FULLY)
        await database.pool.execute("truncate leaves, planted")
        await vault.release(notice(signed.second))
        with pytest.raises(VaultUnavailableError, match=f"over {ALL} rows and only 0 are there"):
            await notary.sign()

    async def test_it_works_until_it_is_stopped(self, fresh: Written, notary: Notary, tmp_path: Path) -> None:
        work = asyncio.create_task(notary.work())
        while not head_file(tmp_path, ALL).exists():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert work.cancelled()
        assert fresh.first.case not in head_file(tmp_path, ALL).read_text()


class TestProve:
    """Proofs for those who were told."""

    async def test_a_recipient_can_check_what_it_was_shown(self, signed: Written, notary: Notary) -> None:
        proof = await notary.prove(signed.disclosures[MIDDLE])
        assert proof is not None
        assert proof.content is not None
        assert (proof.content.row["recipient"], proof.content.row["groups"]) == ("redcross", ["routing"])
        text = proof.file_text()
        check_proof(read_proof(text.encode()))
        for secret in (signed.first.case, signed.first.record, *SECRETS):
            assert secret not in text

    @pytest.mark.parametrize("disclosure", [OTHER, "no id"])
    async def test_what_is_not_there_has_no_proof(
        self, signed: Written, notary: Notary, disclosure: str
    ) -> None:
        assert disclosure not in signed.disclosures
        assert await notary.prove(disclosure) is None

    async def test_a_row_without_a_tree_head_has_no_proof_yet(self, fresh: Written, notary: Notary) -> None:
        assert await notary.prove(fresh.disclosures[0]) is None

    async def test_a_row_that_was_changed_gets_no_proof(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute("update disclosures set recipient = 'police'")
        with pytest.raises(VaultUnavailableError, match="not the one that the hub wrote"):
            await notary.prove(signed.disclosures[0])

    async def test_a_status_without_a_case_can_be_proven(self, vault: LocalVault, notary: Notary) -> None:
        released = await vault.release(
            ReleaseRequest(
                "d-1", None, None, None, "police", "police", "status", "referral_status", "message-1"
            )
        )
        await notary.sign()
        proof = await notary.prove(released.disclosure)
        assert proof is not None
        assert proof.content is not None
        assert proof.content.row["part"] == "status"

    async def test_after_the_keys_of_its_case_are_destroyed_an_earlier_proof_holds_and_a_new_one_says_nothing(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        earlier = await notary.prove(signed.disclosures[0])
        await database.pool.execute("delete from case_keys where case_id = $1", signed.first.case)
        later = await notary.prove(signed.disclosures[0])
        assert earlier is not None
        assert later is not None
        check_proof(earlier)
        check_proof(later)
        assert (later.content, later.digest) == (None, earlier.digest)


class TestExtend:
    """Proofs for those who keep tree heads."""

    async def test_a_grown_ledger_begins_with_what_it_was(
        self, signed: Written, notary: Notary, vault: LocalVault, tmp_path: Path
    ) -> None:
        earlier = read(head_file(tmp_path, ALL))
        await vault.release(notice(signed.first))
        await notary.sign()
        proof = await notary.extend(earlier)
        assert proof is not None
        assert (proof.first.size, proof.second.size) == (ALL, ALL + 1)
        check_proof(read_proof(proof.file_text().encode()))

    @pytest.mark.usefixtures("signed")
    async def test_a_smaller_ledger_has_no_proof(
        self, notary: Notary, database: Database, tmp_path: Path
    ) -> None:
        earlier = read(head_file(tmp_path, ALL))
        await database.pool.execute("delete from tree_heads")
        assert await notary.extend(earlier) is None

    async def test_a_rewritten_ledger_has_no_proof(
        self, signed: Written, notary: Notary, database: Database, keys: VaultKeys, tmp_path: Path
    ) -> None:
        earlier = read(head_file(tmp_path, ALL))
        await rewrite(database, signed.first.case, MIDDLE, keys)
        await sign_anew(database, keys)
        with pytest.raises(VaultUnavailableError, match="rewritten"):
            await notary.extend(earlier)
