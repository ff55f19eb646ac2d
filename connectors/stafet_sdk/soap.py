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
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree

from stafet_sdk.errors import InboundRefused
from stafet_sdk.xml import Element, canonical, text_of

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSA: Final = "http://www.w3.org/2005/08/addressing"
ANONYMOUS: Final = f"{WSA}/anonymous"
FAULT_ACTION: Final = f"{WSA}/soap/fault"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
CONTENT_TYPE: Final = "text/xml; charset=utf-8"
LIFETIME: Final = timedelta(minutes=5)

ENVELOPE: Final = f"{{{SOAP}}}Envelope"
HEADER: Final = f"{{{SOAP}}}Header"
BODY: Final = f"{{{SOAP}}}Body"
FAULT: Final = f"{{{SOAP}}}Fault"
SECURITY: Final = f"{{{WSSE}}}Security"
TIMESTAMP: Final = f"{{{WSU}}}Timestamp"
WSU_ID: Final = f"{{{WSU}}}Id"

_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_ECDSA: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_RSA: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
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
    addressed = _address(header, addressing)
    security = etree.SubElement(header, SECURITY, {f"{{{SOAP}}}mustUnderstand": "1"})
    token = etree.SubElement(
        security,
        f"{{{WSSE}}}BinarySecurityToken",
        {WSU_ID: "certificate", "EncodingType": _BASE64, "ValueType": _X509},
    )
    token.text = _token(credentials.certificate)
    timestamp = etree.SubElement(security, TIMESTAMP, {WSU_ID: "timestamp"})
    etree.SubElement(timestamp, f"{{{WSU}}}Created").text = _instant(now)
    etree.SubElement(timestamp, f"{{{WSU}}}Expires").text = _instant(now + LIFETIME)
    body = etree.SubElement(root, BODY, {WSU_ID: "body"})
    body.append(child)
    _sign(security, credentials, (timestamp, body, *addressed))
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


def _address(header: Element, addressing: Addressing | None) -> list[Element]:
    """Write the addressing headers, each with an Id; return them."""
    if addressing is None:
        return []
    said = {
        "MessageID": addressing.message_id,
        "To": addressing.to,
        "Action": addressing.action,
        "RelatesTo": addressing.relates_to,
    }
    written: list[Element] = []
    for name, text in said.items():
        if text:
            written.append(_addressing_header(header, name))
            written[-1].text = text
    for name, address in (("From", addressing.sender), ("ReplyTo", ANONYMOUS)):
        if address:
            written.append(_addressing_header(header, name))
            etree.SubElement(written[-1], f"{{{WSA}}}Address").text = address
    return written


def _addressing_header(header: Element, name: str) -> Element:
    return etree.SubElement(header, f"{{{WSA}}}{name}", {WSU_ID: f"wsa-{name}"}, nsmap={"wsa": WSA})


@lru_cache(maxsize=8)
def _token(pem: bytes) -> str:
    """Write a certificate as the text of a BinarySecurityToken."""
    return base64.b64encode(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)).decode()


# An RSA key is checked when it is read, which costs twenty times as much as a signature.
@lru_cache(maxsize=8)
def _signing_key(pem: bytes) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise TypeError("the signing key must be an elliptic curve or RSA key")
    return key


def _sign(security: Element, credentials: Credentials, parts: Sequence[Element]) -> None:
    """Add the signature over `parts`, which are in the document already, by their Ids."""
    key = _signing_key(credentials.key)
    signature = etree.SubElement(security, f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = _signed_info(signature, _RSA if isinstance(key, rsa.RSAPrivateKey) else _ECDSA, parts)
    value = base64.b64encode(_signed(key, canonical(info))).decode()
    etree.SubElement(signature, f"{{{DS}}}SignatureValue").text = value
    holder = etree.SubElement(signature, f"{{{DS}}}KeyInfo")
    token = etree.SubElement(holder, f"{{{WSSE}}}SecurityTokenReference")
    etree.SubElement(token, f"{{{WSSE}}}Reference", {"URI": "#certificate", "ValueType": _X509})


def _signed_info(signature: Element, method: str, parts: Sequence[Element]) -> Element:
    info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    etree.SubElement(info, f"{{{DS}}}CanonicalizationMethod", {"Algorithm": EXCLUSIVE})
    etree.SubElement(info, f"{{{DS}}}SignatureMethod", {"Algorithm": method})
    for each in parts:
        reference = etree.SubElement(info, f"{{{DS}}}Reference", {"URI": f"#{each.get(WSU_ID)}"})
        transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
        etree.SubElement(transforms, f"{{{DS}}}Transform", {"Algorithm": EXCLUSIVE})
        etree.SubElement(reference, f"{{{DS}}}DigestMethod", {"Algorithm": _SHA256})
        digest = base64.b64encode(sha256(canonical(each)).digest()).decode()
        etree.SubElement(reference, f"{{{DS}}}DigestValue").text = digest
    return info


def _signed(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, said: bytes) -> bytes:
    """Sign bytes; XML Signature wants ECDSA as two numbers in a row, each as long as the key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(said, PKCS1v15(), SHA256())
    length = (key.key_size + 7) // 8
    numbers = decode_dss_signature(key.sign(said, ec.ECDSA(SHA256())))
    return b"".join(number.to_bytes(length, "big") for number in numbers)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
