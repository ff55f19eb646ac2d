"""Messages and releases of the police for certification and tests; synthetic persons only."""

import ssl
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import trustme
from lxml import etree

from stafet_connectors.police.fields import NAMESPACE, ROOT_FIELDS, SECTIONS
from stafet_connectors.police.messages import SEND_ACTION, Context, send_request
from stafet_sdk.certification.golden import read_release
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Partner, Request
from stafet_sdk.draft import Release
from stafet_sdk.soap import CONTENT_TYPE, Addressing, Credentials, signed_envelope, unsigned_envelope
from stafet_sdk.xml import Content, Element, canonical, grow, parse

GOLDEN: Final = Path(__file__).parent / "golden"
ALL_FIELDS: Final = (*ROOT_FIELDS, *(field for fields in SECTIONS.values() for field in fields))
REQUIRED: Final = ("Sagsreference", *SECTIONS, *(field.name for field in ALL_FIELDS if field.required))
TRANSACTION = "6b1f3a52-1111-4000-8000-00000000a001"
CANARIES = (
    "Gaxipypuno", "Fipagorymu", "2011-09-15", "150911-0333", "AS-1203456", "+45 03759152",
    "gaxipypuno.fipagorymu@rixisorita.example", "Xakebopedo", "mepajezoho",
)  # fmt: skip
IDENTIFIERS = {
    "cvr": "10000001",
    "uuid": "6b1f3a52-0000-4000-8000-000000000001",
    "hub_cvr": "10000002",
    "hub_uuid": "5c0a1f60-0000-4000-8000-000000000001",
    "agency_redcross": "7c1f0a52-0000-4000-8000-00000000ac01",
    "services_redcross": "accommodation health",
    "kle_accommodation": "32.03.00",
    "kle_health": "29.00.00",
}
PATH = "/agencies/police/inbox"
MESSAGE_ID = "urn:uuid:6b1f3a52-2222-4000-8000-00000000a001"


@cache
def credentials(name: str, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> Credentials:
    """Make the key pair of `name`, once per test run."""
    issued = trustme.CA().issue_cert(f"{name}.example", key_type=kind)
    return Credentials(issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes())


def police() -> Credentials:
    """Give the police's own key pair."""
    return credentials("police")


def partner() -> Partner:
    """Give the police as the hub has them configured; it signs by RSA, so that it signs the same twice."""
    hub = credentials("hub", trustme.KeyType.RSA)
    keys = {
        "partner_certificate": police().certificate,
        "partner_tls_certificate": credentials("police-tls").certificate,
        "hub_key": hub.key,
        "hub_certificate": hub.certificate,
        "tls_key": credentials("hub-tls").key,
        "tls_certificate": credentials("hub-tls").certificate,
        "ssh_key": b"made up",
        "known_hosts": b"made up",
    }
    return Partner(
        "police", "https://police.example/kvittering", IDENTIFIERS, keys, drop="sftp://files.police.example"
    )


def form(name: str = "full") -> Element:
    """Read a form."""
    return parse((GOLDEN / f"{name}.message.xml").read_bytes())


def with_basis(section: str, *recipients: str) -> Element:
    """Read the full form with a section on consent (`Samtykke`) or duty (`Underretning`), for these UUIDs."""
    grown = form()
    opens: dict[str, Content] = {"Formaal": "Stoette", "Oplysninger": ("Fritekst", "Helbred")}
    if recipients:
        opens["Modtager"] = recipients
    said: dict[str, dict[str, Content]] = {
        "Samtykke": {"GyldigTil": "2027-03-31", "Sprog": "hat", "Tolk": "true", "Form": "Mundtlig"},
        "Underretning": {"Hjemmel": "Barnets lov § 133", "Ansvarlig": "Vagthavende"},
    }
    grown.append(grow(NAMESPACE, section, {**opens, **said[section]}))
    return grown


def without(field: str) -> Element:
    """Read the full form without one element."""
    spoilt = form()
    gone = next(spoilt.iter(f"{{{NAMESPACE}}}{field}"))
    parent = gone.getparent()
    if parent is not None:
        parent.remove(gone)
    return spoilt


def saying(field: str, text: str) -> Element:
    """Read the full form with another text in one element."""
    changed = form()
    next(changed.iter(f"{{{NAMESPACE}}}{field}")).text = text
    return changed


def request_of(content: Element, **context: str) -> Element:
    """Put a form into FordelingsobjektAfsend."""
    filled = {
        "transaction": TRANSACTION,
        "sender": IDENTIFIERS["cvr"],
        "routed": IDENTIFIERS["hub_cvr"],
        "receiver": IDENTIFIERS["agency_redcross"],
        **context,
    }
    return send_request(Context(**filled), TRANSACTION, "00.00.00", content)


def body_of(content: Element, **context: str) -> bytes:
    """Write an unsigned envelope, as far as the mapping cares."""
    return unsigned_envelope(request_of(content, **context))


def addressed(action: str = SEND_ACTION, message_id: str = MESSAGE_ID) -> Addressing:
    """Address a message to the hub as the police do."""
    return Addressing(message_id, f"https://hub.example{PATH}", action, "urn:uuid:police")


def signed(
    child: Element,
    *,
    by: Credentials | None = None,
    at: datetime = NOW,
    addressing: Addressing | None = None,
) -> bytes:
    """Write an envelope signed by the police."""
    return signed_envelope(child, by or police(), at, addressing or addressed())


def client_certificate() -> bytes:
    """Give what TLS proves the police's client to be (DER)."""
    return ssl.PEM_cert_to_DER_cert(credentials("police-tls").certificate.decode())


def post(body: bytes, action: str = SEND_ACTION) -> Request:
    """Make the police's HTTP request of a body."""
    headers = {"content-type": CONTENT_TYPE, "soapaction": f'"{action}"'}
    return Request("POST", PATH, headers, body, client_certificate())


def release(name: str) -> Release:
    """Read a release."""
    return read_release((GOLDEN / f"{name}.release.json").read_bytes())


def receipt(name: str) -> bytes:
    """Read a receipt in canonical form, without the golden file's indentation."""
    return tight((GOLDEN / f"{name}.outbound.xml").read_bytes())


def tight(text: bytes) -> bytes:
    """Canonicalise without indentation."""
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
    return canonical(etree.fromstring(text, parser=parser))
