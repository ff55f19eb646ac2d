"""What is decided about forgetting a case."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from stafet.vault.domain.erasure import (
    GROUNDS,
    HOLDS,
    REPLAYED,
    Clear,
    Counts,
    Held,
    Hold,
    Statement,
    case_digest,
    certificate_text,
    check,
    read_certificate,
    statement_bytes,
)
from stafet.vault.domain.zones import ZONES
from stafet_schemas.codes import ERASURES

TODAY = date(2026, 11, 24)
HOLD = Hold("h-1", "c-1", "archive", "A. Archivist", "journal 47", None)
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
STATEMENT = Statement(
    "e-1",
    case_digest("c-1"),
    "objection",
    GROUNDS["objection"],
    AT,
    AT,
    ("led",),
    ("file-1", "file-2"),
    Counts(1, 2, 3, 4, 5),
    None,
)


class TestCheck:
    """The legal check."""

    def test_without_holds_all_zones_go(self) -> None:
        assert check([], ZONES, TODAY) == Clear(ZONES)

    @pytest.mark.parametrize("kind", sorted(set(HOLDS) - {"evidence"}))
    def test_a_hold_is_in_the_way_of_everything(self, kind: str) -> None:
        hold = replace(HOLD, kind=kind)
        assert check([hold, replace(HOLD, kind="evidence")], ZONES, TODAY) == Held((hold,))

    def test_evidence_keeps_the_criminal_matter_only(self) -> None:
        assert check([replace(HOLD, kind="evidence")], ZONES, TODAY) == Clear(("gdpr",))

    def test_evidence_without_a_key_of_its_own_keeps_all(self) -> None:
        hold = replace(HOLD, kind="evidence")
        assert check([hold], ("gdpr",), TODAY) == Held((hold,))

    def test_a_hold_stands_on_its_last_day_and_not_after(self) -> None:
        hold = replace(HOLD, until=TODAY)
        assert check([hold], ZONES, TODAY) == Held((hold,))
        assert check([hold], ZONES, date(2026, 11, 25)) == Clear(ZONES)


class TestReasons:
    """Reasons for which a case may be erased."""

    def test_are_those_of_the_code_list(self) -> None:
        assert {*GROUNDS, REPLAYED} == ERASURES.codes


class TestCertificate:
    """What is signed, and how it is read again."""

    def test_reads_back_as_the_same_bytes(self) -> None:
        content = statement_bytes(STATEMENT)
        read = read_certificate(certificate_text(content, b"k" * 32, b"s" * 64))
        assert (read.content, read.key, read.signature) == (content, b"k" * 32, b"s" * 64)
        assert (read.erasure, read.case, read.reason) == ("e-1", case_digest("c-1"), "objection")

    def test_does_not_name_the_case(self) -> None:
        said = json.loads(statement_bytes(STATEMENT))
        assert "c-1" not in said.values()
        assert set(said) == set(Statement.__slots__)

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{}", '{"statement": 1, "key": "", "signature": ""}', '{"statement": {}, "key": "?"}'],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a certificate"):
            read_certificate(text)
