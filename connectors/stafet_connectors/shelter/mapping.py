"""The shelters' words: which columns their tables have, and what they say. Pure.

A row travels through the hub as JSON: `feed`, `row` (its id) and `cells` by column, only those that are known
here. A person number is looked at and not kept: the hub has no use for it.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from stafet_connectors.shelter.cells import ANONYMOUS, KNOWN, CellError, moment, person, whole_number
from stafet_connectors.shelter.tables import Row, Table, runs
from stafet_schemas.groups import Group
from stafet_sdk.draft import AnswerDraft, CapacityDraft, Fields, Release, Value
from stafet_sdk.errors import InboundRefused, MappingError, NoWord

Cells = dict[str, str]
Problem = tuple[str, str]
Read = TypeVar("Read")

CAPACITY: Final = "capacity"
PLACEMENT: Final = "placement"
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    CAPACITY: ("shelter_id", "status", "free_places", "total_places", "accepts", "reported_at"),
    PLACEMENT: ("referral_ref", "placement_status", "reason", "placement_ref", "cpr"),
}
"""What a file of each feed may have; the name of a file begins with that of its feed."""
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    CAPACITY: ("shelter_id", "status", "reported_at"),
    PLACEMENT: ("referral_ref", "placement_status"),
}
RUNGS: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "rejected": "rejected",
    "checked_in": "in_progress",
    "left": "completed",
}
"""What a shelter says of a placement, and the rung of the ladder that it is."""

REVOCATION: Final = "revocation"
NOTICES: Final = frozenset({"notice", "reminder"})
ALERT: Final = "alert"
REQUESTS: Final = ("notice", "content", "reminder", REVOCATION, "withdrawal", "erasure", ALERT)
"""The parts of the hub's that go as a request, by their own name in `request_type`."""
UNUSABLE: Final = frozenset({"parse_rejected", "rejected"})
"""What becomes of a row that is of no use: it cannot be read, or does not fit the referral."""
NAMES: Final[Mapping[tuple[Group, str], str]] = {
    (Group.ROUTING, name): name
    for name in ("service", "priority", "age_group", "sex", "language", "interpreter", "risk", "safe_contact")
}
"""Released fields with a column of their own; every other one has `<group>_<field>`."""

# What a row holds travels in events: ids and codes have a shape that prose and names do not fit.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_UNIT: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_REFERRAL: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,63}")
_LISTED: Final = re.compile(r"[,\s]+")
_FILE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
_MOST_CODES: Final = 20


def feed_of(name: str) -> str:
    """Tell by a file's name what it brings.

    Raises:
        InboundRefused: neither of the two feeds.
    """
    for feed in COLUMNS:
        if name.startswith(f"{feed}_"):
            return feed
    raise InboundRefused("unknown_feed", "a file's name begins with capacity_ or placement_", status=422)


def check_columns(feed: str, table: Table) -> None:
    """Let a table pass that has the columns its feed needs.

    Raises:
        InboundRefused: the missing ones, by name.
    """
    missing = tuple(name for name in REQUIRED[feed] if name not in table.columns)
    if missing:
        raise InboundRefused("missing_columns", f"needs {', '.join(missing)}", status=422, fields=missing)


def ignored_columns(feed: str, table: Table) -> tuple[Problem, ...]:
    """Name columns that no row is read for, by their place: the name of one could be anything."""
    places = enumerate(table.columns, 1)
    return tuple(
        (f"column {place}", "unknown, ignored") for place, name in places if name not in COLUMNS[feed]
    )


def file_id(text: str) -> str:
    """Check the id that a shelter gave its file: it travels on in the ids of the rows.

    Raises:
        InboundRefused: it has another shape.
    """
    if not _FILE_ID.fullmatch(text):
        detail = "8 to 64 of A-Z a-z 0-9 _ - and a new one for every file"
        raise InboundRefused("invalid_file_id", detail, status=422, fields=("SendersFileId",))
    return text


def row_id(sent: str, number: int) -> str:
    """Name a row by its file's id and its number: the same file has the same rows."""
    return f"{sent}:{number}"


def row_body(feed: str, sent: str, row: Row) -> bytes:
    """Word a row as the message that it is. Unknown columns and the person number itself stay outside."""
    cells = {name: _plain(row.cells[name]) for name in COLUMNS[feed] if _plain(row.cells.get(name, ""))}
    if "cpr" in cells:
        cells["cpr"] = _looked_at(cells["cpr"])
    if row.longer:
        cells["row"] = "more cells than columns"
    said = {"feed": feed, "row": row_id(sent, row.number), "cells": cells}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_row(body: bytes) -> tuple[str, str, Cells]:
    """Take a message apart: feed, id and cells.

    Raises:
        MappingError: it is none of ours.
    """
    try:
        read: Any = json.loads(body)
        feed, name, cells = str(read["feed"]), str(read["row"]), read["cells"]
    except (ValueError, KeyError, TypeError):
        raise MappingError(("row", "malformed")) from None
    if feed not in COLUMNS or not isinstance(cells, dict):
        raise MappingError(("row", "malformed"))
    pairs = cast("dict[str, object]", cells).items()
    return feed, name, {column: str(value) for column, value in pairs}


def to_draft(body: bytes) -> CapacityDraft | AnswerDraft:
    """Read a row. Codes that are on no list are kept as they came.

    Raises:
        MappingError: every cell that is missing, malformed or spoilt by a spreadsheet, by its column.
    """
    feed, _, cells = read_row(body)
    problems = [(name, "missing") for name in REQUIRED[feed] if name not in cells]
    problems += [(name, "begins like a formula") for name in COLUMNS[feed] if runs(cells.get(name, ""))]
    if "row" in cells:
        problems.append(("row", cells["row"]))
    bad = {name for name, _ in problems}
    fine = {name: text for name, text in cells.items() if name not in bad}
    draft = _capacity(fine, problems) if feed == CAPACITY else _answer(fine, problems)
    if problems or draft is None:
        raise MappingError(*dict.fromkeys(problems))
    return draft


def _capacity(cells: Cells, problems: list[Problem]) -> CapacityDraft | None:
    unit = _shaped(cells, "shelter_id", _UNIT, problems)
    status = _shaped(cells, "status", _CODE, problems)
    at = _cell(cells, "reported_at", moment, problems)
    free = _cell(cells, "free_places", whole_number, problems)
    total = _cell(cells, "total_places", whole_number, problems)
    if free is not None and total is not None and free > total:
        problems.append(("free_places", "more than total_places"))
    accepts = _cell(cells, "accepts", _codes, problems) or ()
    if unit is None or status is None or at is None:
        return None
    return CapacityDraft(unit, status, at, free, total, accepts)


def _answer(cells: Cells, problems: list[Problem]) -> AnswerDraft | None:
    referral = _shaped(cells, "referral_ref", _REFERRAL, problems)
    said = _shaped(cells, "placement_status", _CODE, problems)
    reason = _shaped(cells, "reason", _CODE, problems)
    filler = _shaped(cells, "placement_ref", _REFERENCE, problems)
    if cells.get("cpr", KNOWN) not in {KNOWN, ANONYMOUS}:
        problems.append(("cpr", cells["cpr"]))
    if said == "rejected" and "reason" not in cells and ("reason", "begins like a formula") not in problems:
        problems.append(("reason", "missing"))
    if said is not None and said not in RUNGS:
        problems.append(("placement_status", "unknown"))
    if referral is None or said is None or said not in RUNGS:
        return None
    return AnswerDraft(referral, RUNGS[said], reason if said == "rejected" else None, filler)


def _shaped(cells: Cells, name: str, shape: re.Pattern[str], problems: list[Problem]) -> str | None:
    def fitting(text: str) -> str:
        if not shape.fullmatch(text):
            raise CellError("malformed")
        return text

    return _cell(cells, name, fitting, problems)


def _cell(cells: Cells, name: str, read: Callable[[str], Read], problems: list[Problem]) -> Read | None:
    if name not in cells:
        return None
    try:
        return read(cells[name])
    except CellError as error:
        problems.append((name, error.problem))
        return None


def _codes(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each for each in _LISTED.split(text) if each))
    if len(found) > _MOST_CODES or not all(_CODE.fullmatch(each) for each in found):
        raise CellError("malformed")
    return found


def _looked_at(text: str) -> str:
    """Replace a person number by what is to be said of it; a formula stays one."""
    if runs(text):
        return text[:1]
    try:
        return person(text)
    except CellError as error:
        return error.problem


def _plain(text: str) -> str:
    """Strip what is around a cell, except a tab or carriage return that makes it dangerous."""
    return text.strip(" \N{NO-BREAK SPACE}\n")


def to_cells(release: Release) -> Cells:
    """Word a release as one row of a request, by column; a field that was not released has none.

    Raises:
        NoWord: a status; that is worded as a receipt.
        ValueError: a bug of ours: no part of the hub's, a notice with more than routing facts, a recall or
            an alert with values.
    """
    if release.part == "status":
        raise NoWord
    if release.part not in REQUESTS:
        raise ValueError(f"a shelter gets {', '.join(REQUESTS)} of a referral")
    cells = {"request_type": release.part, "delivery": release.delivery}
    if release.person is not None:
        cells["client_code"] = release.person
    if release.part in {"withdrawal", "erasure"}:
        return cells | _recall(release)
    if release.part == REVOCATION:
        return cells | _revocation(release)
    if release.part == ALERT:
        return cells | _alert(release)
    beyond = release.values.keys() - ({Group.ROUTING} if release.part in NOTICES else set(Group))
    if beyond:
        raise ValueError(f"a notice holds routing facts only, this one has: {', '.join(sorted(beyond))}")
    if release.referral is None:
        raise ValueError("a shelter gets the notice and the content of a referral")
    cells |= {"referral_ref": release.referral, "from_agency": release.sender, "purpose": release.purpose}
    for group, fields in release.values.items():
        cells |= _group(group, fields)
    return cells


def _revocation(release: Release) -> Cells:
    if release.values or release.referral is None or release.rung is None:
        raise ValueError("a revocation names a referral and why, and holds no values")
    return {"referral_ref": release.referral, "placement_status": release.rung}


def _alert(release: Release) -> Cells:
    if release.values or release.rung is None:
        raise ValueError("an alert says what it is, and holds no values")
    due = None if release.due is None else release.due.isoformat()
    cells = {"referral_refs": ",".join(release.referrals), "alert": release.rung}
    return cells | {name: said for name, said in (("reason", release.reason), ("due_at", due)) if said}


def _recall(release: Release) -> Cells:
    if release.values:
        raise ValueError("a recall holds no values")
    cells = {"referral_refs": ",".join(release.referrals), "purpose": release.purpose}
    if release.part == "withdrawal":
        cells["groups"] = ",".join(release.groups)
    return cells


def _group(group: Group, fields: Fields) -> Cells:
    return {
        NAMES.get((group, name), f"{group.value}_{name}"): _word(value)
        for name, value in fields.items()
        if value is not None
    }


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, list) else str(value)
