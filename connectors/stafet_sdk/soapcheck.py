"""Is this envelope signed by whom we know, now, and whole? The opposite of `soap.signed_envelope`.

The certificate is pinned: the one in a message is not trusted. What is used afterwards is only the element
that the verifier returns, re-read from the bytes it digested, so that an element moved elsewhere (signature
wrapping) is never looked at. Sources: XML Signature Best Practices (W3C 2013), McIntosh and Austel 2005.
"""

import logging
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import (
    BODY,
    DS,
    ENVELOPE,
    HEADER,
    LIFETIME,
    SECURITY,
    TIMESTAMP,
    WSU,
    WSU_ID,
    only_child,
)
from stafet_sdk.xml import Element, text_of

# signxml logs every canonicalised element at DEBUG: the values of the person in it. It must not.
logging.getLogger("signxml").setLevel(logging.INFO)

_EXCLUSIVE: Final = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
_IDS: Final = frozenset({"Id", "ID", "id"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_VERIFIER_ERRORS: Final = (
    SignXMLException,
    UnsupportedAlgorithm,
    etree.LxmlError,
    ValueError,
    TypeError,
    LookupError,
    AssertionError,
    AttributeError,
    NotImplementedError,
)


def open_signed(root: Element, certificate: bytes, now: datetime) -> Element:
    """Verify `root` with the pinned `certificate` (PEM) and return the one element of its signed Body.

    Raises:
        InboundRefused: 401 `signature_missing`, `signature_invalid` or `stale_timestamp`; `malformed`.
    """
    security = _security(root)
    signature = _only_signature(root, security)
    _refuse_ambiguous_ids(root)
    body, timestamp = root.find(BODY), security.find(TIMESTAMP)
    if body is None or timestamp is None:
        raise InboundRefused("signature_invalid", "Body and Timestamp must be there and signed", status=401)
    _refuse_other_references(signature, _id(body), _id(timestamp))
    signed = _verify(root, certificate, now)
    _refuse_stale(signed[TIMESTAMP], now)
    return only_child(signed[BODY])


def _security(root: Element) -> Element:
    shape = [child.tag for child in root]
    if root.tag != ENVELOPE or shape not in ([BODY], [HEADER, BODY]):
        raise InboundRefused("malformed", "not a SOAP 1.1 envelope with one Body")
    found = list(root.iter(SECURITY))
    if not found:
        raise InboundRefused("signature_missing", "no WS-Security header", status=401)
    if len(found) != 1 or found[0].getparent() is not root.find(HEADER):
        raise InboundRefused("signature_invalid", "exactly one WS-Security header", status=401)
    return found[0]


def _only_signature(root: Element, security: Element) -> Element:
    found = list(root.iter(f"{{{DS}}}Signature"))
    if not found:
        raise InboundRefused("signature_missing", "no signature in the WS-Security header", status=401)
    if len(found) != 1 or found[0].getparent() is not security:
        raise InboundRefused("signature_invalid", "exactly one signature, in the header", status=401)
    return found[0]


def _refuse_ambiguous_ids(root: Element) -> None:
    values = Counter(
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if etree.QName(name).localname in _IDS
    )
    if any(count > 1 for count in values.values()):
        raise InboundRefused("signature_invalid", "an Id is given twice", status=401)


def _id(element: Element) -> str:
    value = element.get(WSU_ID, "")
    if not _NAME.fullmatch(value):
        raise InboundRefused("signature_invalid", "Body and Timestamp need a wsu:Id", status=401)
    return value


def _refuse_other_references(signature: Element, body: str, timestamp: str) -> None:
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    uris = sorted(reference.get("URI", "") for reference in references)
    transforms = {
        tuple(each.get("Algorithm", "") for each in reference.iter(f"{{{DS}}}Transform"))
        for reference in references
    }
    if uris != sorted((f"#{body}", f"#{timestamp}")) or transforms != {(_EXCLUSIVE.value,)}:
        raise InboundRefused(
            "signature_invalid",
            "the signature must cover Body and Timestamp, each by exclusive canonicalisation",
            status=401,
        )


def _verify(root: Element, certificate: bytes, now: datetime) -> dict[str, Element]:
    expected = SignatureConfiguration(
        location=f"./{HEADER}/{SECURITY}/",
        expect_references=2,
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256, SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=now,
    )
    pinned = x509.load_pem_x509_certificate(certificate)
    try:
        results = XMLVerifier().verify(  # pyright: ignore[reportUnknownMemberType] - untyped parameters
            root, x509_cert=pinned, expect_config=expected
        )
    except _VERIFIER_ERRORS:
        raise InboundRefused("signature_invalid", "the signature does not verify", status=401) from None
    found = results if isinstance(results, list) else [results]
    signed = {str(each.signed_xml.tag): each.signed_xml for each in found if each.signed_xml is not None}
    if set(signed) != {BODY, TIMESTAMP}:
        raise InboundRefused("signature_invalid", "the signature must cover Body and Timestamp", status=401)
    return signed


def _refuse_stale(timestamp: Element, now: datetime) -> None:
    try:
        created = _instant(text_of(timestamp, f"{{{WSU}}}Created"))
        expires = _instant(text_of(timestamp, f"{{{WSU}}}Expires"))
    except ValueError:
        raise InboundRefused("stale_timestamp", "Created and Expires must be UTC times", status=401) from None
    if abs(now - created) > LIFETIME or now - expires >= timedelta(seconds=1):
        raise InboundRefused("stale_timestamp", "the message is older than five minutes", status=401)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found
