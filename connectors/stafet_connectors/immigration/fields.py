"""Where the immigration service's messages have which of our fields, and what shape each has.

`personoplysninger`, `koen`, `fornavn`, `efternavn`, `telefonnummer`, `civilregistrationIdentifier` and
`asylPersonId` are names of STAR's AsylData; the others follow their style.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, cast

from stafet_connectors.immigration.codes import SEXES
from stafet_schemas.groups import Group
from stafet_sdk.draft import Value
from stafet_sdk.identifiers import IDENTIFIERS, PERSON_NUMBER

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,63}")
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST: Final = 50
LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 4000

_LANGUAGE: Final = re.compile(r"[a-z]{3}")

Shape = Callable[[object], bool]
Codes = Mapping[str, str]


def a_match(pattern: re.Pattern[str]) -> Shape:
    """Make the shape of a text that matches as a whole."""
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def a_text(longest: int) -> Shape:
    """Make the shape of a text that says something, of at most `longest` characters."""
    return lambda value: isinstance(value, str) and bool(value.strip()) and len(value) <= longest


def a_list(shape: Shape) -> Shape:
    """Make the shape of a list whose every element has a shape."""
    return lambda value: (
        isinstance(value, list)
        and 0 < len(cast("list[object]", value)) <= MOST
        and all(map(shape, cast("list[object]", value)))
    )


def a_flag(value: object) -> bool:
    """Say whether a value is true or false."""
    return isinstance(value, bool)


def a_day(value: object) -> bool:
    """Say whether a value is a date in ISO 8601, YYYY-MM-DD."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


A_CODE: Final = a_match(CODE)
A_LINE: Final = a_text(LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `path` with dots is where it stands, `codes` leads from their words to ours."""

    path: str
    group: Group
    name: str
    shape: Shape
    codes: Codes = field(default_factory=dict[str, str])
    required: bool = False


PERSON: Final = "personoplysninger"
NUMBER: Final = "civilregistrationIdentifier"
FIELDS: Final = (
    Field("assessment.service", Group.ROUTING, "service", A_CODE, required=True),
    Field("assessment.priority", Group.ROUTING, "priority", A_CODE, required=True),
    Field("assessment.ageGroup", Group.ROUTING, "age_group", A_CODE, required=True),
    Field("assessment.interpreter", Group.ROUTING, "interpreter", a_flag),
    Field("assessment.risk", Group.ROUTING, "risk", a_flag),
    Field("assessment.safeContact", Group.ROUTING, "safe_contact", a_flag),
    Field(f"{PERSON}.koen", Group.ROUTING, "sex", A_CODE, SEXES, required=True),
    Field(f"{PERSON}.modersmaal", Group.ROUTING, "language", a_match(_LANGUAGE)),
    Field("stay.status", Group.RESIDENCE, "status", A_CODE),
    Field("stay.asylum", Group.RESIDENCE, "asylum", A_CODE),
    Field("stay.entitlement", Group.RESIDENCE, "entitlement", A_CODE),
    Field("exploitation.types", Group.EXPLOITATION, "types", a_list(A_CODE)),
    Field("exploitation.control", Group.EXPLOITATION, "control", A_CODE),
    Field("exploitation.recruiter", Group.EXPLOITATION, "recruiter", A_CODE),
    Field("exploitation.labour", Group.EXPLOITATION, "labour", A_CODE),
    Field(NUMBER, Group.IDENTITY, PERSON_NUMBER, A_LINE),
    Field("otherIdentifiers", Group.IDENTITY, IDENTIFIERS, a_list(A_LINE)),
    Field(f"{PERSON}.fornavn", Group.IDENTITY, "first_name", A_LINE),
    Field(f"{PERSON}.efternavn", Group.IDENTITY, "last_name", A_LINE),
    Field(f"{PERSON}.kaldenavn", Group.IDENTITY, "alias", A_LINE),
    Field(f"{PERSON}.foedselsdato", Group.IDENTITY, "birth_date", a_day),
    Field(f"{PERSON}.statsborgerskab", Group.IDENTITY, "nationality", a_match(re.compile(r"[A-Z]{2,3}"))),
    Field(f"{PERSON}.telefonnummer", Group.CONTACT, "phone", A_LINE),
    Field(f"{PERSON}.email", Group.CONTACT, "email", A_LINE),
    Field(f"{PERSON}.adresse", Group.CONTACT, "address", A_LINE),
    Field("account", Group.NARRATIVE, "text", a_text(LONGEST_TEXT)),
    Field("period.start", Group.SUPPORT, "period_start", a_day),
    Field("period.end", Group.SUPPORT, "period_end", a_day),
)
PLACES: Final[Mapping[tuple[Group, str], Field]] = {(each.group, each.name): each for each in FIELDS}
ASYL_PERSON_ID: Final = "asylPersonId"
"""Their own number of a person; among our identifiers it has the scheme `foreigner_number`."""


def theirs(value: Value, codes: Codes) -> Value:
    """Turn our codes into theirs; one without a word of theirs stays as it is."""
    back = {ours: word for word, ours in codes.items()}
    if isinstance(value, list):
        return [back.get(each, each) for each in value]
    return back.get(value, value) if isinstance(value, str) else value
