"""The shred journal on disk."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stafet.vault.adapters.shreds import ShredJournal
from stafet.vault.domain.erasure import Counts, Statement, case_digest, certificate_text, statement_bytes
from stafet.vault.ports.erasures import Shred
from stafet_runtime.vaultport import VaultUnavailableError

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHRED = Shred("c-1", AT, ("gdpr", "led"))


def certificate(case: str = "c-1", erasure: str = "e-1") -> str:
    statement = Statement(
        erasure, case_digest(case), "objection", "", AT, AT, (), (), Counts(1, 1, 1, 1, 1), None
    )
    return certificate_text(statement_bytes(statement), b"k", b"s")


class TestShredJournal:
    """Lines and certificates."""

    def test_reads_what_was_written_in_order(self, tmp_path: Path) -> None:
        other = Shred("c-2", AT, ("gdpr",))
        ShredJournal(tmp_path).write(SHRED, certificate())
        ShredJournal(tmp_path).write(other, certificate("c-2"))
        assert ShredJournal(tmp_path).read() == (SHRED, other)

    def test_is_empty_before_the_first_erasure(self, tmp_path: Path) -> None:
        assert ShredJournal(tmp_path).read() == ()
        assert ShredJournal(tmp_path).certificate("c-1") is None
        assert list(tmp_path.iterdir()) == []

    def test_says_what_to_do_where_it_may_not_write_and_leaves_no_line(self, tmp_path: Path) -> None:
        (tmp_path / "certificates").write_text("in the way", encoding="utf-8")
        with pytest.raises(VaultUnavailableError, match="let the vault write to both folders"):
            ShredJournal(tmp_path).write(SHRED, certificate())
        assert ShredJournal(tmp_path).read() == ()

    def test_finds_the_newest_certificate_of_a_case(self, tmp_path: Path) -> None:
        journal = ShredJournal(tmp_path)
        for text in (certificate(), certificate(erasure="e-2"), certificate("c-2", "e-3")):
            journal.write(SHRED, text)
        assert journal.certificate("c-1") == certificate(erasure="e-2")

    def test_a_line_cut_off_by_a_loss_of_power_is_not_read_and_not_in_the_way(self, tmp_path: Path) -> None:
        journal = ShredJournal(tmp_path)
        journal.write(SHRED, certificate())
        path = tmp_path / "shreds" / "journal.jsonl"
        path.write_bytes(path.read_bytes() + b'{"case": "c-2", "a')
        assert journal.read() == (SHRED,)
        journal.write(SHRED, certificate())
        assert journal.read() == (SHRED, SHRED)

    @pytest.mark.parametrize("line", ["", "{}", '{"case": "c-1", "at": "today", "zones": []}', "[1]"])
    def test_a_line_that_is_none_stops_the_start_with_its_number(self, tmp_path: Path, line: str) -> None:
        journal = ShredJournal(tmp_path)
        journal.write(SHRED, certificate())
        path = tmp_path / "shreds" / "journal.jsonl"
        path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
        with pytest.raises(VaultUnavailableError, match=r"line 2 .* restore the file"):
            journal.read()

    def test_is_the_owners_alone(self, tmp_path: Path) -> None:
        ShredJournal(tmp_path).write(SHRED, certificate())
        modes = {each: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.rglob("*")}
        assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
