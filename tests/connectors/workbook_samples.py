"""Workbooks as shelters, and as nobody should, send them."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl

BOMB = b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 90 + b'">]>'


def workbook(rows: Iterable[Sequence[Any]]) -> bytes:
    """Save rows as the first sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def changed(body: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Pack a workbook anew with changed entries, and more of them (`__` for `/`)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            new.writestr(each.filename, change(each.filename, old.read(each)))
        for name, content in more.items():
            new.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def same(_name: str, content: bytes) -> bytes:
    """Change nothing."""
    return content


def with_entity(name: str, content: bytes) -> bytes:
    """Declare an entity in the sheet."""
    if not name.endswith("sheet1.xml"):
        return content
    start = content.find(b"<worksheet")
    return content[:start] + BOMB + content[start:]


def with_entity_in_utf16(name: str, content: bytes) -> bytes:
    """Declare it where a search for its letters does not find it."""
    return with_entity(name, content).decode().encode("utf-16") if name.endswith("sheet1.xml") else content


def far_away(name: str, content: bytes) -> bytes:
    """Move the last row to the end of the longest sheet there is."""
    return content.replace(b'r="2"', b'r="1048576"') if name.endswith("sheet1.xml") else content
