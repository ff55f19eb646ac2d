"""Tables of shelters: whatever we write we read the same, and nothing from outside costs or runs much."""

import random
import tracemalloc
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_connectors.shelter import tables
from stafet_connectors.shelter.tables import DANGEROUS, read_table, runs, write_table
from stafet_sdk.errors import InboundRefused
from tests.connectors.workbook_samples import (
    changed,
    far_away,
    same,
    with_entity,
    with_entity_in_utf16,
    workbook,
)

PLAIN = "a;b\r\n1;2\r\n"
CELL = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\r\n;\"'=+-@"), max_size=12
)


def refused(name: str, body: bytes) -> str:
    """Read what is of no use; return why it is."""
    with pytest.raises(InboundRefused) as caught:
        read_table(name, body)
    return caught.value.code


def cells(name: str, body: bytes) -> list[tuple[int, dict[str, str]]]:
    """Read rows with their numbers."""
    return [(row.number, row.cells) for row in read_table(name, body).rows]


class TestCsv:
    @given(
        rows=st.lists(st.tuples(CELL, CELL, CELL).filter(lambda row: any(map(str.strip, row))), max_size=6)
    )
    def test_any_table_that_we_write_we_read_the_same(self, rows: list[tuple[str, str, str]]) -> None:
        columns = ("one", "two", "three")
        read = read_table("x.csv", write_table(columns, rows))
        assert read.columns == columns
        tagged = bool(rows) and tables.is_hxl(rows[0])
        assert [tuple(row.cells.values()) for row in read.rows] == rows[tagged:]

    @given(cell=CELL)
    def test_nothing_that_we_write_runs_in_a_spreadsheet(self, cell: str) -> None:
        text = write_table(("a", "b"), [("x", cell)]).decode("utf-8-sig")
        written = text.removeprefix("a;b\r\nx;").removeprefix('"')
        assert not written.startswith(("=", "+", "-", "@", "\t"))
        assert not (runs(cell) and written.startswith("\r"))

    @pytest.mark.parametrize("body", [
        PLAIN.encode(), PLAIN.encode("utf-8-sig"), b"a;b\n1;2\n", b"A ; B\r\n1;2\r\n\r\n;\r\n",
        b"a;b;\r\n1;2;\r\n", b'"a";"b"\n"1";"2"',
    ])  # fmt: skip
    def test_reads_with_or_without_bom_quotes_and_windows_line_ends(self, body: bytes) -> None:
        assert cells("x.csv", body) == [(2, {"a": "1", "b": "2"})]

    def test_passes_over_a_row_of_hxl_tags(self) -> None:
        body = b"a;b\n#org+name; #capacity +free\n1;2\n#org;x\n"
        assert cells("x.csv", body) == [(3, {"a": "1", "b": "2"}), (4, {"a": "#org", "b": "x"})]

    def test_a_row_with_too_many_cells_is_marked(self) -> None:
        assert [row.longer for row in read_table("x.csv", b"a;b\n1;2;3\n1;2;\n1\n").rows] == [
            True,
            False,
            False,
        ]

    @pytest.mark.parametrize("mark", DANGEROUS)
    def test_what_would_run_is_known_as_such(self, mark: str) -> None:
        body = f'a;b\n"{mark}1";2\n'.encode()
        assert runs(cells("x.csv", body)[0][1]["a"])

    @pytest.mark.parametrize(("body", "code"), [
        (b"", "no_header"), (b";;\n1;2\n", "no_header"), (b"a;a\n", "malformed"), (b'a;b\n"1', "malformed"),
        (b"a;b\n1;\x00\n", "malformed"), ("a;b\n1;\u00e6\n".encode("latin-1"), "not_utf8"),
        ("a;b\n".encode("utf-16"), "not_utf8"), (b"a\n" + b"1\n" * 5_002, "too_many_rows"),
        (b";".join([b"a"] * 41), "too_many_columns"), (b"a\n" + b"1" * 8_001, "too_long_cell"),
        (b"a\n" + b"1" * tables.MAX_BYTES, "too_large"), (b'a\n"' + b"1" * 200_000 + b'"', "malformed"),
    ])  # fmt: skip
    def test_a_file_of_no_use_is_refused_by_a_code(self, body: bytes, code: str) -> None:
        assert refused("x.csv", body) == code

    @pytest.mark.parametrize("name", ["x.xls", "x.txt", "x.csv.exe", "x"])
    def test_only_csv_and_workbooks_are_read(self, name: str) -> None:
        assert refused(name, PLAIN.encode()) == "unknown_format"


class TestWorkbook:
    def test_reads_the_same_as_csv(self) -> None:
        at = datetime(2026, 11, 24, 2, 15)  # noqa: DTZ001 - as spreadsheets have it
        body = workbook(
            [["a", "b", "c", "d"], ["#x", "#y", None, None], [1, 2.0, at, None], [None, 2.5, True, "t"]]
        )
        assert cells("x.xlsx", body) == [
            (3, {"a": "1", "b": "2", "c": "2026-11-24T02:15:00", "d": ""}),
            (4, {"a": "", "b": "2.5", "c": "yes", "d": "t"}),
        ]

    def test_a_formula_is_not_evaluated_but_seen(self) -> None:
        assert runs(cells("x.xlsx", workbook([["a"], ["=1+1"]]))[0][1]["a"])

    def test_a_leading_zero_that_the_sheet_lost_stays_lost(self) -> None:
        assert cells("x.xlsx", workbook([["a"], [101901234]]))[0][1] == {"a": "101901234"}

    @pytest.mark.parametrize("body", [b"", b"PK\x03\x04", PLAIN.encode(), workbook([["a"]])[:-40]])
    def test_no_workbook_is_refused(self, body: bytes) -> None:
        assert refused("x.xlsx", body) == "malformed"

    @pytest.mark.parametrize("change", [with_entity, with_entity_in_utf16])
    def test_entities_are_refused_in_any_encoding(self, change: Callable[[str, bytes], bytes]) -> None:
        assert refused("x.xlsx", changed(workbook([["a"], [1]]), change)) == "malformed"

    @pytest.mark.parametrize("entry", [
        "xl__externalLinks__externalLink1.xml", "xl__vbaProject.bin", "xl__embeddings__o.bin",
        "xl__activeX__a.bin",
    ])  # fmt: skip
    def test_links_macros_and_embedded_files_are_refused(self, entry: str) -> None:
        assert refused("x.xlsx", changed(workbook([["a"]]), same, **{entry: b"<x/>"})) == "active_content"

    @pytest.mark.parametrize("more", [
        {f"x{number}": random.Random(number).randbytes(8_000) + bytes(392_000) for number in range(45)},
        {"xl__media__a.bin": bytes(1_000_000)}, {f"x{number}": b"" for number in range(100)},
    ], ids=["large", "tight", "many"])  # fmt: skip
    def test_a_bomb_is_refused_before_it_is_unpacked(self, more: dict[str, bytes]) -> None:
        body = changed(workbook([["a"]]), same, **more)
        assert len(body) < tables.MAX_BYTES / 4
        tracemalloc.start()
        try:
            assert refused("x.xlsx", body) == "too_large"
            assert tracemalloc.get_traced_memory()[1] < 500_000
        finally:
            tracemalloc.stop()

    def test_a_row_at_the_end_of_the_world_costs_no_million_rows(self) -> None:
        assert refused("x.xlsx", changed(workbook([["a"], [1]]), far_away)) == "too_many_rows"

    @pytest.mark.parametrize(("rows", "code"), [
        ([["a"], *[["1"]] * 5_002], "too_many_rows"), ([["a"] * 41], "too_many_columns"),
        ([[""]], "no_header"),
    ])  # fmt: skip
    def test_has_the_same_limits_as_csv(self, rows: list[list[object]], code: str) -> None:
        assert refused("x.xlsx", workbook(rows)) == code
