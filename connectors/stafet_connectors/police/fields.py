"""The fields of the referral form: where each is, what it becomes, and how its text is read.

The form is UMF-inspired and our own (`wsdl/formular.xsd`); a test holds this table against that schema.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from stafet_connectors.police.codes import (
    AGE_BANDS,
    AGE_GROUPS,
    BOOLEANS,
    CONSENT_FORMS,
    CONTROL,
    EXPLOITATION,
    GROUPS,
    HANDLING,
    LABOUR,
    PRIORITIES,
    PURPOSES,
    RECRUITERS,
    RESIDENCE,
    SERVICES,
    SEXES,
    SOURCES,
)
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.groups import Group
from stafet_sdk.draft import Value
from stafet_sdk.errors import MappingError
from stafet_sdk.identifiers import CPR, FOREIGNER, identifier, written

NAMESPACE: Final = "urn:x-stafet:politi:henvisning:1"
FORM: Final = "Henvisning"
FORM_TYPE: Final = "Henvisning"
IDENTITY_FORMS: Final = ("Sammenlaegning", "Adskillelse")
"""Forms by which the police say that two references are one person, or are two again."""
REFERENCE: Final = "Sagsreference"
RECIPIENT: Final = "Modtager"
UUID: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class UnusableError(Exception):
    """A text that cannot be read; the message is the problem in a few words, without the text."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element of the form: `read` turns its text into a value or raises UnusableError.

    `absent` is what an optional field becomes when it is not there.
    """

    name: str
    group: Group
    canonical: str
    read: Callable[[str], Value]
    required: bool = True
    many: bool = False
    absent: Value = None


def _word(table: Mapping[str, Value]) -> Callable[[str], Value]:
    """Read a word that must be known: what it says opens or forbids something."""

    def read(text: str) -> Value:
        if text not in table:
            raise UnusableError("unknown code")
        return table[text]

    return read


def _code(table: Mapping[str, Value]) -> Callable[[str], Value]:
    """Read a word of a list; a code that is not on it (yet) is kept if it has the shape of one."""
    known = _word(table)

    def read(text: str) -> Value:
        return text if _CODE.fullmatch(text) else known(text)

    return read


def _matching(pattern: str, problem: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise UnusableError(problem)
        return text

    return read


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest:
            raise UnusableError(f"longer than {longest} characters")
        return text

    return read


def _identifier(scheme: str, *, bare: bool) -> Callable[[str], str]:
    """Read an identifier: `bare` gives its value alone, else all that is known of it."""

    def read(text: str) -> str:
        try:
            found = identifier(scheme, text, "")
        except MappingError as error:
            raise UnusableError(error.problems[0][1]) from None
        return found.value if bare else written(found)

    return read


def _date(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UnusableError("not a date")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UnusableError("not a date") from None


def _year(text: str) -> int:
    if not re.fullmatch(r"(19|20)[0-9]{2}", text):
        raise UnusableError("not a year")
    return int(text)


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{3}", text):
        raise UnusableError("not an ISO 639-2 code")
    return UNKNOWN if text == "und" else text


def _country(text: str) -> str:
    if text == "Ukendt":
        return UNKNOWN
    return _matching(r"[A-Z]{2}", "not an ISO 3166 alpha-2 code")(text)


ROOT_FIELDS: Final = (
    Field("Ydelse", Group.ROUTING, "service", _code(SERVICES)),
    Field("Prioritet", Group.ROUTING, "priority", _code(PRIORITIES)),
    Field("Aldersgruppe", Group.ROUTING, "age_group", _code(AGE_GROUPS)),
    Field("Koen", Group.ROUTING, "sex", _code(SEXES)),
    Field("Sprog", Group.ROUTING, "language", _language),
    Field("Tolkebehov", Group.ROUTING, "interpreter", _word(BOOLEANS)),
    Field("Risiko", Group.ROUTING, "risk", _word(BOOLEANS)),
    Field("SikkerKontakt", Group.ROUTING, "safe_contact", _word(BOOLEANS)),
    Field("Ophold", Group.RESIDENCE, "status", _code(RESIDENCE)),
    Field("Haandteringskode", Group.ROUTING, "handling", _word(HANDLING), required=False),
    Field("Fritekst", Group.NARRATIVE, "text", _text(20_000)),
)
SECTIONS: Final[Mapping[str, tuple[Field, ...]]] = {
    "Udnyttelse": (
        Field("Form", Group.EXPLOITATION, "types", _code(EXPLOITATION), many=True),
        Field("Kontrol", Group.EXPLOITATION, "control", _code(CONTROL)),
        Field(
            "Rekruttering",
            Group.EXPLOITATION,
            "recruiter",
            _code(RECRUITERS),
            required=False,
            absent=UNKNOWN,
        ),
        Field("Arbejde", Group.EXPLOITATION, "labour", _code(LABOUR), required=False, absent=UNKNOWN),
    ),
    "Statistik": (
        Field("Aar", Group.STATISTICS, "year", _year),
        Field("Kilde", Group.STATISTICS, "source", _code(SOURCES)),
        Field("Aldersbaand", Group.STATISTICS, "age_band", _code(AGE_BANDS)),
    ),
    "Identitet": (
        Field("Fornavn", Group.IDENTITY, "first_name", _text(200)),
        Field("Efternavn", Group.IDENTITY, "last_name", _text(200)),
        Field("Foedselsdato", Group.IDENTITY, "birth_date", _date),
        Field("Nationalitet", Group.IDENTITY, "nationality", _country),
        Field(
            "Personnummer",
            Group.IDENTITY,
            "person_number",
            _identifier(CPR, bare=True),
            required=False,
        ),
        Field(
            "Udlaendingenummer",
            Group.IDENTITY,
            "identifiers",
            _identifier(FOREIGNER, bare=False),
            required=False,
            many=True,
        ),
    ),
    "Kontakt": (
        Field(
            "Telefon",
            Group.CONTACT,
            "phone",
            _matching(r"\+?[0-9 ]{6,20}", "not a telephone number"),
            required=False,
        ),
        Field(
            "Email",
            Group.CONTACT,
            "email",
            _matching(r"[^@\s]{1,64}@[^@\s]{1,190}", "not an e-mail address"),
            required=False,
        ),
        Field("Adresse", Group.CONTACT, "address", _text(500), required=False),
    ),
}

_OPENS: Final = (
    Field("Formaal", Group.ROUTING, "purposes", _word(PURPOSES), many=True),
    Field("Oplysninger", Group.ROUTING, "groups", _word(GROUPS), many=True),
    Field(RECIPIENT, Group.ROUTING, "recipients", _matching(UUID, "not a UUID"), required=False, many=True),
    Field("GyldigTil", Group.ROUTING, "until", _date, required=False),
)
BASES: Final[Mapping[str, tuple[Field, ...]]] = {
    "Samtykke": (
        *_OPENS,
        Field("Sprog", Group.ROUTING, "language", _language),
        Field("Tolk", Group.ROUTING, "interpreter", _word(BOOLEANS)),
        Field("Form", Group.ROUTING, "how", _word(CONSENT_FORMS)),
    ),
    "Underretning": (
        *_OPENS,
        Field("Hjemmel", Group.ROUTING, "law", _text(300)),
        Field("Ansvarlig", Group.ROUTING, "by", _text(300)),
    ),
}
"""Sections that may be there: consent to be referred, and the duty to notify about a child.

Either is about the receivers it names, or about that of the form; where the hub is to choose, it names them.
`Ansvarlig` is the officer who answers for the notification.
"""
