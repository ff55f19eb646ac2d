"""What an item of the immigration service's list of changes means. Pure: no I/O, no clock, no ids."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Final

from stafet_connectors.immigration.codes import OUTCOMES, STATUSES
from stafet_connectors.immigration.fields import (
    A_CODE,
    A_LINE,
    ASYL_PERSON_ID,
    FIELDS,
    NUMBER,
    REFERENCE,
    UUID,
    Field,
    Shape,
    a_day,
    a_flag,
    a_list,
    a_match,
)
from stafet_connectors.immigration.wire import Object, as_list, as_object, is_object, read_object
from stafet_schemas.codes import CONSENT_FORMS, LEFT_TO_HUB, UNKNOWN
from stafet_schemas.groups import Group
from stafet_sdk.draft import AnswerDraft, ConsentDraft, DecisionDraft, Draft, Fields, ReferralDraft, Value
from stafet_sdk.errors import MappingError
from stafet_sdk.identifiers import FOREIGNER, IDENTIFIERS, identifier, settled, written

DATA: Final = "data"
DAY_ENDS: Final = time(22)
"""When a day ends in Denmark in summer, in UTC, and an hour before it does in winter: never too late."""
REFERRAL: Final = "referralId"

_A_REFERRAL: Final = a_match(UUID)
_A_REFERENCE: Final = a_match(REFERENCE)
_A_STATUS: Final[Shape] = lambda value: isinstance(value, str) and value in STATUSES  # noqa: E731 - as its siblings
_A_LANGUAGE: Final = a_match(re.compile(rf"[a-z]{{2,3}}|{UNKNOWN}"))
_A_FORM: Final[Shape] = lambda value: isinstance(value, str) and CONSENT_FORMS.known(value)  # noqa: E731 - as its siblings
_CONSENT: Final[Mapping[str, Shape]] = {
    "purposes": a_list(A_CODE),
    "groups": a_list(A_CODE),
    "recipients": a_list(A_CODE),
    "validUntil": a_day,
    "language": _A_LANGUAGE,
    "interpreter": a_flag,
    "how": _A_FORM,
}
SECTIONS: Final = tuple(dict.fromkeys(each.path.split(".")[0] for each in FIELDS if "." in each.path))
_NEEDED_OF_CONSENT: Final = ("purposes", "groups", "language", "how")

Problem = tuple[str, str]


def to_draft(body: bytes) -> Draft:
    """Translate an item. A field that is not known is ignored, an unknown code kept as it came.

    Raises:
        MappingError: every missing and malformed field, by name.
    """
    try:
        item = read_object(body)
    except ValueError:
        raise MappingError(("item", "malformed")) from None
    read = READERS.get(str(item.get("type")))
    if read is None:
        raise MappingError(("type", "missing" if item.get("type") is None else "unknown"))
    if not is_object(item.get(DATA)):
        raise MappingError((DATA, "missing" if item.get(DATA) is None else "malformed"))
    return read(as_object(item[DATA]))


def _status(data: Object) -> AnswerDraft:
    shapes = {REFERRAL: _A_REFERRAL, "status": _A_STATUS, "reason": A_CODE, "caseNumber": _A_REFERENCE}
    needed = [REFERRAL, "status", *(["reason"] if data.get("status") == "rejected" else [])]
    _check(data, shapes, needed)
    rung = STATUSES[str(data["status"])]
    return AnswerDraft(
        referral=str(data[REFERRAL]),
        rung=rung,
        reason=str(data["reason"]) if rung == "rejected" else None,
        filler=_text(data.get("caseNumber")),
    )


def _decision(data: Object) -> DecisionDraft:
    return _decided(data, reverses=False)


def _reversal(data: Object) -> DecisionDraft:
    return _decided(data, reverses=True)


def _decided(data: Object, *, reverses: bool) -> DecisionDraft:
    shapes = {REFERRAL: _A_REFERRAL, "decisionId": _A_REFERENCE, "outcome": A_CODE, "validFrom": a_day}
    if reverses:
        shapes["reverses"] = _A_REFERENCE
    _check(data, shapes, list(shapes))
    outcome = str(data["outcome"])
    return DecisionDraft(
        referral=str(data[REFERRAL]),
        decision=str(data["decisionId"]),
        outcome=OUTCOMES.get(outcome, outcome),
        on=date.fromisoformat(str(data["validFrom"])),
        reverses=str(data["reverses"]) if reverses else None,
    )


def _suspected(data: Object) -> ReferralDraft:
    shapes = {"caseNumber": _A_REFERENCE, "receiver": A_CODE, ASYL_PERSON_ID: A_LINE}
    wrong = [
        *_problems(data, shapes, ["caseNumber", "receiver"]),
        *_wrong_fields(data),
        *_wrong_consent(data),
    ]
    if wrong:
        raise MappingError(*wrong)
    receiver = str(data["receiver"])
    return ReferralDraft(str(data["caseNumber"]), receiver, _values(data), _consents(data, receiver))


def _wrong_fields(data: Object) -> Iterator[Problem]:
    for section in SECTIONS:
        if not is_object(data.get(section, {})):
            yield f"{DATA}.{section}", "malformed"
    for each in FIELDS:
        value = _get(data, each.path)
        if value is None:
            if each.required:
                yield f"{DATA}.{each.path}", "missing"
        elif not each.shape(value):
            yield f"{DATA}.{each.path}", "malformed"


def _wrong_consent(data: Object) -> Iterator[Problem]:
    said = data.get("consent")
    if said is None:
        return
    if not is_object(said):
        yield f"{DATA}.consent", "malformed"
        return
    # Whom the hub will choose nobody knows yet, so the person cannot have allowed it without a name.
    needed = (*_NEEDED_OF_CONSENT, *(("recipients",) if data.get("receiver") == LEFT_TO_HUB else ()))
    for name, problem in _problems(as_object(said), _CONSENT, needed):
        yield name.replace(DATA, f"{DATA}.consent", 1), problem


def _values(data: Object) -> Mapping[Group, Mapping[str, Value]]:
    values: dict[Group, dict[str, Value]] = {}
    for each in FIELDS:
        value = _ours(_get(data, each.path), each)
        if value is not None:
            values.setdefault(each.group, {})[each.name] = value
    identity = _numbers(values.pop(Group.IDENTITY, {}), _text(data.get(ASYL_PERSON_ID)))
    return {**values, Group.IDENTITY: identity} if identity else values


def _numbers(identity: Fields, own: str | None) -> Fields:
    """Sort the numbers of a person: an official CPR number by itself, all others in one list."""
    listed = identity.get(IDENTIFIERS)
    others = list(listed) if isinstance(listed, list) else []
    if own is not None:
        others.insert(0, written(identifier(FOREIGNER, own, f"{DATA}.{ASYL_PERSON_ID}")))
    found = settled({**identity, IDENTIFIERS: others or None}, f"{DATA}.{NUMBER}")
    return {name: value for name, value in found.items() if value is not None}


def _ours(value: object, each: Field) -> Value:
    if isinstance(value, str):
        return each.codes.get(value, value)
    if isinstance(value, bool):
        return value
    return [str(one) for one in as_list(value)] or None


def _consents(data: Object, receiver: str) -> tuple[ConsentDraft, ...]:
    if data.get("consent") is None:
        return ()
    said = as_object(data["consent"])
    until = _text(said.get("validUntil"))
    return (
        ConsentDraft(
            statement="given",
            recipients=_codes(said.get("recipients")) or (receiver,),
            purposes=_codes(said["purposes"]),
            groups=_codes(said["groups"]),
            until=datetime.combine(date.fromisoformat(until), DAY_ENDS, UTC) if until else None,
            language=_text(said.get("language")),
            interpreter=said.get("interpreter") is True,
            how=_text(said.get("how")),
        ),
    )


def _check(data: Object, shapes: Mapping[str, Shape], needed: list[str]) -> None:
    wrong = list(_problems(data, shapes, needed))
    if wrong:
        raise MappingError(*wrong)


def _problems(
    data: Object, shapes: Mapping[str, Shape], needed: list[str] | tuple[str, ...]
) -> Iterator[Problem]:
    for name, shape in shapes.items():
        if data.get(name) is None:
            if name in needed:
                yield f"{DATA}.{name}", "missing"
        elif not shape(data[name]):
            yield f"{DATA}.{name}", "malformed"


def _get(data: Object, path: str) -> object:
    *steps, last = path.split(".")
    for step in steps:
        data = as_object(data.get(step))
    return data.get(last)


def _codes(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in as_list(value))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


READERS: Final[Mapping[str, Callable[[Object], Draft]]] = {
    "referralStatus": _status,
    "decision": _decision,
    "decisionReversed": _reversal,
    "suspectedVictim": _suspected,
}
"""What an item can be, by its `type`."""
