"""What leaves a connector, read again with none of the connector's own tables: canaries, names, receipts."""

from collections.abc import Mapping
from itertools import chain
from typing import Final

from lxml import etree

from stafet_connectors.immigration import connector as immigration
from stafet_connectors.immigration.samples import partner as immigration_partner
from stafet_connectors.police import connector as police
from stafet_connectors.police.samples import IDENTIFIERS
from stafet_connectors.police.samples import partner as police_partner
from stafet_connectors.redcross import connector as redcross
from stafet_connectors.redcross.samples import PARTNER as REDCROSS_PARTNER
from stafet_connectors.shelter import connector as shelter
from stafet_connectors.shelter.samples import PARTNER as SHELTER_PARTNER
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Connector, Fetch, Fetched, Outbound, Partner, Request, Waiting
from stafet_sdk.draft import Fields, Release, Value
from stafet_sdk.errors import ConnectorError
from tests.services.vault.matrix import FIELDS
from tests.services.vault.tongues import TONGUES, Tongue, form_of

CONNECTORS: Final[Mapping[str, tuple[Connector, Partner]]] = {
    "police": (police, police_partner()),
    "redcross": (redcross, REDCROSS_PARTNER),
    "shelter": (shelter, SHELTER_PARTNER),
    "immigration": (immigration, immigration_partner()),
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
IDENTIFIED: Final = (Group.IDENTITY, "identifiers")
SMUGGLED: Final = ("nickname", "x-free-text", "shelter_address")
"""Fields that are on no allow-list."""
CANARY: Final = "zq"

UNDONE: Final = frozenset({"failed", "withdrawn", "cancelled", "expired", "entered_in_error"})
"""Ends without what was asked for: the police have one word for all, and read the rung as the reason."""
RECEIPTS: Final[Mapping[str, tuple[str, str]]] = {
    "delivered": ("MODTAGET", "Teknisk"),
    "accepted": ("ACCEPTERET", "Forretning"),
    "rejected": ("AFVIST", "Forretning"),
    "completed": ("AFLEVERET", "Forretning"),
    "parse_rejected": ("FEJLET", "Teknisk"),
    **dict.fromkeys(UNDONE, ("AFVIST", "Forretning")),
}
"""What the police are told by a receipt, by rung."""
FORMS: Final = {"notice": "Anmodning", "content": "Anmodning", "alert": "Varsel"}
SUBJECTS: Final = {"accommodation": "32.03.00", "health": "29.00.00"}
"""KLE numbers, which say around the form what it asks for."""
BODY: Final = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
AROUND_TEXTS: Final = ("hub_cvr", "cvr", "uuid")

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
    # One that the immigration service has a name of its own for, and one that nobody has.
    own = canary(*IDENTIFIED)
    filled[Group.IDENTITY]["identifiers"] = [
        f"foreigner_number|{own}|official||",
        f"replacement_cpr|{own}|temporary||",
    ]
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
    tongue = TONGUES[release.recipient]
    try:
        outbound = _composed(connector, release, partner)
    except ConnectorError:
        outbound = None
    spoken = release.part == "alert" or release.part in tongue.around
    wanted = release.rung in tongue.rungs if release.part == "status" else spoken
    if outbound is None or not wanted:
        return [] if (outbound is not None) == wanted else [f"sent: {outbound is not None}"]
    return [
        *_told(connector, release, partner, tongue),
        *_named(release, outbound, may, tongue),
        *_around(release, outbound, may),
        *_canaries(release, outbound, may),
    ]


def _composed(connector: Connector, release: Release, partner: Partner) -> Outbound:
    """Compose what carries the release: a message, or the answer to whoever fetches it."""
    if not (isinstance(connector, Fetched) and connector.thin(release.part)):
        return connector.from_hub(release, partner, NOW)
    address = f"https://hub.example/agencies/{release.recipient}/deliveries/{release.delivery}"
    fetch = Fetch(release.delivery, "0123456789abcdef", NOW)
    reply = connector.hand_over(release, fetch, Request("GET", address, {}, b""), partner, NOW)
    return Outbound(reply.headers, reply.body)


def _told(connector: Connector, release: Release, partner: Partner, tongue: Tongue) -> list[str]:
    """Look at what is told of something that is fetched: nothing but that it waits."""
    if not (isinstance(connector, Fetched) and connector.thin(release.part)):
        return []
    told = connector.notify(Waiting(release.delivery, release.referral, release.part), partner, NOW)
    found = set(tongue.read(told))
    return _differ("told names", found, tongue.around["waiting"]) + (
        ["told a canary"] if CANARY.encode() + b"." in told.body else []
    )


def _named(release: Release, outbound: Outbound, may: Names, tongue: Tongue) -> list[str]:
    """Compare by name, and hold each field that has a canary to be the one that it is called."""
    fields = [
        (group, name)
        for group, names in may.items()
        for name in names
        if release.values.get(group, {}).get(name) is not None
    ]
    own = {"status": tongue.status, "alert": tongue.alert}.get(release.part)
    around = own(release) if own else tongue.around[release.part]
    said = tongue.read(outbound)
    strayed = [
        f"strayed: {group}.{name}"
        for group, name in fields
        if (group, name) not in CODES
        and canary(group, name) not in said.get(tongue.of((group, name))[0], canary(group, name))
    ]
    return [*_differ("names", set(said), {*around, *chain.from_iterable(map(tongue.of, fields))}), *strayed]


def _around(release: Release, outbound: Outbound, may: Names) -> list[str]:
    """Look at what stands around the fields: of a message to the police, and of a shelter's file."""
    known = {*(text for text in (release.reason, release.placer, release.delivery) if text)}
    match release.recipient:
        case "police":
            known |= {IDENTIFIERS[name] for name in AROUND_TEXTS}
            found = _police_around(release, outbound, may, known)
        case "shelter":
            known |= set(SHELTER_PARTNER.identifiers.values())
            found = _shelter_around(release, outbound, known)
        case _:
            return []
    return [f"texts: {', '.join(sorted(found))}"] if found else []


def _police_around(release: Release, outbound: Outbound, may: Names, known: set[str]) -> set[str]:
    body = etree.fromstring(outbound.body).find(BODY)
    assert body is not None
    told = {str(text).strip() for text in body.itertext()} - {""}
    if release.part == "status":
        known |= {release.rung} if release.rung in UNDONE else set[str]()
        return told - known - {*RECEIPTS[release.rung or ""], *chain.from_iterable(release.problems)}
    form = form_of(outbound)
    assert form is not None
    inside = {str(text).strip() for text in form.itertext()}
    asks = release.values.get(Group.ROUTING, {}).get("service")
    subject = SUBJECTS.get(str(asks), "") if "service" in may.get(Group.ROUTING, ()) else ""
    kind = FORMS.get(release.part, "Tilbagekaldelse")
    known |= {release.referral or release.delivery, kind, "FORMULAR", "XML", subject or "00.00.00"}
    return told - inside - known


def _shelter_around(release: Release, outbound: Outbound, known: set[str]) -> set[str]:
    if outbound.trigger is not None:
        told = {str(text) for text in etree.fromstring(outbound.trigger).itertext()}
        return told - known - {f"request_{release.delivery}.csv", str(len(outbound.body))}
    row = release.placer.partition(":")
    found = release.problems or (("row", "of no use"),)
    problems = {f"row {row[2]}: {field}: {problem}" for field, problem in found}
    told = {str(text) for text in etree.fromstring(outbound.body).itertext()}
    return told - known - problems - {row[0], "422", "invalid", "rejected", "unknown"}


def _canaries(release: Release, outbound: Outbound, may: Names) -> list[str]:
    sent = b"\n".join(
        [
            outbound.body,
            outbound.path.encode(),
            repr(sorted(outbound.headers.items())).encode(),
            outbound.trigger or b"",
        ]
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
    return _differ("left", found, wanted)


def _differ(what: str, found: set[str], wanted: set[str] | frozenset[str]) -> list[str]:
    differences = ((what, found - wanted), (f"missing {what}", wanted - found))
    return [f"{said}: {', '.join(sorted(which))}" for said, which in differences if which]
