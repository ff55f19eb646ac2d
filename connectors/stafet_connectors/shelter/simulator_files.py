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


def upload(
    feed: str, file_id: str, rows: Sequence[Row], *, sender: str, hub: str, seed: int, faults: Faults
) -> Upload:
    """Make the file of some rows with its trigger file; one night in two it is a workbook."""
    columns = COLUMNS[feed]
    workbook = feed == CAPACITY and random.Random(f"{seed}/{file_id}").random() < 0.5
    tagged = faults.strikes("bom", file_id, seed)
    listed = [*([_HXL] if tagged else []), *rows]
    table = [[row[name] for name in columns] for row in listed]
    if workbook:
        body = _workbook([list(columns), *table])
    else:
        body = write_table(columns, table)
        body = body if tagged else body.removeprefix(_BOM).replace(b"\r\n", b"\n")
    name = f"{feed}_{file_id}.{'xlsx' if workbook else 'csv'}"
    struck = () if file_id.endswith(AGAIN) else UPLOADS
    fault = next((each for each in struck if faults.strikes(each, file_id, seed)), None)
    size = len(body) + (7 if fault == "size-mismatch" else 0)
    return Upload(file_id, name, body, build_trigger(Trigger(name, size, sender, file_id, (hub,))), fault)


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append([int(cell) if cell.isdecimal() else cell for cell in row])
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()
