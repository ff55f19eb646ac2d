"""What the hub left at simulated shelters: requests that are whole, receipts that are complete.

What was read is removed only when the simulator has written it down.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stafet_connectors.shelter.mapping import REQUESTS
from stafet_connectors.shelter.receipts import ROWS, STATUS
from stafet_connectors.shelter.tables import read_table
from stafet_sdk.errors import InboundRefused
from stafet_sdk.filereceipts import BUSINESS, TECHNICAL, read_business, read_technical
from stafet_sdk.trigger import SUFFIX, read_trigger

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Requested:
    """A request of the hub's; `cells` by column."""

    cells: Cells


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a row that the hub had accepted: `about` is its id, or the hub's receipt of it."""

    delivery: str
    rung: str
    about: str
    detail: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The receipts of a file of ours: `rows` as the hub's table has them; `digest` stands for all bytes."""

    name: str
    acceptance: str
    rows: tuple[Cells, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file of ours that the hub could not use."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of the hub's that we cannot use."""

    code: str


Letter = Requested | Told | Settled | Unusable | Refused


def letters(folder: Path, ours: Callable[[str], bool]) -> Iterator[Letter]:
    """Read what is complete in a folder; each is removed when the next one is asked for.

    `ours` says whether a file is the simulator's own: the receipts of others, left by hand, stay.
    """
    there = sorted(each.name for each in folder.iterdir())
    for name in there:
        files = [folder / each for each in _belonging(name, set(there), ours)]
        letter = _read(files) if files and files[0].exists() else None
        if letter is not None:
            yield letter
            for each in files:
                each.unlink(missing_ok=True)


def _belonging(name: str, there: set[str], ours: Callable[[str], bool]) -> list[str]:
    """Name the files that make something whole, the one that came last first; none for any other file."""
    if name.endswith(SUFFIX):
        data = name.removesuffix(SUFFIX)
        return [name, data] if data in there else []
    file = name.removesuffix(BUSINESS).removesuffix(TECHNICAL)
    if file == name or not (name.startswith(STATUS) or ours(file)):
        return []
    if name.endswith(BUSINESS):
        return [name, *(file + each for each in (ROWS, TECHNICAL) if file + each in there)]
    return [name]


def _read(files: list[Path]) -> Letter | None:
    last, *others = files
    try:
        if last.name.endswith(SUFFIX):
            return _request(last.read_bytes(), others[0])
        if last.name.endswith(BUSINESS):
            return _business(last, others)
        return _technical(last)
    except InboundRefused as error:
        return Refused(error.code)


def _request(raw: bytes, file: Path) -> Letter:
    trigger, body = read_trigger(raw), file.read_bytes()
    if trigger.size != len(body) or trigger.file_name != file.name:
        return Refused("size_mismatch")
    rows = read_table(file.name, body).rows
    if len(rows) != 1 or rows[0].cells.get("request_type") not in REQUESTS:
        return Refused("invalid")
    return Requested(rows[0].cells)


def _business(file: Path, others: list[Path]) -> Letter:
    receipt = read_business(file.read_bytes())
    if file.name.startswith(STATUS):
        return Told(receipt.transfer, "rejected", receipt.file_name, receipt.reason)
    rows = next((each for each in others if each.name.endswith(ROWS)), None)
    found = () if rows is None else read_table(rows.name, rows.read_bytes()).rows
    whole = hashlib.sha256(b"".join(each.read_bytes() for each in (file, *others))).hexdigest()
    return Settled(receipt.file_name, receipt.acceptance, tuple(row.cells for row in found), whole)


def _technical(file: Path) -> Letter | None:
    """Read a technical receipt; one without errors is only the first of a file's receipts."""
    receipt = read_technical(file.read_bytes())
    if not receipt.errors:
        return None
    if file.name.startswith(STATUS):
        details = "; ".join(each.detail for each in receipt.errors)
        return Told(receipt.transfer, "parse_rejected", receipt.file_id, details)
    return Unusable(file.name.removesuffix(TECHNICAL), receipt.errors[0].code)
