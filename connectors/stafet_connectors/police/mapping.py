"""What a police message means, and how a release reads to the police. Pure: no I/O, no clock, no ids."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from stafet_connectors.police.codes import KEPT_BACK
from stafet_connectors.police.documents import is_document, to_document
from stafet_connectors.police.fields import RECIPIENT
from stafet_connectors.police.files import START, to_file
from stafet_connectors.police.form import read_form
from stafet_connectors.police.messages import (
    ANSWER_REQUEST,
    REQUEST,
    Context,
    business_receipt,
    object_request,
    read_context,
    receipt_request,
)
from stafet_connectors.police.questions import addressees, receivers
from stafet_connectors.police.receipts import to_answer
from stafet_connectors.police.schema import SENDER
from stafet_connectors.police.wording import (
    ALERT,
    ALERT_FORM,
    RECALL_FORM,
    RECALLS,
    REQUEST_FORM,
    alert_form,
    recall_form,
    request_form,
)
from stafet_schemas.codes import LEFT_TO_HUB
from stafet_schemas.groups import Group
from stafet_sdk.draft import (
    PARTS,
    AnswerDraft,
    ConsentDraft,
    DocumentDraft,
    FileDraft,
    ReferralDraft,
    Release,
    Value,
)
from stafet_sdk.errors import InboundRefused, MappingError, NoWord
from stafet_sdk.identifiers import settled
from stafet_sdk.soap import WSU, body_child
from stafet_sdk.xml import Element, parse

NO_SUBJECT: Final = "00.00.00"
"""The KLE number of what has none; the identifier `kle_<service>` says that of a service."""
BASIS_OF: Final[Mapping[str, str]] = {"Samtykke": "consent", "Underretning": "duty"}
DAY_ENDS: Final = "T22:00:00+00:00"
"""When a day ends in Denmark in summer, and an hour before it does in winter: never later than was said."""

# Rung of the ladder -> ForretningsValideringsKode and Kvitteringstype. `in_progress` has no word in SF2900.
UNDONE: Final = ("failed", "withdrawn", "cancelled", "expired", "entered_in_error")
"""Ends without what was asked for: SF2900 has one word for all, and the rung goes with it as the reason."""
RECEIPTS: Final[Mapping[str, tuple[str, str]]] = {
    "delivered": ("MODTAGET", "Teknisk"),
    "accepted": ("ACCEPTERET", "Forretning"),
    "rejected": ("AFVIST", "Forretning"),
    **dict.fromkeys(UNDONE, ("AFVIST", "Forretning")),
    "completed": ("AFLEVERET", "Forretning"),
    "parse_rejected": ("FEJLET", "Teknisk"),
}

_FORM_PATH: Final = "/".join(
    f"{{{SENDER}}}{name}"
    for name in (
        "DistributionObject",
        "ObjektIndhold",
        "DistributionFormular",
        "Meddelelse",
        "Formular",
        "FormularXML",
    )
)


Meaning = ReferralDraft | AnswerDraft | DocumentDraft | FileDraft
"""What a message of the police may be."""


def to_hub(body: bytes, identifiers: Mapping[str, str]) -> Meaning:
    """Read an accepted message: a referral, a receipt for one sent to them, a document's word or its file.

    Raises:
        MappingError: see `_to_referral`, `to_answer`, `to_document` and `to_file`.
    """
    if body.startswith(START):
        return to_file(body)
    message = _message(body)
    if message.tag == ANSWER_REQUEST:
        return to_answer(message)
    order = message.find(REQUEST)
    if order is not None and is_document(order):
        return to_document(order, identifiers)
    return _to_referral(message, identifiers)


def _to_referral(message: Element, identifiers: Mapping[str, str]) -> ReferralDraft:
    """Read a whole FordelingsobjektAfsend; `identifiers` has `agency_<code>` = UUID of every known receiver.

    One that is sent to the hub itself (`hub_uuid`) leaves it to the hub who gets it.

    Raises:
        MappingError: with every field that cannot be used; `RoutingModtagerAktoer` for an unknown receiver,
            `Modtager` where what is consented to names nobody, or somebody unknown.
    """
    request = message.find(REQUEST)
    holder = None if request is None else request.find(_FORM_PATH)
    if request is None or holder is None or len(holder) != 1:
        raise MappingError(("FormularXML", "missing"))
    receiver = _receiver(read_context(request), identifiers)
    try:
        form = read_form(holder[0])
    except MappingError as error:
        unknown = [] if receiver else [("RoutingModtagerAktoer", "unknown receiver")]
        raise MappingError(*unknown, *error.problems) from None
    if receiver is None:
        raise MappingError(("RoutingModtagerAktoer", "unknown receiver"))
    form.values[Group.IDENTITY] = settled(form.values[Group.IDENTITY], "Personnummer", _sent_on(request))
    if form.values[Group.ROUTING].get("handling") in KEPT_BACK:
        raise MappingError(("Haandteringskode", "forbids to pass it on"))
    consents = tuple(
        _basis(name, said, _recipients(said, receiver, identifiers)) for name, said in form.bases.items()
    )
    return ReferralDraft(form.reference, receiver, form.values, consents)


def from_hub(release: Release, identifiers: Mapping[str, str]) -> Element:
    """Word a release: a status as a receipt, everything else as an object with a form.

    Raises:
        NoWord: a reminder, or a rung that SF2900 has no receipt for.
        ValueError: a bug of ours: no part of the hub's, or one that lacks what it must say.
    """
    if release.part == "reminder":
        raise NoWord
    if release.part in PARTS - {"status"}:
        return _from_referral(release, identifiers)
    return from_status(release, identifiers)


def _from_referral(release: Release, identifiers: Mapping[str, str]) -> Element:
    name, form = _form(release)
    context = Context(
        transaction=release.referral or release.delivery,
        sender=identifiers["hub_cvr"],
        routed=identifiers["cvr"],
        receiver=identifiers["uuid"],
        distribution=release.delivery,
    )
    service = release.values.get(Group.ROUTING, {}).get("service")
    subject = identifiers.get(f"kle_{service}", NO_SUBJECT)
    return object_request(context, release.delivery, subject, name, form)


def _form(release: Release) -> tuple[str, Element]:
    """Choose the form of a part, and fill it in."""
    if release.part == ALERT:
        return ALERT_FORM, alert_form(release)
    if release.part in RECALLS:
        return RECALL_FORM, recall_form(release)
    return REQUEST_FORM, request_form(release)


def from_status(release: Release, identifiers: Mapping[str, str]) -> Element:
    """Word a status as FordelingskvitteringModtag; needs the identifiers `hub_cvr`, `cvr` and `uuid`.

    Raises:
        NoWord: a rung that SF2900 has no receipt for.
        ValueError: a bug of ours: another part, or a status without a rung.
    """
    if release.part != "status" or release.rung is None:
        raise ValueError("the police agency gets a status by a rung")
    worded = RECEIPTS.get(release.rung)
    if worded is None:
        raise NoWord
    code, kind = worded
    reason = release.rung if release.rung in UNDONE else release.reason
    receipt = business_receipt(code, kind, reason, release.problems)
    context = Context(
        transaction=release.placer,
        sender=identifiers["hub_cvr"],
        routed=identifiers["cvr"],
        receiver=identifiers["uuid"],
        distribution=release.delivery,
    )
    return receipt_request(receipt, context)


def _recipients(said: Mapping[str, Value], receiver: str, identifiers: Mapping[str, str]) -> tuple[str, ...]:
    """Name whom a section of the form is about: the agencies that it names, or the receiver of the form.

    The hub is none: nobody can allow what they do not know the recipient of.
    """
    named = _codes(said["recipients"])
    if not named and receiver == LEFT_TO_HUB:
        raise MappingError((RECIPIENT, "missing: name who may have it, as the hub is to choose"))
    known = {uuid.lower(): agency for agency, uuid in receivers(identifiers).items()}
    if any(each.lower() not in known for each in named):
        raise MappingError((RECIPIENT, "unknown receiver"))
    return tuple(dict.fromkeys(known[each.lower()] for each in named)) or (receiver,)


def _basis(section: str, said: Mapping[str, Value], recipients: tuple[str, ...]) -> ConsentDraft:
    """Word a section of the form."""
    until = said["until"]
    return ConsentDraft(
        statement="given",
        basis=BASIS_OF[section],
        recipients=recipients,
        purposes=_codes(said["purposes"]),
        groups=_codes(said["groups"]),
        until=datetime.fromisoformat(f"{until}{DAY_ENDS}") if until else None,
        language=_text(said.get("language")),
        interpreter=said.get("interpreter") is True,
        how=_text(said.get("how")),
        law=_text(said.get("law")),
        by=_text(said.get("by")),
    )


def _codes(value: Value) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _message(body: bytes) -> Element:
    try:
        return body_child(parse(body))
    except InboundRefused as refused:
        raise MappingError(("Envelope", refused.code)) from None


def _sent_on(request: Element) -> date | None:
    """Return the day of the signed timestamp: nobody is born after it."""
    created = request.getroottree().getroot().findtext(f".//{{{WSU}}}Created")
    try:
        return date.fromisoformat((created or "")[:10])
    except ValueError:
        return None


def _receiver(context: Context, identifiers: Mapping[str, str]) -> str | None:
    for agency, uuid in addressees(identifiers).items():
        if uuid.lower() == context.receiver:
            return agency
    return None
