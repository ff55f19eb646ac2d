"""The files of simulated shelters: made by the seed, spoilt as spreadsheets and people spoil them. Pure."""

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import openpyxl

from stafet_connectors.shelter.mapping import CAPACITY, COLUMNS, RUNGS
from stafet_connectors.shelter.tables import write_table
from stafet_sdk.faults import Faults
from stafet_sdk.trigger import Trigger, build_trigger

FAULTS: Final[Mapping[str, int]] = {
    "half-uploaded": 100,
    "trigger-first": 100,
    "size-mismatch": 30,
    "bom": 100,
    "mangled-cpr": 30,
    "decimal-comma": 100,
    "anonymous": 30,
    "double-upload": 50,
    "host-key-change": 100,
}
"""Fault scripts, and the percent of files or rows that each strikes where none is said."""

UPLOADS: Final = ("half-uploaded", "trigger-first", "size-mismatch")
"""What may go wrong while a file is uploaded."""
AGAIN: Final = "-again"
"""So ends the id of a file that follows one that was of no use: its upload goes well."""
ANONYMOUS: Final = "0000000000"
_BOM: Final = b"\xef\xbb\xbf"
_HXL: Final = {
    "shelter_id": "#loc+code", "status": "#capacity+status", "free_places": "#capacity+free",
    "total_places": "#capacity+total", "accepts": "#affected+type", "reported_at": "#date+reported",
    "referral_ref": "#meta+referral", "placement_status": "#status", "reason": "#status+reason",
    "placement_ref": "#meta+id", "cpr": "#affected+id",
}  # fmt: skip
_SAID: Final = {rung: said for said, rung in RUNGS.items()}

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a shelter says of a referral; `clean` says that it has been corrected by hand."""

    referral: str
    rung: str
    reason: str | None = None
    clean: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file looks, with a BOM and a row of tags or without, and what goes wrong with its upload."""

    tagged: bool
    workbook: bool
    fault: str | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to leave for the hub; `fault` says how its upload goes wrong, if it does."""

    file_id: str
    name: str
    body: bytes
    trigger: bytes
    fault: str | None = None


def capacity_rows(seed: int, at: datetime, faults: Faults) -> list[Row]:
    """Count the places of a few units as they are in one night."""
    rows: list[Row] = []
    for number in range(1, 3 + random.Random(seed).randrange(3)):
        chance = random.Random(f"{seed}/{number}/{at.date()}")
        total = random.Random(f"{seed}/{number}").randint(4, 20)
        free = max(0, chance.randint(-2, total // 2))
        unit = f"kc_{number}"
        comma = ",0" if faults.strikes("decimal-comma", f"{unit}/{at.date()}", seed) else ""
        rows.append({
            "shelter_id": unit,
            "status": "capacity" if free else chance.choice(["no_capacity", "waitlist"]),
            "free_places": f"{free}{comma}",
            "total_places": f"{total}{comma}",
            "accepts": "male" if number == 2 else "female,child",
            "reported_at": at.isoformat(timespec="seconds"),
        })  # fmt: skip
    return rows


def answer_row(answer: Answer, seed: int, faults: Faults) -> Row:
    """Say what became of a placement, with a person number as a shelter's own system would have it."""
    return {
        "referral_ref": answer.referral,
        "placement_status": _SAID[answer.rung],
        "reason": answer.reason or "",
        "placement_ref": "" if answer.reason else f"P-{random.Random(answer.referral).randrange(10**6):06}",
        "cpr": _person_number(answer, seed, faults),
    }


def _person_number(answer: Answer, seed: int, faults: Faults) -> str:
    """Invent a number with a day above 60, which is nobody's; spoil it as the scripts have it."""
    if faults.strikes("anonymous", answer.referral, seed):
        return ANONYMOUS
    chance = random.Random(f"{seed}/cpr/{answer.referral}")
    if not answer.clean and faults.strikes("mangled-cpr", f"{answer.referral}/{answer.rung}", seed):
        return f"{chance.randint(1, 9)}0190{chance.randrange(10**4):04}"
    return f"6{chance.randint(1, 9)}0190{chance.randint(1, 9999):04}"


def shape_of(feed: str, file_id: str, seed: int, faults: Faults) -> Shape:
    """Decide how a file will look: one night in two it is a workbook."""
    struck = () if file_id.endswith(AGAIN) else UPLOADS
    return Shape(
        tagged=faults.strikes("bom", file_id, seed),
        workbook=feed == CAPACITY and random.Random(f"{seed}/{file_id}").random() < 0.5,
        fault=next((each for each in struck if faults.strikes(each, file_id, seed)), None),
    )


def upload(
    feed: str, file_id: str, rows: Sequence[Row], shape: Shape, identifiers: Mapping[str, str]
) -> Upload:
    """Make the file of some rows with its trigger file."""
    columns = COLUMNS[feed]
    table = [[row[name] for name in columns] for row in (*([_HXL] if shape.tagged else []), *rows)]
    body = _workbook([list(columns), *table]) if shape.workbook else write_table(columns, table)
    if not (shape.tagged or shape.workbook):
        body = body.removeprefix(_BOM).replace(b"\r\n", b"\n")
    name = f"{feed}_{file_id}.{'xlsx' if shape.workbook else 'csv'}"
    size = len(body) + (7 if shape.fault == "size-mismatch" else 0)
    trigger = Trigger(name, size, identifiers["sender"], file_id, (identifiers["hub_cvr"],))
    return Upload(file_id, name, body, build_trigger(trigger), shape.fault)


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append([int(cell) if cell.isdecimal() else cell for cell in row])
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()
