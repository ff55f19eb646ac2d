"""SOAP 1.1 envelopes signed by WS-Security: a Timestamp, and an XML signature over it, Body and addressing.

Sources: SOAP 1.1; WS-Addressing 1.0; WS-Security 1.1 with the X.509 token profile; XML Signature 1.1;
exclusive C14N 1.0.
Algorithms: ECDSA or RSA (PKCS #1 v1.5) with SHA-256. Checking signatures: `soapcheck`.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from stafet_sdk.errors import InboundRefused
from stafet_sdk.xml import Element, text_of

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSA: Final = "http://www.w3.org/2005/08/addressing"
ANONYMOUS: Final = f"{WSA}/anonymous"
FAULT_ACTION: Final = f"{WSA}/soap/fault"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
CONTENT_TYPE: Final = "text/xml; charset=utf-8"
LIFETIME: Final = timedelta(minutes=5)

ENVELOPE: Final = f"{{{SOAP}}}Envelope"
HEADER: Final = f"{{{SOAP}}}Header"
BODY: Final = f"{{{SOAP}}}Body"
FAULT: Final = f"{{{SOAP}}}Fault"
SECURITY: Final = f"{{{WSSE}}}Security"
TIMESTAMP: Final = f"{{{WSU}}}Timestamp"
WSU_ID: Final = f"{{{WSU}}}Id"

_BASE64: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)
_X509: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Whose signature: a private key and its certificate, both PEM."""

    key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Addressing:
    """Headers of WS-Addressing 1.0; what is "" is not said. ReplyTo is always the anonymous address.

    `message_id` and `relates_to` are IRIs such as `urn:uuid:...`; `sender` is the header From.
    """

    message_id: str
    to: str
    action: str
    sender: str = ""
    relates_to: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP 1.1 fault: `code` is the local part (`Client`, `Server`, ...)."""

    code: str
    detail: Element | None


def unsigned_envelope(child: Element) -> bytes:
    """Wrap `child` in an envelope without security."""
    root = etree.Element(ENVELOPE, nsmap={"soap": SOAP})
    etree.SubElement(root, BODY).append(child)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def signed_envelope(
    child: Element, credentials: Credentials, now: datetime, addressing: Addressing | None = None
) -> bytes:
    """Wrap `child` in an envelope valid for five minutes from `now`; all that is said in it is signed."""
    root = etree.Element(ENVELOPE, nsmap={"soap": SOAP, "wsse": WSSE, "wsu": WSU})
    header = etree.SubElement(root, HEADER)
    signed = ["timestamp", "body", *_address(header, addressing)]
    security = etree.SubElement(header, SECURITY, {f"{{{SOAP}}}mustUnderstand": "1"})
    certificate = x509.load_pem_x509_certificate(credentials.certificate)
    token = etree.SubElement(
        security,
        f"{{{WSSE}}}BinarySecurityToken",
        {WSU_ID: "certificate", "EncodingType": _BASE64, "ValueType": _X509},
    )
    token.text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    timestamp = etree.SubElement(security, TIMESTAMP, {WSU_ID: "timestamp"})
    etree.SubElement(timestamp, f"{{{WSU}}}Created").text = _instant(now)
    etree.SubElement(timestamp, f"{{{WSU}}}Expires").text = _instant(now + LIFETIME)
    etree.SubElement(root, BODY, {WSU_ID: "body"}).append(child)
    security.append(_signature(root, credentials, signed))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def fault(code: str, text: str, detail: Element | None = None) -> Element:
    """Build a fault; `code` is `Client` or `Server`, `text` is for humans and holds no value of a message."""
    built = etree.Element(FAULT, nsmap={"soap": SOAP})
    etree.SubElement(built, "faultcode").text = f"soap:{code}"
    etree.SubElement(built, "faultstring").text = text
    if detail is not None:
        etree.SubElement(built, "detail").append(detail)
    return built


def body_child(root: Element) -> Element:
    """Return the one element in the Body of `root`, without any check of a signature.

    Raises:
        InboundRefused: `malformed`: not a SOAP 1.1 envelope with exactly one element in exactly one Body.
    """
    bodies = root.findall(BODY) if root.tag == ENVELOPE else []
    if len(bodies) != 1:
        raise InboundRefused("malformed", "not a SOAP 1.1 envelope with one Body")
    return only_child(bodies[0])


def only_child(body: Element) -> Element:
    """Return the one element in `body`.

    Raises:
        InboundRefused: `malformed`: there is none, or more than one.
    """
    if len(body) != 1:
        raise InboundRefused("malformed", "the Body must hold exactly one element")
    return body[0]


def read_fault(element: Element) -> Fault | None:
    """Read `element` as a fault; None when it is something else."""
    if element.tag != FAULT:
        return None
    detail = element.find("detail")
    inner = detail[0] if detail is not None and len(detail) else None
    return Fault(text_of(element, "faultcode").rpartition(":")[2].strip(), inner)


def _address(header: Element, addressing: Addressing | None) -> list[str]:
    """Write the addressing headers; return their ids."""
    if addressing is None:
        return []
    said = {
        "MessageID": addressing.message_id,
        "To": addressing.to,
        "Action": addressing.action,
        "RelatesTo": addressing.relates_to,
    }
    ids: list[str] = []
    for name, text in said.items():
        if text:
            ids.append(f"wsa-{name}")
            etree.SubElement(header, f"{{{WSA}}}{name}", {WSU_ID: ids[-1]}, nsmap={"wsa": WSA}).text = text
    for name, address in (("From", addressing.sender), ("ReplyTo", ANONYMOUS)):
        if address:
            ids.append(f"wsa-{name}")
            party = etree.SubElement(header, f"{{{WSA}}}{name}", {WSU_ID: ids[-1]}, nsmap={"wsa": WSA})
            etree.SubElement(party, f"{{{WSA}}}Address").text = address
    return ids


# An RSA key is checked when it is read, which costs twenty times as much as a signature.
@lru_cache(maxsize=8)
def _signing_key(pem: bytes) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise TypeError("the signing key must be an elliptic curve or RSA key")
    return key


def _signature(root: Element, credentials: Credentials, signed: Sequence[str]) -> Element:
    key = _signing_key(credentials.key)
    method = SignatureMethod.ECDSA_SHA256
    if isinstance(key, rsa.RSAPrivateKey):
        method = SignatureMethod.RSA_SHA256
    info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS, "wsse": WSSE})
    token = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
    etree.SubElement(token, f"{{{WSSE}}}Reference", {"URI": "#certificate", "ValueType": _X509})
    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(  # pyright: ignore[reportUnknownMemberType] - signxml leaves some parameters untyped
        root, key=key, reference_uri=[f"#{each}" for each in signed], key_info=info
    )


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
