"""Red Cross's words: HTCDS 2.0 names in JSON, and our namespace `stafet_` where HTCDS has none. Pure.

HTCDS knows neither forced criminality nor slavery-like practices, no urgency, no answer and no reason for
one; and some of our codes are wider than its picklists. Such a code goes as `Other`, itself in `stafet_*`:
see `stafet_sdk.crosswalk`. Only an official CPR number is an identity number to HTCDS; others are in ours.
Source: IOM Human Trafficking Case Data Standard 2.0 (CC BY 4.0), https://github.com/UNMigration/HTCDS
"""

import re
from collections.abc import Mapping
from typing import Final

from stafet_schemas.codes import REFUSALS
from stafet_schemas.groups import Group
from stafet_sdk.contract import Waiting
from stafet_sdk.crosswalk import Crosswalk, crosswalks
from stafet_sdk.draft import AnswerDraft, ConsentDraft, Fields, Release, Value
from stafet_sdk.errors import MappingError, NoWord
from stafet_sdk.identifiers import IDENTIFIERS, parts_of

REVOCATION: Final = "revocation"
ALERT: Final = "alert"
TYPES: Final = {
    "notice": "dk.cmm.stafet.partner.referral.notice.v1",
    "content": "dk.cmm.stafet.partner.referral.content.v1",
    "status": "dk.cmm.stafet.partner.referral.status.v1",
    "reminder": "dk.cmm.stafet.partner.referral.reminder.v1",
    REVOCATION: "dk.cmm.stafet.partner.referral.revoked.v1",
    "withdrawal": "dk.cmm.stafet.partner.consent.withdrawn.v1",
    "erasure": "dk.cmm.stafet.partner.case.erased.v1",
    ALERT: "dk.cmm.stafet.partner.case.alert.v1",
}
WAITING: Final = "dk.cmm.stafet.partner.referral.waiting.v1"
NOTICES: Final = frozenset({"notice", "reminder"})
RECALLS: Final = frozenset({"withdrawal", "erasure"})
CONSENTS: Final = {"dk.redcross.consent.withdrawn": "withdrawn"}
ANSWERS: Final = {
    "dk.redcross.referral.accepted": "accepted",
    "dk.redcross.referral.rejected": "rejected",
    "dk.redcross.referral.started": "in_progress",
    "dk.redcross.referral.completed": "completed",
}

REFERRAL: Final = "stafet_referral"
REFERENCE: Final = "stafet_reference"
REASON: Final = "stafet_reason"
MESSAGE: Final = "stafet_message"
RECEIPT: Final = "stafet_receipt"
RUNG: Final = "stafet_rung"
PROBLEMS: Final = "stafet_problems"
PERSON: Final = "stafet_person"
PURPOSE: Final = "stafet_purpose"
GROUPS: Final = "stafet_groups"
REFERRALS: Final = "stafet_referrals"
DUE: Final = "stafet_due"
DELIVERY: Final = "stafet_delivery"
PART: Final = "stafet_part"
IDENTITY_NUMBERS: Final = crosswalks()["identifier_scheme"].own

RUNGS: Final = frozenset(
    {
        "parse_rejected", "delivered", "info_requested", "accepted", "rejected", "in_progress", "on_hold",
        "completed", "failed", "withdrawn", "cancelled", "expired", "redirected", "entered_in_error",
    }
)  # fmt: skip
"""What Red Cross is told of: a message that cannot be read, and what becomes of a referral of its own."""
UNUSABLE: Final = REFUSALS.codes - {"no_recipient"}
"""Why an answer was of no use. It is named by the receipt that Red Cross got; all else by its own id."""

# What an answer holds travels in events: ids and codes have a shape that prose and names do not fit.
_SHAPES: Final = {
    REFERRAL: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    REFERENCE: re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,63}"),
    REASON: re.compile(r"[a-z][a-z0-9_]{0,63}"),
}

Data = dict[str, object]


NAMES: Final[Mapping[tuple[Group, str], str]] = {
    (Group.ROUTING, "language"): "prs_PrimaryLanguage",
    (Group.IDENTITY, "first_name"): "prs_FirstName",
    (Group.IDENTITY, "last_name"): "prs_SecondName",
    (Group.IDENTITY, "birth_date"): "prs_Birthdate",
    (Group.IDENTITY, "person_number"): "prs_IdentityNumber",
    (Group.CONTACT, "phone"): "prs_MobilePhone",
    (Group.CONTACT, "email"): "prs_Email",
    (Group.CONTACT, "address"): "prs_MailingStreet",
    (Group.NARRATIVE, "text"): "cas_OutgoingReferralDetails",
}
LISTS: Final[Mapping[tuple[Group, str], str]] = {(Group.IDENTITY, "nationality"): "prs_Citizenship"}
PICKLISTS: Final[Mapping[tuple[Group, str], Crosswalk]] = {
    (Group.ROUTING, "sex"): crosswalks()["sex"],
    (Group.EXPLOITATION, "types"): crosswalks()["exploitation"],
    (Group.EXPLOITATION, "control"): crosswalks()["control"],
    (Group.EXPLOITATION, "recruiter"): crosswalks()["recruiter"],
    (Group.EXPLOITATION, "labour"): crosswalks()["labour"],
}


def to_data(release: Release) -> Data:
    """Word a release as data of Red Cross's event; a field that was not released does not appear.

    Raises:
        NoWord: a status by a rung that Red Cross has no word for.
        ValueError: a bug of ours: no part of the hub's, a notice with more than routing facts, a status, a
            revocation, a recall or an alert with values.
    """
    if release.part == "status":
        return _status(release)
    if release.part in RECALLS:
        return _recall(release)
    if release.part == ALERT:
        return _alert(release)
    if release.part not in TYPES or release.referral is None:
        raise ValueError("Red Cross gets the notice and the content of a referral")
    if release.part == REVOCATION:
        return _revocation(release)
    beyond = release.values.keys() - ({Group.ROUTING} if release.part in NOTICES else set(Group))
    if beyond:
        raise ValueError(f"a notice holds routing facts only, this one has: {', '.join(sorted(beyond))}")
    data: Data = {
        REFERRAL: release.referral,
        PURPOSE: release.purpose,
        "cas_ReferringOrganisation": release.sender,
        "cas_ReferredOrganisation": release.recipient,
        "cas_ReasonForOutgoingReferral": "AdditionalServicesRequired",
    }
    if release.person is not None:
        data[PERSON] = release.person
    for group, fields in release.values.items():
        data |= _group(group, fields)
    return data


def to_waiting(waiting: Waiting) -> Data:
    """Word that something waits: which delivery, what of which referral."""
    data: Data = {DELIVERY: waiting.delivery, REFERRAL: waiting.referral, PART: waiting.part}
    return {name: value for name, value in data.items() if value is not None}


def _status(release: Release) -> Data:
    """Say what became of a referral of Red Cross's own, or which message could not be used, and why."""
    if release.rung is None or release.values:
        raise ValueError("Red Cross gets a status by a rung, and no values with it")
    if release.rung not in RUNGS:
        raise NoWord
    unusable = release.rung == "rejected" and release.reason in UNUSABLE
    data: Data = {
        RECEIPT if unusable else MESSAGE: release.placer,
        RUNG: release.rung,
        REFERRAL: release.referral,
        REASON: release.reason,
        PROBLEMS: [{"field": field, "problem": problem} for field, problem in release.problems] or None,
    }
    return {name: value for name, value in data.items() if value is not None}


def _revocation(release: Release) -> Data:
    """Say that there is nothing to answer or to do any more of a referral, and why."""
    if release.values:
        raise ValueError("a revocation holds no values")
    data: Data = {REFERRAL: release.referral, RUNG: release.rung, PERSON: release.person}
    return {name: value for name, value in data.items() if value is not None}


def _recall(release: Release) -> Data:
    """Say of which person, and of which referrals, what may not be used or kept any more."""
    if release.values:
        raise ValueError("a recall holds no values")
    data: Data = {PURPOSE: release.purpose, REFERRALS: list(release.referrals)}
    if release.person is not None:
        data[PERSON] = release.person
    if release.part == "withdrawal":
        data[GROUPS] = list(release.groups)
    return data


def _alert(release: Release) -> Data:
    """Say of which referrals time runs out or is over, and which, or what is proposed."""
    if release.values:
        raise ValueError("an alert holds no values")
    data: Data = {
        REFERRALS: list(release.referrals),
        RUNG: release.rung,
        REASON: release.reason,
        DUE: None if release.due is None else release.due.isoformat(),
    }
    return {name: value for name, value in data.items() if value is not None}


def _group(group: Group, fields: Fields) -> Data:
    data: Data = {}
    for name, value in fields.items():
        if value is not None:
            data |= _field(group, name, value)
    if group is Group.EXPLOITATION and data:
        data["vic_TraffickingStatus"] = "PossibleVictimOfTrafficking"
    return data


def _field(group: Group, name: str, value: Value) -> Data:
    key = (group, name)
    if key in PICKLISTS:
        return _picked(PICKLISTS[key], _listed(value))
    if key in LISTS:
        return {LISTS[key]: _listed(value)}
    if key == (Group.IDENTITY, IDENTIFIERS):
        return {IDENTITY_NUMBERS: [parts_of(each) for each in _listed(value)]}
    # A released field without an HTCDS name goes by ours, so that the ledger and the message say the same.
    own = f"stafet_{name}" if group is Group.ROUTING else f"stafet_{group.value}_{name}"
    return {NAMES.get(key, own): value}


def _picked(crosswalk: Crosswalk, codes: list[str]) -> Data:
    worded = crosswalk.out(codes)
    data: Data = {crosswalk.own: list(worded.own)} if worded.own else {}
    if not crosswalk.field or not (worded.values or crosswalk.many):
        return data
    return data | {crosswalk.field: list(worded.values) if crosswalk.many else worded.values[0]}


def _listed(value: Value) -> list[str]:
    if isinstance(value, list):
        return value
    return [] if value is None else [str(value)]


def to_answer(kind: str, data: Mapping[str, object]) -> AnswerDraft:
    """Read the data of an answer event whose type is in ANSWERS. An unknown reason code is kept as it came.

    Raises:
        MappingError: every missing and malformed field, by name.
    """
    rung = ANSWERS[kind]
    asked = [REFERRAL, *([REASON] if rung == "rejected" else [])]
    known = {*asked, REFERENCE}
    problems = [(f"data.{name}", "missing") for name in asked if data.get(name) is None]
    problems += [
        (f"data.{name}", "malformed")
        for name in sorted(known)
        if data.get(name) is not None and not _fits(name, data)
    ]
    if problems:
        raise MappingError(*problems)
    return AnswerDraft(
        referral=str(data[REFERRAL]),
        rung=rung,
        reason=str(data[REASON]) if rung == "rejected" else None,
        filler=None if data.get(REFERENCE) is None else str(data[REFERENCE]),
    )


def to_consent(kind: str, data: Mapping[str, object]) -> ConsentDraft:
    """Read the data of a consent event whose type is in CONSENTS: about which referral, and nothing else.

    Raises:
        MappingError: the referral is missing or malformed.
    """
    if data.get(REFERRAL) is None:
        raise MappingError((f"data.{REFERRAL}", "missing"))
    if not _fits(REFERRAL, data):
        raise MappingError((f"data.{REFERRAL}", "malformed"))
    return ConsentDraft(CONSENTS[kind], referral=str(data[REFERRAL]))


def _fits(name: str, data: Mapping[str, object]) -> bool:
    value = data[name]
    return isinstance(value, str) and _SHAPES[name].fullmatch(value) is not None
