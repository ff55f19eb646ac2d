"""Is this envelope signed by whom we know, now, and whole? The opposite of `soap.signed_envelope`.

The certificates are pinned, several while keys are rotated: the one in a message is not trusted. What is
used afterwards is only the element that the verifier returns, re-read from the bytes it digested, so that an
element moved elsewhere (signature wrapping) is never looked at. Sources: XML Signature Best Practices
(W3C 2013), McIntosh and Austel 2005, WS-Addressing 1.0.
"""

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration

from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import (
    ANONYMOUS,
    BODY,
    DS,
    ENVELOPE,
    EXCLUSIVE,
    HEADER,
    LIFETIME,
    SECURITY,
    TIMESTAMP,
    WSA,
    WSU,
    WSU_ID,
    Addressing,
    only_child,
)
from stafet_sdk.soapverifier import PartsVerifier
from stafet_sdk.xml import Element, local_name, text_of

# signxml logs every canonicalised element at DEBUG: the values of the person in it. It must not.
logging.getLogger("signxml").setLevel(logging.INFO)

MESSAGE_ID: Final = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_HEADERS: Final = frozenset({"MessageID", "To", "Action", "From", "ReplyTo", "FaultTo", "RelatesTo"})
_IDS: Final = etree.XPath(
    "//@*[local-name() = 'Id' or local-name() = 'ID' or local-name() = 'id']", smart_strings=False
)
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


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What was signed: the one element of the Body, and the addressing headers ("" where there is none)."""

    child: Element
    addressing: Addressing


def open_signed(root: Element, certificates: bytes, now: datetime) -> Element:
    """Verify `root` with the pinned `certificates` (PEM) and return the one element of its signed Body.

    Raises:
        InboundRefused: 401 `signature_missing`, `signature_invalid`, `stale_timestamp` or
            `certificate_expired`; `malformed`, `addressing_invalid` or `reply_to`.
    """
    return _opened(root, certificates, now).child


def open_addressed(root: Element, certificates: bytes, now: datetime) -> Opened:
    """Verify `root` like `open_signed`; it must say, signed, MessageID (a UUID), To and Action.

    Raises:
        InboundRefused: see `open_signed`; `addressing_missing` with the names of the headers.
    """
    opened = _opened(root, certificates, now)
    said = opened.addressing
    given = {"MessageID": said.message_id, "To": said.to, "Action": said.action}
    missing = tuple(name for name, text in given.items() if not text)
    if missing:
        raise InboundRefused("addressing_missing", "WS-Addressing headers are missing", fields=missing)
    if not MESSAGE_ID.fullmatch(said.message_id):
        raise InboundRefused("addressing_invalid", "not urn:uuid:<UUID>", fields=("MessageID",))
    return opened


def _opened(root: Element, certificates: bytes, now: datetime) -> Opened:
    security = _security(root)
    signature = _only_signature(root, security)
    _refuse_ambiguous_ids(root)
    body, timestamp = root.find(BODY), security.find(TIMESTAMP)
    if body is None or timestamp is None:
        raise InboundRefused("signature_invalid", "Body and Timestamp must be there and signed", status=401)
    parts = {f"#{_id(each)}": each for each in (body, timestamp, *_addressing_headers(root))}
    _refuse_other_references(signature, parts)
    signed = _verify(root, certificates, now, parts)
    _refuse_stale(signed[TIMESTAMP], now)
    return Opened(only_child(signed[BODY]), _addressing(signed))


def _addressing_headers(root: Element) -> list[Element]:
    header = root.find(HEADER)
    found = [] if header is None else [each for each in header if each.tag.startswith(f"{{{WSA}}}")]
    names = [local_name(each) for each in found]
    if len(set(names)) != len(names) or not set(names) <= _HEADERS:
        raise InboundRefused("addressing_invalid", "a WS-Addressing header is unknown or given twice")
    return found


def _addressing(signed: Mapping[str, Element]) -> Addressing:
    for name in ("ReplyTo", "FaultTo"):
        party = signed.get(f"{{{WSA}}}{name}")
        if party is not None and text_of(party, f"{{{WSA}}}Address").strip() != ANONYMOUS:
            # Whoever may name an address to answer to makes the hub call it: it never does.
            raise InboundRefused("reply_to", "answers go back the way the message came", fields=(name,))

    def text(name: str) -> str:
        found = signed.get(f"{{{WSA}}}{name}")
        return "" if found is None else (found.text or "").strip()

    party = signed.get(f"{{{WSA}}}From")
    sender = "" if party is None else text_of(party, f"{{{WSA}}}Address").strip()
    return Addressing(text("MessageID"), text("To"), text("Action"), sender, text("RelatesTo"))


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
    values = cast("list[str]", _IDS(root))
    if len(set(values)) != len(values):
        raise InboundRefused("signature_invalid", "an Id is given twice", status=401)


def _id(element: Element) -> str:
    value = element.get(WSU_ID, "")
    if not _NAME.fullmatch(value):
        raise InboundRefused("signature_invalid", "what is signed needs a wsu:Id", status=401)
    return value


def _refuse_other_references(signature: Element, parts: Collection[str]) -> None:
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    uris = [reference.get("URI", "") for reference in references]
    transforms = {
        tuple(each.get("Algorithm", "") for each in reference.iter(f"{{{DS}}}Transform"))
        for reference in references
    }
    if sorted(uris) != sorted(parts) or transforms != {(EXCLUSIVE,)}:
        raise InboundRefused(
            "signature_invalid",
            "the signature must cover Body, Timestamp and addressing, each by exclusive canonicalisation",
            status=401,
        )


def _verify(
    root: Element, certificates: bytes, now: datetime, parts: Mapping[str, Element]
) -> dict[str, Element]:
    """Try every pinned certificate; one that is not valid at `now` vouches for nothing."""
    for pinned in x509.load_pem_x509_certificates(certificates):
        valid_at = min(max(now, pinned.not_valid_before_utc), pinned.not_valid_after_utc)
        found = _signed_by(pinned, root, valid_at, parts)
        if found is None:
            continue
        if valid_at != now:
            raise InboundRefused("certificate_expired", "the signer's certificate is not valid", status=401)
        if set(found) != {each.tag for each in parts.values()}:
            break
        return found
    raise InboundRefused("signature_invalid", "the signature does not verify", status=401)


def _signed_by(
    pinned: x509.Certificate, root: Element, valid_at: datetime, parts: Mapping[str, Element]
) -> dict[str, Element] | None:
    expected = SignatureConfiguration(
        location=f"./{HEADER}/{SECURITY}/",
        expect_references=len(parts),
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256, SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=valid_at,
    )
    try:
        results = PartsVerifier(parts).verify(  # pyright: ignore[reportUnknownMemberType] - untyped parameters
            root, x509_cert=pinned, expect_config=expected
        )
    except _VERIFIER_ERRORS:
        return None
    found = results if isinstance(results, list) else [results]
    return {str(each.signed_xml.tag): each.signed_xml for each in found if each.signed_xml is not None}


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
