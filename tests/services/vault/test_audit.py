"""The audit of rows and leaves that no database ever held, wrong in ways that take every key of the hub."""

from dataclasses import replace

import pytest

from stafet.vault.domain.audit import ADDED, CHANGED, MISSING, MOVED, Fault, LaneAudit, TreeAudit, name_moves
from stafet.vault.domain.ledger import CASE, FIRST, HUB, columns_of, mark
from tests.services.vault.proofs import ENTRY, SIZE, AuditKeys, audited, head, leaves, rows

PUBLIC = head(1).key


class TestLaneAudit:
    """One chain."""

    @pytest.mark.parametrize("keyed", [CASE, HUB])
    def test_a_chain_as_it_was_written_has_no_fault(self, keyed: str) -> None:
        assert audited(rows(keyed)) == []

    def test_a_row_written_anew_breaks_the_chain_behind_it(self) -> None:
        found = rows()
        entry = replace(ENTRY, number=2, disclosure="d-2", recipient="police")
        marks = mark(entry, found[0].hash, CASE, b"case" + b"d-2", AuditKeys().stamps)
        found[1] = found[1]._replace(
            hash=marks.hash, digest=marks.digest, stamp=marks.stamp, columns=columns_of(entry)
        )
        assert audited(found) == [Fault(CHANGED, 3, 3, "c-1", "d-3")]

    @pytest.mark.parametrize("keyed", [CASE, HUB])
    def test_a_digest_under_another_key_is_named(self, keyed: str) -> None:
        found = rows(keyed)
        entry = replace(ENTRY, number=SIZE, disclosure=f"d-{SIZE}")
        marks = mark(entry, found[-1].previous, keyed, b"another", AuditKeys().stamps)
        found[-1] = found[-1]._replace(hash=marks.hash, digest=marks.digest, stamp=marks.stamp)
        assert audited(found) == [Fault(CHANGED, SIZE, SIZE, "c-1", f"d-{SIZE}")]

    @pytest.mark.parametrize("change", [{"digest": bytes(32)}, {"previous": FIRST}, {"keyed": HUB}])
    def test_after_its_key_is_destroyed_what_proves_a_row_still_cannot_be_changed(
        self, change: dict[str, bytes | str]
    ) -> None:
        found = rows()
        found[3] = found[3]._replace(**change)  # type: ignore[arg-type] # one of three columns
        assert audited(found, erased=True) == [Fault(CHANGED, 4, 4, "c-1", "d-4")]

    def test_a_key_of_nobody_is_named(self) -> None:
        found = rows()
        found[0] = found[0]._replace(keyed="x")
        assert audited(found) == [Fault(CHANGED, 1, 1, "c-1", "d-1")]

    def test_another_end_of_the_chain_is_named(self) -> None:
        faults: list[Fault] = []
        audit = LaneAudit("c-1", AuditKeys(), None, faults)
        audit.end(0, bytes([1]) * 32)
        assert faults == [Fault(CHANGED, 0, 0, "c-1")]


class TestTreeAudit:
    """All leaves."""

    def test_a_gap_is_named_once(self) -> None:
        faults: list[Fault] = []
        tree = TreeAudit([head(3), head(SIZE)], PUBLIC, faults)
        tree.take([(at, each) for at, each in enumerate(leaves()) if at not in {1, 4}])
        tree.end()
        assert faults == [Fault(MISSING, 1, 1)]

    def test_leaves_that_no_head_has_yet_are_no_fault(self) -> None:
        faults: list[Fault] = []
        tree = TreeAudit([head(3)], PUBLIC, faults)
        tree.take(enumerate(leaves()))
        tree.end()
        assert (tree.size, faults) == (SIZE, [])


class TestNameMoves:
    """One row, two faults."""

    def test_a_row_that_is_missing_here_and_wrong_there_was_moved(self) -> None:
        missing, wrong = Fault(MISSING, 1, 1, "a", "d"), Fault(CHANGED, 9, 9, "b", "d")
        assert name_moves([missing, wrong]) == (missing, replace(wrong, kind=MOVED))

    def test_others_stay_what_they_are(self) -> None:
        faults = (Fault(MISSING, 1, 1), Fault(CHANGED, 2, 2), Fault(ADDED, 3, 3, "a", "d"))
        assert name_moves(faults) == faults
