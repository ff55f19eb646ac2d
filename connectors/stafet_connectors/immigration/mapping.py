"""What a release reads like to the immigration service. Pure: no I/O, no clock, no ids."""

from typing import Final, cast

from stafet_connectors.immigration.codes import RUNGS
from stafet_connectors.immigration.fields import ASYL_PERSON_ID, PLACES, theirs
from stafet_schemas.groups import Group
from stafet_sdk.draft import PARTS, Release, Value
from stafet_sdk.errors import NoWord
from stafet_sdk.identifiers import FOREIGNER, IDENTIFIERS, parts_of

PATHS: Final = {
    "notice": "/referrals",
    "content": "/referral-contents",
    "status": "/receipts",
    "withdrawal": "/withdrawals",
    "erasure": "/erasures",
    "alert": "/alerts",
}
"""Where each part goes. No id stands in an address: they are in the header `x-requestId` and in bodies."""

Data = dict[str, object]


def to_data(release: Release) -> Data:
    """Word a release as the body of a request; a field that was not released does not appear.

    Raises:
        NoWord: a reminder, a revocation, or a status that is none of a message or referral of theirs.
        ValueError: a bug of ours: no part of the hub's, a notice with more than routing facts, a status, a
            recall or an alert with values.
    """
    if release.part in PARTS - PATHS.keys():
        raise NoWord
    if release.part not in PATHS:
        raise ValueError("the immigration service gets what the hub sends")
    if release.part in {"notice", "content"}:
        return _referral(release)
    if release.values:
        raise ValueError("a status, a recall or an alert holds no values")
    if release.part == "alert":
        return _alert(release)
    return _receipt(release) if release.part == "status" else _recall(release)


def _referral(release: Release) -> Data:
    if release.referral is None:
        raise ValueError("the immigration service gets the notice and the content of a referral")
    beyond = release.values.keys() - {Group.ROUTING} if release.part == "notice" else set[Group]()
    if beyond:
        raise ValueError(f"a notice holds routing facts only, this one has: {', '.join(sorted(beyond))}")
    data: Data = {
        "referralId": release.referral,
        "purpose": release.purpose,
        "referringAuthority": release.sender,
    }
    if release.person is not None:
        data["personRef"] = release.person
    for group, fields in release.values.items():
        for name, value in fields.items():
            if value is not None:
                _put(data, group, name, value)
    return data


def _put(data: Data, group: Group, name: str, value: Value) -> None:
    place = PLACES.get((group, name))
    if place is None:
        # A released field that their contract has no name for goes by ours: the ledger says it was sent.
        _at(data, ("additional", f"{group.value}.{name}"), value)
        return
    if name == IDENTIFIERS and isinstance(value, list):
        own = next((each for each in value if parts_of(each).get("scheme") == FOREIGNER), None)
        if own is not None:
            data[ASYL_PERSON_ID] = parts_of(own)["value"]
            value = [each for each in value if each != own]
        if not value:
            return
    _at(data, tuple(place.path.split(".")), theirs(value, place.codes))


def _at(data: Data, path: tuple[str, ...], value: Value) -> None:
    for step in path[:-1]:
        # By our own table, no field stands where others branch off.
        data = cast("Data", data.setdefault(step, {}))
    data[path[-1]] = value


def _receipt(release: Release) -> Data:
    if release.rung is None:
        raise ValueError("the immigration service gets a status by a rung")
    if release.rung not in RUNGS:
        raise NoWord
    # Of an answer that does not fit its referral the hub keeps its own receipt only.
    ours = release.rung == "rejected" and release.referral is None
    data: Data = {
        "receipt" if ours else "itemId": release.placer,
        "status": release.rung,
        "referralId": release.referral,
        "reason": release.reason,
        "problems": [{"field": field, "problem": problem} for field, problem in release.problems] or None,
    }
    return {name: value for name, value in data.items() if value is not None}


def _recall(release: Release) -> Data:
    data: Data = {"purpose": release.purpose, "referralIds": list(release.referrals)}
    if release.person is not None:
        data["personRef"] = release.person
    if release.part == "withdrawal":
        data["groups"] = list(release.groups)
    return data


def _alert(release: Release) -> Data:
    data: Data = {
        "referralIds": list(release.referrals),
        "status": release.rung,
        "reason": release.reason,
        "dueAt": None if release.due is None else release.due.isoformat(),
    }
    return {name: value for name, value in data.items() if value is not None}
