"""The bytes the simulated police send for a planned referral, sound or with its fault."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.messages import SEND_ACTION, Context, send_request
from stafet_connectors.police.simulator_forms import fill_form
from stafet_connectors.police.simulator_plan import CONFLICT, Planned
from stafet_sdk.soap import CONTENT_TYPE, Credentials, signed_envelope, unsigned_envelope
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import MAX_BYTES, Element, grow, local_name, parse

KLE_SUBJECT: Final = "00.00.00"
_ELSEWHERE: Final = "00000000"


@dataclass(frozen=True, slots=True, repr=False)
class Office:
    """Who sends: identifiers (`cvr`, `hub_cvr`, `agency_<receiver>`) and keys, its own and the hub's."""

    identifiers: Mapping[str, str]
    credentials: Credentials
    hub_certificate: bytes
    receiver: str = "agency_redcross"


def headers(fault: str | None) -> dict[str, str]:
    """HTTP headers of a message with `fault`."""
    action = SEND_ACTION + "Ikke" if fault == "unknown_action" else SEND_ACTION
    return {"content-type": CONTENT_TYPE, "soapaction": f'"{action}"'}


def message(planned: Planned, office: Office, now: datetime, *, conflict: bool = False) -> bytes:
    """Write the envelope of `planned`; with `conflict` it says something else under the same id."""
    fault = CONFLICT if conflict else planned.fault
    request = _request(planned, office, fault)
    match fault:
        case "signature_missing":
            return unsigned_envelope(request)
        case "signature_invalid":
            forged = Credentials(_other_key(), office.credentials.certificate)
            return signed_envelope(request, forged, now)
        case "malformed":
            whole = signed_envelope(request, office.credentials, now)
            return whole[: len(whole) * 2 // 3]
        case "doctype":
            whole = signed_envelope(request, office.credentials, now)
            return whole.replace(b"?>", b'?>\n<!DOCTYPE Envelope [<!ENTITY lol "lol">]>', 1)
        case _:
            return signed_envelope(request, office.credentials, now)


def _request(planned: Planned, office: Office, fault: str | None) -> Element:
    chance = random.Random(planned.choices)
    form = fill_form(planned.reference, planned.person, planned.profile, chance)
    _spoil(form, fault)
    context = Context(
        transaction=planned.transaction,
        sender=_ELSEWHERE if fault == "unknown_sender" else office.identifiers["cvr"],
        routed=office.identifiers["hub_cvr"],
        receiver=office.identifiers[office.receiver],
    )
    return send_request(context, planned.transaction, KLE_SUBJECT, form)


def _spoil(form: Element, fault: str | None) -> None:
    match fault:
        case "missing_field":
            born = _field(form, "Foedselsdato")
            parent = born.getparent()
            if parent is not None:
                parent.remove(born)
        case "unknown_field":
            form.append(grow(NAMESPACE, "Skostoerrelse", "44"))
        case "unknown_code":
            _field(form, "Ydelse").text = "Rumrejse"
        case "oversize":
            text = _field(form, "Fritekst")
            text.text = f"{text.text} {'x' * (MAX_BYTES + MAX_BYTES // 4)}"
        case "conflict":
            service = _field(form, "Prioritet")
            service.text = "Rutine" if service.text != "Rutine" else "Haster"
        case _:
            pass


def _field(form: Element, name: str) -> Element:
    return next(form.iter(f"{{{NAMESPACE}}}{name}"))


def _other_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_answer(body: bytes, office: Office, now: datetime) -> tuple[str, str]:
    """Return (code, receipt) of a hub's answer: MODTAGET and the hub's id, or the first FejlKode and "".

    Raises:
        InboundRefused: the answer is no envelope, or not signed by the hub.
    """
    answer = open_signed(parse(body), office.hub_certificate, now)
    found = {local_name(each): (each.text or "").strip() for each in answer.iter()}
    code = found.get("ForretningsValideringsKode") or found.get("FejlKode") or found.get("faultstring", "")
    return code, found.get("DistributionTransktionsID", "")
