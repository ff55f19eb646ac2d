"""A referral that Red Cross submits: HTCDS 2.0 names, and `stafet_*` where HTCDS has none. Pure.

The same names as in what Red Cross gets (`mapping`), read the other way. A name that we do not know changes
nothing; a code that we do not know is kept, if it looks like one.
Source: IOM Human Trafficking Case Data Standard 2.0 (CC BY 4.0), https://github.com/UNMigration/HTCDS
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, TypeVar, cast

from stafet_connectors.redcross.mapping import IDENTITY_NUMBERS, LISTS, NAMES, PICKLISTS, REFERENCE
from stafet_schemas.codes import CONSENT_FORMS, LEFT_TO_HUB, UNKNOWN
from stafet_schemas.groups import Group
from stafet_sdk.crosswalk import Crosswalk
from stafet_sdk.draft import ConsentDraft, Fields, ReferralDraft, Value
from stafet_sdk.errors import MappingError
from stafet_sdk.identifiers import IDENTIFIERS, settled

SUBMITTED: Final = "dk.redcross.referral.submitted"
RECEIVER: Final = "cas_ReferredOrganisation"
CONSENT: Final = "con_Consent"
REQUIRED: Final = (REFERENCE, RECEIVER, "stafet_service")

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PURPOSES: Final = "stafet_consent_purposes"
_GROUPS: Final = "stafet_consent_groups"
_RECIPIENTS: Final = "stafet_consent_recipients"
_LANGUAGE: Final = "stafet_consent_language"
_HOW: Final = "stafet_consent_how"
OF_CONSENT: Final = (_PURPOSES, _GROUPS, _LANGUAGE, _HOW)
"""What consent must say: for what, and what shows that it was given (GDPR art. 7(1))."""
_MOST: Final = 20

Data = Mapping[str, object]
Read = Callable[[object], Value]
Found = TypeVar("Found")


class _WrongError(Exception):
    """A value that cannot be used; its text says in which way and repeats nothing of it."""


def _code(value: object) -> str:
    return _like(_CODE, "not a code")(value)


def _like(pattern: re.Pattern[str], problem: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _WrongError(problem)
        return value

    return read


def _text(longest: int) -> Read:
    def read(value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise _WrongError("not a text")
        if len(value) > longest:
            raise _WrongError(f"longer than {longest} characters")
        return value

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("not true or false")
    return value


def _year(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1900 <= value <= 2100:
        raise _WrongError("not a year")
    return value


def _date(value: object) -> str:
    text = _like(re.compile(r"\d{4}-\d\d-\d\d"), "not a date")(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _WrongError("not a date") from None


def _language(value: object) -> str:
    text = _like(re.compile(r"[a-z]{3}"), "not an ISO 639-2 code")(value)
    return UNKNOWN if text == "und" else text


def _form(value: object) -> str:
    if not isinstance(value, str) or not CONSENT_FORMS.known(value):
        raise _WrongError(f"none of {', '.join(sorted(CONSENT_FORMS.codes))}, {UNKNOWN}")
    return value


def _items(read: Callable[[object], str]) -> Callable[[object], list[str]]:
    def several(value: object) -> list[str]:
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        if len(given) > _MOST:
            raise _WrongError(f"more than {_MOST}")
        return list(dict.fromkeys(read(each) for each in given))

    return several


def _lone_or_list(read: Callable[[object], str]) -> Read:
    def one(value: object) -> Value:
        found = _items(read)(value)
        return found[0] if len(found) == 1 else found

    return one


_COUNTRY: Final = _like(re.compile(r"[A-Z]{2,3}"), "not an ISO 3166 code")
_PHONE: Final = _like(re.compile(r"\+?[0-9 ]{6,20}"), "not a telephone number")
_EMAIL: Final = _like(re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}"), "not an e-mail address")
_PARTS: Final = ("scheme", "value", "use", "from", "to")

PLAIN: Final[Mapping[tuple[Group, str], Read]] = {
    (Group.ROUTING, "service"): _code,
    (Group.ROUTING, "priority"): _code,
    (Group.ROUTING, "age_group"): _code,
    (Group.ROUTING, "language"): _language,
    (Group.ROUTING, "interpreter"): _flag,
    (Group.ROUTING, "risk"): _flag,
    (Group.ROUTING, "safe_contact"): _flag,
    (Group.RESIDENCE, "status"): _code,
    (Group.STATISTICS, "year"): _year,
    (Group.STATISTICS, "source"): _code,
    (Group.STATISTICS, "age_band"): _like(re.compile(r"\d{1,2}(-\d{1,2}|\+)"), "not an age band"),
    (Group.IDENTITY, "first_name"): _text(200),
    (Group.IDENTITY, "last_name"): _text(200),
    (Group.IDENTITY, "birth_date"): _date,
    (Group.IDENTITY, "nationality"): _lone_or_list(_COUNTRY),
    (Group.IDENTITY, "person_number"): _text(20),
    (Group.CONTACT, "phone"): _PHONE,
    (Group.CONTACT, "email"): _EMAIL,
    (Group.CONTACT, "address"): _text(500),
    (Group.NARRATIVE, "text"): _text(12_000),
}
"""What is read as it stands; the rest goes by picklists."""


@dataclass(slots=True)
class _Reading:
    """Data of a referral while it is read: every problem is kept, then told at once."""

    data: Data
    problems: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def take(self, name: str, read: Callable[[object], Found]) -> Found | None:
        """Read one field; None if it is absent or of no use."""
        value = self.data.get(name)
        if value is None:
            return None
        try:
            return read(value)
        except _WrongError as error:
            self.problems.append((f"data.{name}", str(error)))
            return None


def name_of(group: Group, name: str) -> str:
    """Name a field of ours as it stands in Red Cross's data."""
    key = (group, name)
    own = f"stafet_{name}" if group is Group.ROUTING else f"stafet_{group.value}_{name}"
    return LISTS.get(key) or NAMES.get(key, own)


def to_referral(data: Data) -> ReferralDraft:
    """Read the data of a referral.

    Raises:
        MappingError: every missing and malformed field, by name.
    """
    reading = _Reading(data)
    reading.problems += [(f"data.{name}", "missing") for name in REQUIRED if data.get(name) is None]
    reference = reading.take(
        REFERENCE, _like(re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,63}"), "not a reference")
    )
    receiver = reading.take(RECEIVER, _code)
    values: dict[Group, dict[str, Value]] = {}
    for group, name, value in _values(reading):
        values.setdefault(group, {})[name] = value
    consents = tuple(_consents(reading, receiver or ""))
    if reading.problems:
        raise MappingError(*dict.fromkeys(reading.problems))
    return ReferralDraft(reference or "", receiver or "", cast("dict[Group, Fields]", values), consents)


def _values(reading: _Reading) -> Iterator[tuple[Group, str, Value]]:
    identity: dict[str, Value] = {}
    for (group, name), read in PLAIN.items():
        value = reading.take(name_of(group, name), read)
        if value is None:
            continue
        if group is Group.IDENTITY:
            identity[name] = value
        else:
            yield group, name, value
    for name, value in _settled(reading, identity):
        yield Group.IDENTITY, name, value
    for (group, name), crosswalk in PICKLISTS.items():
        codes = _codes(reading, crosswalk)
        if codes:
            # Only exploitation may be of several kinds at once; of the others that is kept as a list.
            yield group, name, codes if name == "types" or len(codes) > 1 else codes[0]


def _settled(reading: _Reading, identity: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """Sort the numbers of a person by what they are; none is refused by its check digit or its letters."""
    given = reading.take(IDENTITY_NUMBERS, _numbers)
    try:
        fields = settled({**identity, IDENTIFIERS: given}, f"data.{NAMES[Group.IDENTITY, 'person_number']}")
    except MappingError as error:
        own = {IDENTIFIERS: f"data.{IDENTITY_NUMBERS}"}
        reading.problems += [(own.get(name, name), problem) for name, problem in error.problems]
        return
    yield from ((name, value) for name, value in fields.items() if value is not None)


def _numbers(value: object) -> list[str]:
    """Read identifiers with named parts, as Red Cross gets them."""
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    found = list[str]()
    for each in given[:_MOST]:
        parts = cast("dict[str, object]", each) if isinstance(each, dict) else {}
        texts = [parts.get(name, "official" if name == "use" else "") for name in _PARTS]
        if not parts.keys() <= set(_PARTS) or not all(isinstance(text, str) for text in texts):
            raise _WrongError(f"not a list of {', '.join(_PARTS)}")
        found.append("|".join(str(text) for text in texts))
    return found


def _codes(reading: _Reading, crosswalk: Crosswalk) -> list[str]:
    """Read a picklist's values and our own codes beside them."""
    own = reading.take(crosswalk.own, _items(_code)) or []
    picked = _items(_like(re.compile(r"[A-Za-z_]{1,80}"), "not a code"))
    values = reading.take(crosswalk.field, picked) or []
    return list(dict.fromkeys(_meant(each, crosswalk) for each in crosswalk.back(values, own)))


def _meant(code: str, crosswalk: Crosswalk) -> str:
    """Give our code for a value without an equal: unknown for one that says so, else other."""
    if _CODE.fullmatch(code):
        return code
    return UNKNOWN if code == crosswalk.rest and "Unknown" in code else "other"


def _consents(reading: _Reading, receiver: str) -> Iterator[ConsentDraft]:
    """Read what is said of consent to be referred: it is given, for purposes and field groups, or not."""
    given = reading.take(CONSENT, _flag)
    opened = {name: reading.take(name, _items(_code)) for name in (_PURPOSES, _GROUPS, _RECIPIENTS)}
    if not given:
        return
    # Whom the hub will choose nobody knows yet, so the person cannot have allowed it without a name.
    needed = (*OF_CONSENT, *((_RECIPIENTS,) if receiver == LEFT_TO_HUB else ()))
    reading.problems += [(f"data.{name}", "missing") for name in needed if reading.data.get(name) is None]
    until = reading.take("stafet_consent_until", _date)
    yield ConsentDraft(
        "given",
        recipients=tuple(opened[_RECIPIENTS] or (receiver,)),
        purposes=tuple(opened[_PURPOSES] or ()),
        groups=tuple(opened[_GROUPS] or ()),
        until=None if until is None else datetime.fromisoformat(until).replace(tzinfo=UTC),
        language=reading.take(_LANGUAGE, _language),
        interpreter=reading.take("stafet_consent_interpreter", _flag) or False,
        how=reading.take(_HOW, _form),
    )
