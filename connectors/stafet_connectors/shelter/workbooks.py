"""Workbooks (XLSX) from outside: nothing in them is run, followed, or unpacked beyond a limit. Pure.

A cell with a formula reads as its text, which begins with `=`; what it last came to is not looked at.
"""

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time
from itertools import islice
from typing import Final

import openpyxl

from stafet_sdk.errors import InboundRefused

MAX_ENTRIES: Final = 100
MAX_UNPACKED: Final = 16 * 1024 * 1024
"""Bytes of all entries together."""
MAX_RATIO: Final = 100
MAX_WIDTH: Final = 200
"""Cells of a row, empty ones at its end included."""
SMALL: Final = 64 * 1024
"""An entry of so many bytes may be packed as tightly as it likes."""

_UNWANTED: Final = re.compile(r"externallinks/|vbaproject|/embeddings/|/activex/|macrosheets/")
_DOCTYPE: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_XML: Final = (".xml", ".rels", ".vml")


def read_workbook(body: bytes, rows: int, columns: int) -> list[list[str]]:
    """Read the first sheet of a workbook as text; an empty row is empty.

    Raises:
        InboundRefused: it is none, is packed too tightly, holds what a table does not need, or has more than
            so many rows or columns.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            _check(packed)
        return _cells(body, rows, columns)
    except InboundRefused:
        raise
    except Exception:  # noqa: BLE001 - many parsers read a workbook, and each has its own errors for a wrong one
        raise InboundRefused("malformed", "this is no workbook that can be read") from None


def _check(packed: zipfile.ZipFile) -> None:
    entries = packed.infolist()
    if len(entries) > MAX_ENTRIES or sum(each.file_size for each in entries) > MAX_UNPACKED:
        raise InboundRefused("too_large", "the workbook is too large when it is unpacked", status=413)
    for each in entries:
        if each.file_size > SMALL and each.file_size > MAX_RATIO * max(each.compress_size, 1):
            raise InboundRefused("too_large", "the workbook is packed too tightly", status=413)
        if _UNWANTED.search(each.filename.lower()):
            raise InboundRefused("active_content", "no macros, links to other files or embedded files")
        if each.filename.lower().endswith(_XML):
            _check_xml(packed.read(each))


def _check_xml(text: bytes) -> None:
    # In another encoding than UTF-8 a declaration could hide from the search.
    if b"\x00" in text[:64] or text.startswith((b"\xff\xfe", b"\xfe\xff")) or _DOCTYPE.search(text):
        raise InboundRefused("malformed", "the workbook declares entities, or is not in UTF-8")
    declared = re.match(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", text)
    if declared and declared[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
        raise InboundRefused("malformed", "the workbook declares entities, or is not in UTF-8")


def _cells(body: bytes, rows: int, columns: int) -> list[list[str]]:
    with warnings.catch_warnings():
        # It warns of styles and checks of a sheet that it does not know; only the values are wanted.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # What a sheet says of its own size may be wrong.
            sheet.reset_dimensions()
            found = islice(sheet.iter_rows(min_row=1, values_only=True), rows + 1)
            records = [_record(record, columns) for record in found]
        finally:
            book.close()
    if len(records) > rows:
        raise InboundRefused("too_many_rows", f"a sheet ends above row {rows + 1}", status=413)
    while records and not records[-1]:
        records.pop()
    return records


def _record(cells: tuple[object, ...], columns: int) -> list[str]:
    """Write the cells of a row up to the last that holds something."""
    if len(cells) <= MAX_WIDTH:
        record = [_text(cell) for cell in cells]
        while record and not record[-1]:
            record.pop()
        if len(record) <= columns:
            return record
    raise InboundRefused("too_many_columns", f"a row has at most {columns} cells", status=413)


def _text(value: object) -> str:
    """Write a cell as it would stand in CSV; a whole number without its decimals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
