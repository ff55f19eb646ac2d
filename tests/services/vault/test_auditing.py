"""The audit of the ledger on a real database: every attack is found and named."""

from pathlib import Path

import pytest

from stafet.vault.app.erasures import Eraser
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.domain.ledger import COLUMNS
from stafet.vault.keyfiles import create_key_files, read_key_files
from stafet.vault.keys import VaultKeys
from stafet_runtime.database import Database
from stafet_runtime.vaultport import DisclosureBlockedError, VaultUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.vault.ledgering import (
    ALL,
    FULLY,
    MIDDLE,
    OTHER,
    ROWS,
    Written,
    head_file,
    named,
    open_notary,
    read,
    remove_last,
    rewrite,
    sign_anew,
)
from tests.services.vault.people import notice

CHANGES = {
    "disclosure": f"disclosure_id = '{OTHER}'", "lane": "lane = 'no-case'",
    "number": "number = 9", "version": "version = version + 1", "groups": "groups = '{}'",
    "case": "case_id = 'x'", "record": "record_id = 'x'", "fields": "fields = '{}'",
    "bases": "bases = '{consent:x:1}'",
    "attempt": "attempt = attempt + 1", "at": "at = at - interval '1 microsecond'",
    "outcome": "outcome = 'blocked', reason = 'erased'", "reason": "outcome = 'blocked', reason = ''",
}  # fmt: skip
"""How columns are changed that do not simply get another text."""


class TestVerify:
    """Attacks by somebody who may write to the database."""

    async def test_a_ledger_nobody_touched_is_sound(self, signed: Written, notary: Notary) -> None:
        audit = await notary.verify()
        assert (audit.rows, audit.lanes, audit.erased, audit.leaves) == (ALL, 3, 0, ALL)
        assert audit.head is not None
        assert audit.faults == ()
        assert signed.first.case

    @pytest.mark.parametrize("column", COLUMNS)
    async def test_a_changed_row_is_named_whichever_column(
        self, column: str, fresh: Written, notary: Notary, database: Database
    ) -> None:
        change = CHANGES.get(column, f"{column} = 'other'")
        await database.pool.execute(
            f"update disclosures set {change} where disclosure_id = $1",  # noqa: S608 - our own text
            fresh.disclosures[MIDDLE],
        )
        faults = (await notary.verify()).faults
        name = OTHER if column == "disclosure" else fresh.disclosures[MIDDLE]
        assert {each.disclosure for each in faults} - {None} == {name}
        assert {each.first for each in faults if each.disclosure is None} <= {1, MIDDLE + 1, ROWS + 1}

    @pytest.mark.parametrize("column", ["prev_hash", "hash", "digest", "stamp"])
    async def test_a_changed_proof_of_a_row_is_named(
        self, column: str, fresh: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute(
            f"update disclosures set {column} = sha256('x') where disclosure_id = $1",  # noqa: S608 - ours
            fresh.disclosures[MIDDLE],
        )
        faults = named((await notary.verify()).faults)
        assert ("changed", MIDDLE + 1, MIDDLE + 1, fresh.disclosures[MIDDLE]) in faults

    async def test_a_row_said_to_be_keyed_by_the_hub_is_named(
        self, fresh: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute(
            "update disclosures set keyed = 'hub' where disclosure_id = $1", fresh.disclosures[MIDDLE]
        )
        assert named((await notary.verify()).faults) == [
            ("changed", MIDDLE + 1, MIDDLE + 1, fresh.disclosures[MIDDLE])
        ]

    async def test_a_removed_last_row_is_missing(
        self, fresh: Written, notary: Notary, database: Database
    ) -> None:
        await remove_last(database, fresh.first.case, 1)
        (fault,) = (await notary.verify()).faults
        assert (fault.kind, fault.lane, fault.first, fault.last) == ("missing", fresh.first.case, ROWS, ROWS)

    @pytest.mark.parametrize("depth", [1, 2])
    async def test_a_removed_last_row_that_was_signed_is_named_even_if_its_chain_is_set_back(
        self, depth: int, signed: Written, notary: Notary, database: Database
    ) -> None:
        await remove_last(database, signed.first.case, depth)
        assert ("missing", ROWS, ROWS, signed.disclosures[-1]) in named((await notary.verify()).faults)

    async def test_a_row_removed_from_every_table_is_missed_by_the_exported_head(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        last = max((signed.first.case, ROWS), (signed.second.case, ROWS))[0]
        await remove_last(database, last, FULLY)
        assert named((await notary.verify()).faults) == [("missing", ALL - 1, ALL - 1, None)]

    @pytest.mark.parametrize("signed_before", [False, True])
    async def test_a_missing_row_in_the_middle_is_named_alone(
        self, signed_before: bool, fresh: Written, notary: Notary, database: Database
    ) -> None:
        if signed_before:
            await notary.sign()
        name = fresh.disclosures[MIDDLE]
        await database.pool.execute("delete from disclosures where disclosure_id = $1", name)
        assert named((await notary.verify()).faults) == [
            ("missing", MIDDLE + 1, MIDDLE + 1, name if signed_before else None)
        ]

    @pytest.mark.parametrize(("signed_before", "kind"), [(False, "changed"), (True, "moved")])
    async def test_two_rows_that_changed_places_are_both_named(
        self, signed_before: bool, kind: str, fresh: Written, notary: Notary, database: Database
    ) -> None:
        if signed_before:
            await notary.sign()
        swap = "update disclosures set number = $3 where lane = $1 and number = $2"
        for was, becomes in ((2, -1), (3, 2), (-1, 3)):
            await database.pool.execute(swap, fresh.first.case, was, becomes)
        assert named((await notary.verify()).faults) == [
            (kind, 2, 2, fresh.disclosures[2]),
            (kind, 3, 3, fresh.disclosures[1]),
        ]

    async def test_a_row_moved_to_another_lane_is_named_in_both(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        moved = signed.disclosures[-1]
        await database.pool.execute(
            "update disclosures set lane = $2, number = $3 where disclosure_id = $1",
            moved, signed.second.case, ROWS + 1,
        )  # fmt: skip
        faults = (await notary.verify()).faults
        assert {(each.kind, each.lane, each.first, each.disclosure) for each in faults} == {
            ("missing", signed.first.case, ROWS, moved),
            ("moved", signed.second.case, ROWS + 1, moved),
            ("added", signed.second.case, ROWS + 1, None),
        }

    async def test_a_row_that_no_release_wrote_is_named(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute(
            "insert into disclosures select gen_random_uuid(), lane, number + 1, case_id, referral, "
            "record_id, version, sender, recipient, purpose, part, policy, outcome, reason, groups, fields, "
            "delivery, attempt, at, hash, sha256('x'), keyed, digest, stamp, bases from disclosures "
            "where disclosure_id = $1",
            signed.disclosures[-1],
        )
        faults = (await notary.verify()).faults
        assert {(each.kind, each.first) for each in faults} == {("changed", ROWS + 1), ("added", ROWS + 1)}

    async def test_a_lane_that_is_gone_leaves_its_leaves(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute("delete from disclosures where lane = $1", signed.first.case)
        await database.pool.execute("delete from chains where lane = $1", signed.first.case)
        assert named((await notary.verify()).faults) == [
            ("missing", number, number, disclosure) for number, disclosure in enumerate(signed.disclosures, 1)
        ]

    async def test_a_leaf_that_is_gone_is_named(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute("delete from leaves where disclosure_id = $1", signed.disclosures[MIDDLE])
        assert {each.kind for each in (await notary.verify()).faults} == {"missing", "added"}

    @pytest.mark.usefixtures("signed")
    @pytest.mark.parametrize(
        "change", ["root = sha256('x')", "root = ''", "signature = '\\x00'", "at = now()", "size = -1"]
    )
    async def test_a_changed_tree_head_is_found(
        self, change: str, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute(f"update tree_heads set {change}")  # noqa: S608 - our own text
        assert {each.kind for each in (await notary.verify()).faults} == {"forged"}

    @pytest.mark.usefixtures("signed")
    @pytest.mark.parametrize(("name", "value"), [("root", "00" * 32), ("signature", "00" * 64), ("size", 7)])
    async def test_a_changed_file_of_a_tree_head_is_found(
        self, name: str, value: str | int, notary: Notary, tmp_path: Path
    ) -> None:
        path = head_file(tmp_path, ALL)
        path.write_text(read(path).model_copy(update={name: value}).model_dump_json(warnings=False))
        assert "forged" in {each.kind for each in (await notary.verify()).faults}

    @pytest.mark.usefixtures("signed")
    async def test_a_head_of_another_hub_is_found(
        self, notary: Notary, tmp_path: Path, clock: FakeClock, ids: FakeIds, database: Database
    ) -> None:
        create_key_files(tmp_path / "other")
        _, other = open_notary(database, clock, ids, read_key_files(tmp_path / "other"))
        foreign = await sign_anew(database, other)
        head_file(tmp_path, ALL).write_text(foreign.file_text())
        assert {each.kind for each in (await notary.verify()).faults} == {"forged"}

    @pytest.mark.usefixtures("signed")
    async def test_what_is_no_tree_head_is_refused(self, notary: Notary, tmp_path: Path) -> None:
        head_file(tmp_path, ALL).write_text("{}")
        with pytest.raises(VaultUnavailableError, match="no tree head"):
            await notary.verify()

    async def test_a_past_rewritten_with_every_key_is_found_by_the_exported_head(
        self, signed: Written, notary: Notary, database: Database, keys: VaultKeys, vault: LocalVault
    ) -> None:
        await vault.release(notice(signed.first))
        await notary.sign()
        await rewrite(database, signed.first.case, ROWS + 1, keys)
        await sign_anew(database, keys)
        assert named((await notary.verify()).faults) == [("rewritten", ALL, ALL, None)]

    async def test_after_the_keys_of_a_case_are_destroyed_it_is_still_sound(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute("delete from case_keys where case_id = $1", signed.first.case)
        audit = await notary.verify()
        assert (audit.erased, audit.rows, audit.faults) == (1, ALL, ())

    async def test_it_is_still_sound_after_an_erasure_and_what_was_asked_for_after_it(
        self, signed: Written, notary: Notary, vault: LocalVault, desk: Eraser
    ) -> None:
        await desk.erase(signed.first.case, "no_longer_needed", "A. Director")
        with pytest.raises(DisclosureBlockedError, match="erased"):
            await vault.release(notice(signed.first))
        await notary.sign()
        audit = await notary.verify()
        assert (audit.erased, audit.rows, audit.leaves, audit.faults) == (1, ALL + 1, ALL + 1, ())

    async def test_a_changed_row_is_named_even_after_the_keys_of_its_case_are_destroyed(
        self, signed: Written, notary: Notary, database: Database
    ) -> None:
        await database.pool.execute("delete from case_keys where case_id = $1", signed.first.case)
        await database.pool.execute(
            "update disclosures set recipient = 'police' where disclosure_id = $1", signed.disclosures[MIDDLE]
        )
        assert named((await notary.verify()).faults) == [
            ("changed", MIDDLE + 1, MIDDLE + 1, signed.disclosures[MIDDLE])
        ]
