"""Tables as shelters send and get them: CSV with semicolons, and workbooks (XLSX), within limits. Pure.

A cell that a spreadsheet would run (it begins with = + - @, a tab or a carriage return) is written behind an
apostrophe, and so is one that begins with an apostrophe; reading takes one away. What is still dangerous when
it was read came so from outside: see `runs`.
Source of the rule: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from stafet_connectors.shelter.workbooks import read_workbook
from stafet_sdk.errors import InboundRefused

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 40
MAX_CELL: Final = 8_000
"""Characters."""

DELIMITER: Final = ";"
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_ESCAPED: Final = (*DANGEROUS, "'")
# HXL (https://hxlstandard.org): a row of hashtags below the header says what the columns are.
_HXL: Final = re.compile(r"#[a-z][a-z0-9_]*(\s*\+[a-z][a-z0-9_]*)*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row by column name; `number` is the one that a spreadsheet shows (the header is row 1).

    `longer` says that it has more cells than the header: a separator stands where none belongs.
    """

    number: int
    cells: dict[str, str]
    longer: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A header and the rows below it, without empty ones and without a row of HXL tags."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(name: str, body: bytes) -> Table:
    """Read a file by the end of its name, `.csv` or `.xlsx`.

    Raises:
        InboundRefused: it is of no use as a whole; no word of it is in the error.
    """
    if len(body) > MAX_BYTES:
        raise InboundRefused("too_large", f"a file has at most {MAX_BYTES} bytes", status=413)
    if name.endswith(".xlsx"):
        return _table(read_workbook(body, MAX_ROWS + 2, MAX_COLUMNS))
    if name.endswith(".csv"):
        return _table(_records(body))
    raise InboundRefused("unknown_format", "send .csv or .xlsx", status=415)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write CSV as spreadsheets in Denmark open it: semicolons, UTF-8 with BOM, Windows line ends."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")
    for row in (columns, *rows):
        writer.writerow([_written(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def runs(cell: str) -> bool:
    """Say whether a spreadsheet would take a cell for a formula."""
    return cell.startswith(DANGEROUS)


def _written(cell: str) -> str:
    clean = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", cell)
    return f"'{clean}" if clean.startswith(_ESCAPED) else clean


def _records(body: bytes) -> list[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InboundRefused("not_utf8", "save the file as CSV in UTF-8") from None
    if _CONTROL.search(text):
        raise InboundRefused("malformed", "the file has control characters; is it a CSV file?")
    found: list[list[str]] = []
    try:
        # Tabs and carriage returns inside a quoted cell are part of it: the line ends are the reader's.
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITER, strict=True):
            found.append([cell.removeprefix("'") for cell in record])
            if len(found) > MAX_ROWS + 2:
                break
    except csv.Error:
        raise InboundRefused("malformed", "quotes or separators do not fit; use ; between cells") from None
    return found


def _table(records: list[list[str]]) -> Table:
    header = [name.strip().lower() for name in records[0]] if records else []
    while header and not header[-1]:
        header.pop()
    if not header:
        raise InboundRefused("no_header", "the first row names the columns")
    _check(records, header)
    start = 2 if len(records) > 1 and is_hxl(records[1]) else 1
    rows = [
        Row(number, _by_name(header, record), longer=any(cell.strip() for cell in record[len(header) :]))
        for number, record in enumerate(records[start:], start + 1)
        if any(cell.strip() for cell in record)
    ]
    return Table(tuple(header), tuple(rows))


def _by_name(header: list[str], record: list[str]) -> dict[str, str]:
    return dict(zip(header, [*record, *[""] * len(header)], strict=False))


def _check(records: list[list[str]], header: list[str]) -> None:
    if len(records) > MAX_ROWS + 2:
        raise InboundRefused("too_many_rows", f"a file has at most {MAX_ROWS} rows", status=413)
    if any(len(record) > MAX_COLUMNS for record in records):
        raise InboundRefused("too_many_columns", f"a row has at most {MAX_COLUMNS} cells", status=413)
    if any(len(cell) > MAX_CELL for record in records for cell in record):
        raise InboundRefused("too_long_cell", f"a cell has at most {MAX_CELL} characters", status=413)
    if len(set(header)) != len(header):
        raise InboundRefused("malformed", "two columns have the same name")


def is_hxl(record: Sequence[str]) -> bool:
    """Say whether a row holds tags of HXL and nothing else."""
    tags = [cell.strip() for cell in record if cell.strip()]
    return bool(tags) and all(_HXL.fullmatch(tag) for tag in tags)
