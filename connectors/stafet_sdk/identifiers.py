"""Identifiers of people and organisations: {scheme, value, use, period}, read without refusing real numbers.

No repr and no error holds a value. In a draft's group `identity` an official CPR number travels as
`person_number`; every other identifier in the list `identifiers`, each as `scheme|value|use|from|to`.
Sources: the CPR office on the century rule and on numbers without a check digit (issued since 1 October 2007,
so modulus 11 never refuses one); MedCom on replacement numbers; Danmarks Statistik on fictive numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from stafet_sdk.draft import Fields, Value
from stafet_sdk.errors import MappingError

CPR: Final = "cpr"
REPLACEMENT: Final = "replacement_cpr"
FOREIGNER: Final = "foreigner_number"
CVR: Final = "cvr"
P_NUMBER: Final = "p_number"
AGENCY: Final = "agency"

PERSON_NUMBER: Final = "person_number"
IDENTIFIERS: Final = "identifiers"

_SEPARATOR: Final = "|"
_PERSON: Final = re.compile(r"(?P<date>[0-9]{6})[- ]?(?P<serial>[0-9A-Z]{4})")
_CVR_WEIGHTS: Final = (2, 7, 6, 5, 4, 3, 2, 1)
_ADMINISTRATIVE_DAYS: Final = 60
_SHAPES: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    FOREIGNER: (re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,39}"), "not a foreigner number"),
    CVR: (re.compile(r"[0-9]{8}"), "not of 8 digits"),
    P_NUMBER: (re.compile(r"[0-9]{10}"), "not of 10 digits"),
    AGENCY: (re.compile(r"[0-9A-Za-z][0-9A-Za-z./:_-]{0,63}"), "not a number of an agency"),
}
_USES: Final = frozenset({"official", "temporary", "old", "anonymous"})


@dataclass(frozen=True, slots=True, repr=False)
class Identifier:
    """One identifier, checked: `use` is official, temporary, old or anonymous; it is valid within the period.

    `scheme` is cpr, replacement_cpr, foreigner_number (the immigration service's asylPersonId), cvr, p_number
    or agency (an agency's own number of a person).
    """

    scheme: str
    value: str
    use: str = "official"
    valid_from: date | None = None
    valid_to: date | None = None


def person_number(text: str, field: str, today: date | None = None) -> Identifier:
    """Read a Danish person number of any kind; CPR as DDMMYY-SSSS, letters make it a replacement number.

    A number with serial 0000 stands for somebody who stays anonymous; a day above 60 marks an administrative
    number, which replaces a CPR too. Modulus 11 is not asked. Without `today` nothing is in the future.

    Raises:
        MappingError: (field, what is wrong), never the number.
    """
    found = _PERSON.fullmatch(text.strip().upper())
    if found is None:
        raise MappingError((field, "not of the form DDMMYY-SSSS"))
    day, serial = found["date"], found["serial"]
    value = f"{day}-{serial}"
    if serial == "0000":
        return Identifier(CPR, value, "anonymous")
    if not serial.isdigit() or int(day[:2]) > _ADMINISTRATIVE_DAYS:
        return Identifier(REPLACEMENT, value, "temporary")
    try:
        born = date(_century(int(day[4:]), int(serial[0])) + int(day[4:]), int(day[2:4]), int(day[:2]))
    except ValueError:
        raise MappingError((field, "not a date")) from None
    if today is not None and born > today:
        raise MappingError((field, "in the future"))
    return Identifier(CPR, value)


def identifier(
    scheme: str,
    value: str,
    field: str,
    *,
    use: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Identifier:
    """Check an identifier of any scheme; one of a scheme that is not known is kept as it came.

    Raises:
        MappingError: (field, what is wrong), never the value.
    """
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise MappingError((field, "ends before it begins"))
    if use is not None and use not in _USES:
        raise MappingError((field, "unknown use"))
    if scheme in {CPR, REPLACEMENT}:
        read = person_number(value, field)
        return Identifier(read.scheme, read.value, use or read.use, valid_from, valid_to)
    shape, problem = _SHAPES.get(scheme, (_SHAPES[AGENCY][0], "not an identifier"))
    if not shape.fullmatch(value):
        raise MappingError((field, problem))
    if scheme == CVR and sum(w * int(d) for w, d in zip(_CVR_WEIGHTS, value, strict=True)) % 11:
        raise MappingError((field, "wrong check digit"))
    return Identifier(scheme, value, use or "official", valid_from, valid_to)


def fields_of(*found: Identifier) -> dict[str, Value]:
    """Word identifiers as fields of a draft's `identity`, so that `identifiers_of` reads the same again.

    An agency's own number is left out: it is an alias of the case (`reference`), not to be told.
    """
    fields: dict[str, Value] = {PERSON_NUMBER: None, IDENTIFIERS: None}
    listed: list[str] = []
    for each in found:
        if each == Identifier(CPR, each.value) and fields[PERSON_NUMBER] is None:
            fields[PERSON_NUMBER] = each.value
        elif each.scheme != AGENCY:
            listed.append(written(each))
    if listed:
        fields[IDENTIFIERS] = listed
    return fields


def identifiers_of(fields: Fields, field: str = IDENTIFIERS) -> tuple[Identifier, ...]:
    """Read the identifiers of a draft's or a release's `identity`.

    Raises:
        MappingError: (field, what is wrong), never a value.
    """
    number, listed = fields.get(PERSON_NUMBER), fields.get(IDENTIFIERS)
    own = [person_number(number, PERSON_NUMBER)] if isinstance(number, str) else []
    return (*own, *(_read(text, field) for text in (listed if isinstance(listed, list) else [])))


def settled(fields: Fields, field: str, today: date | None = None) -> dict[str, Value]:
    """Return a draft's `identity` in which `person_number` holds an official CPR number or nothing.

    What its sender wrote there but is no such number goes to `identifiers`. `field` is the sender's name.

    Raises:
        MappingError: (field, what is wrong), never the number.
    """
    number = fields.get(PERSON_NUMBER)
    own = [person_number(number, field, today)] if isinstance(number, str) else []
    return {**fields, **fields_of(*own, *identifiers_of({**fields, PERSON_NUMBER: None}))}


def written(each: Identifier) -> str:
    """Write an identifier as `scheme|value|use|from|to`."""
    period = ("" if day is None else day.isoformat() for day in (each.valid_from, each.valid_to))
    return _SEPARATOR.join((each.scheme, each.value, each.use, *period))


def parts_of(text: str) -> dict[str, str]:
    """Take apart what `written` wrote, for a message with named parts; an empty one is left out."""
    parts = zip(("scheme", "value", "use", "from", "to"), text.split(_SEPARATOR), strict=False)
    return {name: part for name, part in parts if part}


def _read(text: str, field: str) -> Identifier:
    parts = text.split(_SEPARATOR)
    try:
        scheme, value, use, *period = parts
        begins, ends = (date.fromisoformat(day) if day else None for day in period)
    except ValueError:
        raise MappingError((field, "not of the form scheme|value|use|from|to")) from None
    return identifier(scheme, value, field, use=use, valid_from=begins, valid_to=ends)


def _century(year: int, seventh: int) -> int:
    """Return the century of birth: the serial's first digit decides it together with the year."""
    if seventh <= 3:
        return 1900
    if seventh in {4, 9}:
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800
