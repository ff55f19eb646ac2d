"""What leaves a connector, read again with none of the connector's own tables: canaries, names, receipts."""

import json
from collections.abc import Mapping
from itertools import chain
from typing import Final

from lxml import etree

from stafet_connectors.police import connector as police
from stafet_connectors.police.samples import IDENTIFIERS
from stafet_connectors.police.samples import partner as police_partner
from stafet_connectors.redcross import connector as redcross
from stafet_connectors.redcross.samples import PARTNER
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Connector, Outbound, Partner
from stafet_sdk.draft import Fields, Release, Value
from stafet_sdk.errors import ConnectorError
from tests.services.vault.matrix import FIELDS

CONNECTORS: Final[Mapping[str, tuple[Connector, Partner]]] = {
    "police": (police, police_partner()),
    "redcross": (redcross, PARTNER),
}
CODES: Final[Mapping[tuple[Group, str], Value]] = {
    (Group.ROUTING, "service"): "accommodation",
    (Group.ROUTING, "priority"): "urgent",
    (Group.ROUTING, "age_group"): "adult",
    (Group.ROUTING, "sex"): "female",
    (Group.RESIDENCE, "status"): "lawful",
    (Group.EXPLOITATION, "types"): ["sexual"],
    (Group.EXPLOITATION, "control"): ["physical"],
    (Group.EXPLOITATION, "recruiter"): "family",
    (Group.EXPLOITATION, "labour"): "construction",
}
"""Fields of closed code lists, which can hold no canary; they are found by the name they go by."""
SMUGGLED: Final = ("nickname", "x-free-text", "shelter_address")
"""Fields that are on no allow-list."""
CANARY: Final = "zq"

HTCDS: Final[Mapping[tuple[Group, str], str]] = {
    (Group.ROUTING, "language"): "prs_PrimaryLanguage",
    (Group.ROUTING, "sex"): "prs_Gender",
    (Group.IDENTITY, "first_name"): "prs_FirstName",
    (Group.IDENTITY, "last_name"): "prs_SecondName",
    (Group.IDENTITY, "birth_date"): "prs_Birthdate",
    (Group.IDENTITY, "nationality"): "prs_Citizenship",
    (Group.IDENTITY, "person_number"): "prs_IdentityNumber",
    (Group.CONTACT, "phone"): "prs_MobilePhone",
    (Group.CONTACT, "email"): "prs_Email",
    (Group.CONTACT, "address"): "prs_MailingStreet",
    (Group.NARRATIVE, "text"): "cas_OutgoingReferralDetails",
    (Group.EXPLOITATION, "types"): "vic_TypeOfExploitation",
    (Group.EXPLOITATION, "control"): "vic_MethodsOfControl",
    (Group.EXPLOITATION, "recruiter"): "vic_RelationshipToTrafficker",
    (Group.EXPLOITATION, "labour"): "vic_ForcedLabourIndustry",
}
"""The names of HTCDS 2.0; every other field goes by its own, with `stafet_` before it."""
AROUND: Final = frozenset({
    "cas_ReferringOrganisation", "cas_ReferredOrganisation", "cas_ReasonForOutgoingReferral", "stafet_person",
    "stafet_purpose", "stafet_referral",
})  # fmt: skip
AROUND_OF: Final[Mapping[str, frozenset[str]]] = {
    "notice": AROUND,
    "content": AROUND,
    "withdrawal": frozenset({"stafet_groups", "stafet_person", "stafet_purpose", "stafet_referrals"}),
    "erasure": frozenset({"stafet_purpose", "stafet_referrals"}),
}
"""What is in the Red Cross's event about no field of the person, by part."""
STATUS: Final[Mapping[str, frozenset[str]]] = {
    "parse_rejected": frozenset({"stafet_message", "stafet_rung", "stafet_referral", "stafet_problems"}),
    "rejected": frozenset({"stafet_receipt", "stafet_rung", "stafet_referral", "stafet_reason"}),
}
"""The same of a status, by rung: the most there may be."""
EVENT: Final = frozenset({"specversion", "id", "source", "type", "subject", "datacontenttype", "data"})
RECEIPTS: Final[Mapping[str, tuple[str, str]]] = {
    "delivered": ("MODTAGET", "Teknisk"),
    "accepted": ("ACCEPTERET", "Forretning"),
    "rejected": ("AFVIST", "Forretning"),
    "completed": ("AFLEVERET", "Forretning"),
    "parse_rejected": ("FEJLET", "Teknisk"),
}
"""What the police can be told, by rung; no other part or rung has a word in SF2900."""
BODY: Final = "{http://schemas.xmlsoap.org/soap/envelope/}Body"

Names = Mapping[Group, frozenset[str]]


def values(**routing: Value) -> dict[Group, Fields]:
    """Fill every field of every group with a canary of its own, or a code, and add fields nobody listed."""
    filled: dict[Group, dict[str, Value]] = {
        group: {
            name: CODES.get((group, name), canary(group, name))
            for name in (*FIELDS[group].split(), *SMUGGLED)
        }
        for group in Group
    }
    filled[Group.ROUTING] |= routing
    return dict(filled)


def canary(group: Group, name: str) -> str:
    """Name a field in a text that stands nowhere else and in no other canary."""
    return f"{CANARY}.{group}.{name}.{CANARY}"


def wrongs(
    release: Release, may: Names, desks: Mapping[str, tuple[Connector, Partner]] = CONNECTORS
) -> list[str]:
    """Compose a release as its agency's connector does, and say where the message is not as it may be.

    `may` are the fields that may leave. An agency without a connector gets nothing.
    """
    if release.recipient not in desks:
        return []
    connector, partner = desks[release.recipient]
    try:
        outbound = connector.from_hub(release, partner, NOW)
    except ConnectorError:
        outbound = None
    wanted = _sayable(release)
    if outbound is None or not wanted:
        return [] if (outbound is not None) == wanted else [f"sent: {outbound is not None}"]
    spoken = (
        _police(release, outbound) if release.recipient == "police" else _redcross(release, outbound, may)
    )
    return [*spoken, *_canaries(release, outbound, may)]


def _sayable(release: Release) -> bool:
    """Say whether the agency's protocol has a word for it."""
    if release.recipient == "police":
        return release.part == "status" and release.rung in RECEIPTS
    return release.part != "status" or release.rung in STATUS


def _canaries(release: Release, outbound: Outbound, may: Names) -> list[str]:
    sent = b"\n".join(
        [outbound.body, outbound.path.encode(), repr(sorted(outbound.headers.items())).encode()]
    )
    found = {
        f"{group}.{name}"
        for group in Group
        for name in (*FIELDS[group].split(), *SMUGGLED)
        if canary(group, name).encode() in sent
    }
    wanted = {
        f"{group}.{name}"
        for group, names in may.items()
        for name in names
        if (group, name) not in CODES and name in release.values.get(group, {})
    }
    return [f"{what}: {', '.join(sorted(which))}" for what, which in (
        ("left", found - wanted), ("did not leave", wanted - found)
    ) if which]  # fmt: skip


def _redcross(release: Release, outbound: Outbound, may: Names) -> list[str]:
    event = json.loads(outbound.body)
    allowed = STATUS[release.rung or ""] if release.part == "status" else AROUND_OF[release.part]
    named = {
        HTCDS.get((group, name), f"stafet_{name}" if group is Group.ROUTING else f"stafet_{group}_{name}")
        for group, names in may.items()
        for name in names
        if release.values[group].get(name) is not None
    }
    if may.get(Group.EXPLOITATION):
        named.add("vic_TraffickingStatus")
    found = set(event["data"])
    wrong = {*(event.keys() - EVENT), *(found - allowed - named)}
    missing = named - found if release.part == "status" else (named | allowed) - found
    return [f"{what}: {', '.join(sorted(which))}" for what, which in (
        ("names", wrong), ("missing names", missing)
    ) if which]  # fmt: skip


def _police(release: Release, outbound: Outbound) -> list[str]:
    body = etree.fromstring(outbound.body).find(BODY)
    assert body is not None
    told = {str(text).strip() for text in body.itertext()} - {""}
    known = {
        *RECEIPTS[release.rung or ""],
        *(text for text in (release.reason, release.placer, release.delivery) if text),
        *chain.from_iterable(release.problems),
        *(IDENTIFIERS[name] for name in ("hub_cvr", "cvr", "uuid")),
    }
    return [f"texts: {', '.join(sorted(told - known))}"] if told - known else []
