"""What a police message means, and how a release reads to the police. Pure: no I/O, no clock, no ids."""

from collections.abc import Mapping
from typing import Final

from stafet_connectors.police.form import read_form
from stafet_connectors.police.messages import (
    REQUEST,
    Context,
    business_receipt,
    read_context,
    receipt_request,
)
from stafet_connectors.police.schema import SENDER
from stafet_sdk.draft import ReferralDraft, Release
from stafet_sdk.errors import InboundRefused, MappingError
from stafet_sdk.soap import body_child
from stafet_sdk.xml import Element, parse

AGENCY_PREFIX: Final = "agency_"

# Rung of the ladder -> ForretningsValideringsKode and Kvitteringstype. `in_progress` has no word in SF2900.
RECEIPTS: Final[Mapping[str, tuple[str, str]]] = {
    "delivered": ("MODTAGET", "Teknisk"),
    "accepted": ("ACCEPTERET", "Forretning"),
    "rejected": ("AFVIST", "Forretning"),
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


def to_referral(body: bytes, identifiers: Mapping[str, str]) -> ReferralDraft:
    """Read a whole FordelingsobjektAfsend; `identifiers` has `agency_<code>` = UUID of every known receiver.

    Raises:
        MappingError: with every field that cannot be used; `RoutingModtagerAktoer` for an unknown receiver.
    """
    request = _message(body).find(REQUEST)
    holder = None if request is None else request.find(_FORM_PATH)
    if request is None or holder is None or len(holder) != 1:
        raise MappingError(("FormularXML", "missing"))
    receiver = _receiver(read_context(request), identifiers)
    try:
        reference, values = read_form(holder[0])
    except MappingError as error:
        unknown = [] if receiver else [("RoutingModtagerAktoer", "unknown receiver")]
        raise MappingError(*unknown, *error.problems) from None
    if receiver is None:
        raise MappingError(("RoutingModtagerAktoer", "unknown receiver"))
    return ReferralDraft(reference=reference, receiver=receiver, values=values)


def from_status(release: Release, identifiers: Mapping[str, str]) -> Element:
    """Word a status as FordelingskvitteringModtag; needs the identifiers `hub_cvr`, `cvr` and `uuid`.

    Raises:
        ValueError: not a status, or a rung that is not told to the police.
    """
    worded = RECEIPTS.get(release.rung or "")
    if release.part != "status" or worded is None:
        raise ValueError("the police agency gets a status by a rung in RECEIPTS, and nothing else")
    code, kind = worded
    receipt = business_receipt(code, kind, release.reason, release.problems)
    context = Context(
        transaction=release.placer,
        sender=identifiers["hub_cvr"],
        routed=identifiers["cvr"],
        receiver=identifiers["uuid"],
        distribution=release.delivery,
    )
    return receipt_request(receipt, context)


def _message(body: bytes) -> Element:
    try:
        return body_child(parse(body))
    except InboundRefused as refused:
        raise MappingError(("Envelope", refused.code)) from None


def _receiver(context: Context, identifiers: Mapping[str, str]) -> str | None:
    for name, uuid in identifiers.items():
        if name.startswith(AGENCY_PREFIX) and uuid.lower() == context.receiver:
            return name.removeprefix(AGENCY_PREFIX)
    return None
