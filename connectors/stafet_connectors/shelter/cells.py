"""Single cells: what they mean, and what a spreadsheet may have made of them. Pure; no problem has a value.

A number that a spreadsheet has changed is named as such and never mended: nobody knows what was lost.
"""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from stafet_sdk.errors import MappingError
from stafet_sdk.identifiers import person_number

ANONYMOUS: Final = "anonymous"
KNOWN: Final = "known"
DANISH_TIME: Final = ZoneInfo("Europe/Copenhagen")
"""A time without a zone, as spreadsheets have it, is Danish time; of two such the first."""

_SCIENTIFIC: Final = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+")
_SERIAL: Final = re.compile(r"\d{5}([.,]\d+)?")
_WHOLE: Final = re.compile(r"(\d{1,4})(,0+)?")
_FRACTION: Final = re.compile(r"\d+[.,]\d+")
_SHORT: Final = re.compile(r"\d{5}[- ]?\d{4}")


class CellError(ValueError):
    """What is wrong with a cell, in words that hold nothing of it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def whole_number(text: str) -> int:
    """Read a count of places; `3,0` is one (decimal comma), `3,5` and `3.000` are none.

    Raises:
        CellError: by what a spreadsheet did to it, if it did.
    """
    _not_scientific(text)
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise CellError("not a whole number" if _FRACTION.fullmatch(text) else "malformed")
    return int(found[1])


def moment(text: str) -> datetime:
    """Read a time by ISO 8601, with a zone or in Danish time.

    Raises:
        CellError: it is none; a date as a spreadsheet counts it (46350,25) is named as such.
    """
    _not_scientific(text)
    if _SERIAL.fullmatch(text):
        raise CellError("a date as a serial number")
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise CellError("not a time by ISO 8601") from None
    if len(text) <= len("2026-11-24"):
        raise CellError("a day without a time")
    try:
        return (read if read.tzinfo else read.replace(tzinfo=DANISH_TIME)).astimezone(UTC)
    except OverflowError:
        raise CellError("not a time by ISO 8601") from None


def person(text: str) -> str:
    """Say whether a person number stands for somebody known, or for one who stays anonymous (serial 0000).

    Raises:
        CellError: it is no such number; one that lost its leading zero, or is rounded, is named as such.
    """
    _not_scientific(text)
    if _SHORT.fullmatch(text):
        raise CellError("the leading zero is lost")
    try:
        found = person_number(text, "cpr")
    except MappingError as error:
        raise CellError(error.problems[0][1]) from None
    return ANONYMOUS if found.use == ANONYMOUS else KNOWN


def _not_scientific(text: str) -> None:
    if _SCIENTIFIC.fullmatch(text):
        raise CellError("in scientific notation: digits are lost")
