"""The bytes the simulated police send for a planned referral, sound or with its fault."""

import copy
import random
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.messages import ANSWER_RESPONSE, SEND_ACTION, Context, send_request
from stafet_connectors.police.receipts import RECEIVED
from stafet_connectors.police.simulator_forms import ASKED_OF, SERVICES, fill_form
from stafet_connectors.police.simulator_plan import CONFLICT, Planned
from stafet_sdk.simulator import SimulatorOptions, read_identifiers
from stafet_sdk.soap import (
    CONTENT_TYPE,
    WSU_ID,
    Addressing,
    Credentials,
    signed_envelope,
    unsigned_envelope,
)
from stafet_sdk.soapcheck import open_addressed
from stafet_sdk.xml import MAX_BYTES, Content, Element, grow, local_name, parse

IDENTITY_FAULTS: Final = {"identity_merge": "Sammenlaegning", "identity_split": "Adskillelse"}
"""By which form the police say that two references are one person, or are two again."""
KLE_SUBJECT: Final = "00.00.00"
_SPACE: Final = uuid.UUID("b0c41d9a-34a7-4f0b-8f58-6e2b0f1d7c33")
_ELSEWHERE: Final = "00000000"


@dataclass(frozen=True, slots=True, repr=False)
class Office:
    """Who sends: identifiers (`cvr`, `hub_cvr`, `agency_<receiver>`) and keys, its own and the hub's.

    `inbox` is the hub's address; `expired` what the office signed with before, if it still has it.
    """

    identifiers: Mapping[str, str]
    credentials: Credentials
    hub_certificate: bytes
    inbox: str
    expired: Credentials | None = None

    @classmethod
    def of(cls, options: SimulatorOptions) -> "Office":
        """Read the office's own files."""
        own = options.own
        credentials = Credentials((own / "key.pem").read_bytes(), (own / "certificate.pem").read_bytes())
        old = ssl.DER_cert_to_PEM_cert((own / "expired_certificate.der").read_bytes())
        expired = Credentials((own / "expired_key.pem").read_bytes(), old.encode())
        hub = (own / "hub_certificate.pem").read_bytes()
        return cls(read_identifiers(options), credentials, hub, options.inbox, expired)

    def addressed(self, action: str, message: str) -> Addressing:
        """Address a message to the hub; `message` is what its id is derived from."""
        sender = f"urn:uuid:{self.identifiers['uuid']}"
        message_id = uuid.uuid5(_SPACE, message)
        return Addressing(f"urn:uuid:{message_id}", self.inbox, action, sender)


def client_identity(options: SimulatorOptions) -> tuple[Path, Path]:
    """Say which TLS certificate the office shows the hub, and its key."""
    return options.own / "client_certificate.pem", options.own / "client_key.pem"


def headers(fault: str | None) -> dict[str, str]:
    """HTTP headers of a message with `fault`."""
    return headers_of(SEND_ACTION + "Ikke" if fault == "unknown_action" else SEND_ACTION)


def headers_of(action: str) -> dict[str, str]:
    """HTTP headers of a call of an operation."""
    return {"content-type": CONTENT_TYPE, "soapaction": f'"{action}"'}


def message(planned: Planned, office: Office, now: datetime, *, conflict: bool = False) -> bytes:
    """Write the envelope of `planned`; with `conflict` it says something else under the same id."""
    fault = CONFLICT if conflict else planned.fault
    request = _request(planned, office, fault)
    addressing = office.addressed(SEND_ACTION, f"{planned.transaction}/{conflict}")

    credentials = office.credentials
    if fault == "signature_missing":
        return unsigned_envelope(request)
    if fault == "signature_invalid":
        credentials = Credentials(_other_key(), credentials.certificate)
    elif fault == "expired_certificate":
        credentials = office.expired or credentials
    return _spoil_bytes(signed_envelope(request, credentials, now, addressing), fault)


def _spoil_bytes(whole: bytes, fault: str | None) -> bytes:
    match fault:
        case "wrap_attack":
            return wrapped(whole)
        case "malformed":
            return whole[: len(whole) * 2 // 3]
        case "doctype":
            return whole.replace(b"?>", b'?>\n<!DOCTYPE Envelope [<!ENTITY lol "lol">]>', 1)
        case _:
            return whole


def wrapped(whole: bytes) -> bytes:
    """Move the signed Body into a header, where its Id is still found, and put another in its place."""
    root = parse(whole)
    body = root[-1]
    other = copy.deepcopy(body)
    next(other.iter(f"{{{NAMESPACE}}}Sagsreference")).text = "POL-0-00000"
    other.set(WSU_ID, "other")
    root.replace(body, other)
    etree.SubElement(root[0], "{urn:x-stafet:wrapped}Wrapper").append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _request(planned: Planned, office: Office, fault: str | None) -> Element:
    chance = random.Random(planned.choices)
    services = ASKED_OF.get(planned.receiver, SERVICES)
    form = fill_form(planned.reference, planned.person, planned.profile, chance, services)
    if fault in IDENTITY_FAULTS:
        said: Content = {"Sagsreference": planned.reference, "AndenSagsreference": f"{planned.reference}-2"}
        form = grow(NAMESPACE, IDENTITY_FAULTS[fault], said)
    _spoil(form, fault)
    context = Context(
        transaction=planned.transaction,
        sender=_ELSEWHERE if fault == "unknown_sender" else office.identifiers["cvr"],
        routed=office.identifiers["hub_cvr"],
        receiver=office.identifiers[f"agency_{planned.receiver}"],
    )
    return send_request(context, planned.transaction, KLE_SUBJECT, form)


def _spoil(form: Element, fault: str | None) -> None:
    match fault:
        case "missing_field":
            born = _field(form, "Foedselsdato")
            parent = born.getparent()
            if parent is not None:
                parent.remove(born)
        case "malformed_field":
            _field(form, "Foedselsdato").text = "i gaar"
        case "unknown_code":
            _field(form, "Ydelse").text = "Rumrejse"
        case "h2_forward":
            _field(form, "Ophold").addnext(grow(NAMESPACE, "Haandteringskode", "H2"))
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

    The answer to a receipt is empty: it is the hub's id of it that its MessageID holds.

    Raises:
        InboundRefused: the answer is no envelope, or not signed by the hub.
    """
    opened = open_addressed(parse(body), office.hub_certificate, now)
    answer = opened.child
    if answer.tag == ANSWER_RESPONSE:
        return RECEIVED, opened.addressing.message_id.rpartition(":")[2]
    found = {local_name(each): (each.text or "").strip() for each in answer.iter()}
    code = found.get("ForretningsValideringsKode") or found.get("FejlKode") or found.get("faultstring", "")
    return code, found.get("DistributionTransktionsID", "")
