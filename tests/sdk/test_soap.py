"""Signed envelopes: what is sent is opened and nothing else: wrapping, tampering, staleness, other keys."""

import base64
import copy
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import (
    BODY,
    DS,
    HEADER,
    SECURITY,
    TIMESTAMP,
    WSSE,
    WSU,
    WSU_ID,
    Credentials,
    body_child,
    fault,
    read_fault,
    signed_envelope,
    unsigned_envelope,
)
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import Element, canonical, grow, parse

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SECRET = "Gaxipypuno"


@cache
def credentials(kind: trustme.KeyType = trustme.KeyType.ECDSA, name: str = "police") -> Credentials:
    """Make a key pair once per test run."""
    issued = trustme.CA().issue_cert(f"{name}.example", key_type=kind)
    return Credentials(issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes())


def payload(text: str = SECRET) -> Element:
    """Make something to send."""
    return grow("urn:x", "besked", {"navn": text})


def envelope(at: datetime = NOW) -> Element:
    """Make a signed envelope, parsed."""
    return parse(signed_envelope(payload(), credentials(), at))


def opened(root: Element, now: datetime = NOW) -> Element:
    """Open as the hub does: after another trip over the wire."""
    return open_signed(parse(etree.tostring(root)), credentials().certificate, now)


def only(root: Element, tag: str) -> Element:
    """Find the one element of a tag."""
    (found,) = root.iter(tag)
    return found


def wrap_body(root: Element) -> None:
    """Move the signed Body into the header and put another in its place: the classic wrapping."""
    signed = only(root, BODY)
    forged = copy.deepcopy(signed)
    forged.set(WSU_ID, "other")
    next(forged.iter("{urn:x}navn")).text = "forged"
    root.replace(signed, forged)
    etree.SubElement(only(root, HEADER), "{urn:x}Wrapper").append(signed)


def wrap_body_with_the_same_id(root: Element) -> None:
    """Wrap, and give both the same Id."""
    wrap_body(root)
    root[-1].set(WSU_ID, "body")


def wrap_with_plain_id(root: Element) -> None:
    """Wrap, with the Id of the copy in an attribute without namespace."""
    wrap_body(root)
    del root[-1].attrib[WSU_ID]
    root[-1].set("Id", "body")


def wrap_in_body(root: Element) -> None:
    """Put the signed Body into the forged one."""
    wrap_body(root)
    wrapper = only(root, "{urn:x}Wrapper")
    root[-1].append(wrapper[0])
    parent = wrapper.getparent()
    assert parent is not None
    parent.remove(wrapper)


def second_body(root: Element) -> None:
    """Add an unsigned Body before the signed one."""
    forged = copy.deepcopy(root[-1])
    forged.set(WSU_ID, "other")
    root.insert(1, forged)


def tamper(root: Element) -> None:
    """Change what is signed."""
    next(root.iter("{urn:x}navn")).text = "forged"


def younger(root: Element) -> None:
    """Change the signed timestamp."""
    only(root, f"{{{WSU}}}Created").text = "2026-11-24T08:00:01Z"


def two_signatures(root: Element) -> None:
    """Sign twice."""
    signature = only(root, f"{{{DS}}}Signature")
    signature.addnext(copy.deepcopy(signature))


def signature_elsewhere(root: Element) -> None:
    """Move the signature out of the security header."""
    only(root, HEADER).append(only(root, f"{{{DS}}}Signature"))


def two_securities(root: Element) -> None:
    """Add a second security header."""
    only(root, HEADER).append(etree.Element(SECURITY))


def body_not_referenced(root: Element) -> None:
    """Leave only the timestamp signed."""
    references = list(root.iter(f"{{{DS}}}Reference"))
    parent = references[1].getparent()
    assert parent is not None
    parent.remove(references[1])


def other_transform(root: Element) -> None:
    """Ask for a transform that is not agreed."""
    next(root.iter(f"{{{DS}}}Transform")).set(
        "Algorithm", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    )


def xpath_transform(root: Element) -> None:
    """Sneak in a second transform."""
    transforms = next(root.iter(f"{{{DS}}}Transforms"))
    etree.SubElement(
        transforms, f"{{{DS}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"
    )


def sha1(root: Element) -> None:
    """Ask for a broken digest."""
    for each in root.iter(f"{{{DS}}}DigestMethod"):
        each.set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def hmac(root: Element) -> None:
    """Ask for a symmetric algorithm."""
    only(root, f"{{{DS}}}SignatureMethod").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha256")


def no_value(root: Element) -> None:
    """Empty the signature."""
    only(root, f"{{{DS}}}SignatureValue").text = None


def no_method(root: Element) -> None:
    """Leave out what the verifier needs."""
    only(root, f"{{{DS}}}SignatureMethod").attrib.clear()


def no_timestamp(root: Element) -> None:
    """Leave out the timestamp."""
    only(root, SECURITY).remove(only(root, TIMESTAMP))


def no_body_id(root: Element) -> None:
    """Leave out the Id of the Body."""
    only(root, BODY).attrib.clear()


def remove_signature(root: Element) -> None:
    """Leave the header without its signature."""
    only(root, SECURITY).remove(only(root, f"{{{DS}}}Signature"))


INVALID = [
    wrap_body, wrap_body_with_the_same_id, wrap_with_plain_id, wrap_in_body, tamper, younger, two_signatures,
    signature_elsewhere, two_securities, body_not_referenced, other_transform, xpath_transform, sha1, hmac,
    no_value, no_method, no_timestamp, no_body_id,
]  # fmt: skip


class TestOpenSigned:
    @pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
    def test_what_was_signed_is_returned(self, kind: trustme.KeyType) -> None:
        raw = signed_envelope(payload(), credentials(kind), NOW)
        child = open_signed(parse(raw), credentials(kind).certificate, NOW)
        assert canonical(child) == canonical(payload())

    def test_indentation_between_the_headers_does_not_matter(self) -> None:
        root = envelope()
        only(root, HEADER).tail = "\n\t"
        assert opened(root).tag == "{urn:x}besked"

    @pytest.mark.parametrize("spoil", INVALID, ids=lambda spoil: spoil.__name__)
    def test_what_was_not_signed_is_refused(self, spoil: Callable[[Element], None]) -> None:
        root = envelope()
        spoil(root)
        with pytest.raises(InboundRefused) as caught:
            opened(root)
        assert (caught.value.code, caught.value.status) == ("signature_invalid", 401)
        assert SECRET not in f"{caught.value!r}"

    def test_two_bodies_are_no_envelope(self) -> None:
        root = envelope()
        second_body(root)
        with pytest.raises(InboundRefused, match="malformed"):
            opened(root)

    @pytest.mark.parametrize("without", ["header", "signature"])
    def test_an_unsigned_message_is_told_so(self, without: str) -> None:
        root = parse(unsigned_envelope(payload()))
        if without == "signature":
            root = envelope()
            remove_signature(root)
        with pytest.raises(InboundRefused) as caught:
            opened(root)
        assert (caught.value.code, caught.value.status) == ("signature_missing", 401)

    def test_another_key_is_refused_though_its_certificate_is_in_the_message(self) -> None:
        raw = signed_envelope(payload(), credentials(name="stranger"), NOW)
        with pytest.raises(InboundRefused, match="signature_invalid"):
            open_signed(parse(raw), credentials().certificate, NOW)

    def test_our_certificate_beside_another_key_is_refused(self) -> None:
        forged = Credentials(credentials(name="stranger").key, credentials().certificate)
        with pytest.raises(InboundRefused, match="signature_invalid"):
            open_signed(parse(signed_envelope(payload(), forged, NOW)), credentials().certificate, NOW)

    def test_a_key_of_another_kind_is_refused(self) -> None:
        raw = signed_envelope(payload(), credentials(trustme.KeyType.RSA), NOW)
        with pytest.raises(InboundRefused, match="signature_invalid"):
            open_signed(parse(raw), credentials().certificate, NOW)

    @pytest.mark.parametrize("seconds", [-299, 0, 299])
    def test_five_minutes_of_clock_difference_pass(self, seconds: int) -> None:
        assert opened(envelope(), NOW + timedelta(seconds=seconds)) is not None

    @pytest.mark.parametrize("seconds", [-301, 302, 86_400])
    def test_a_stale_message_is_refused(self, seconds: int) -> None:
        with pytest.raises(InboundRefused) as caught:
            opened(envelope(), NOW + timedelta(seconds=seconds))
        assert (caught.value.code, caught.value.status) == ("stale_timestamp", 401)

    def test_an_expired_certificate_is_refused(self) -> None:
        expired = trustme.CA().issue_cert("old.example", not_after=NOW - timedelta(days=1))
        old = Credentials(expired.private_key_pem.bytes(), expired.cert_chain_pems[0].bytes())
        with pytest.raises(InboundRefused, match="certificate_expired"):
            open_signed(parse(signed_envelope(payload(), old, NOW)), old.certificate, NOW)

    def test_something_else_than_an_envelope_is_malformed(self) -> None:
        with pytest.raises(InboundRefused, match="malformed"):
            open_signed(payload(), credentials().certificate, NOW)

    def test_logs_hold_nothing_of_the_message(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            opened(envelope())
        assert SECRET not in caplog.text


class TestSignedEnvelope:
    def test_another_reader_of_the_standard_verifies_it(self) -> None:
        raw = signed_envelope(payload(), credentials(), NOW)
        certificate = x509.load_pem_x509_certificate(credentials().certificate)
        results = XMLVerifier().verify(  # pyright: ignore[reportUnknownMemberType] - untyped parameters
            raw, x509_cert=certificate, expect_config=SignatureConfiguration(expect_references=2)
        )
        assert isinstance(results, list)
        assert [each.signed_xml.tag for each in results if each.signed_xml is not None] == [TIMESTAMP, BODY]

    def test_carries_the_certificate_as_the_token_profile_says(self) -> None:
        root = envelope()
        token = only(root, f"{{{WSSE}}}BinarySecurityToken")
        assert only(root, f"{{{WSSE}}}Reference").get("URI") == f"#{token.get(WSU_ID)}"
        sent = x509.load_der_x509_certificate(base64.b64decode(token.text or ""))
        assert sent == x509.load_pem_x509_certificate(credentials().certificate)

    def test_a_key_of_no_agreed_kind_is_a_bug(self) -> None:
        key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(TypeError, match="signing key"):
            signed_envelope(payload(), Credentials(key, credentials().certificate), NOW)

    def test_credentials_are_not_shown(self) -> None:
        assert not re.search("BEGIN|PRIVATE", repr(credentials()))


class TestFault:
    def test_is_read_as_it_was_built(self) -> None:
        detail = grow("urn:x", "Grund", "code")
        found = read_fault(body_child(parse(unsigned_envelope(fault("Client", "no", detail)))))
        assert found is not None
        assert found.code == "Client"
        assert found.detail is not None
        assert found.detail.text == "code"

    def test_may_have_no_detail(self) -> None:
        found = read_fault(fault("Server", "no"))
        assert found is not None
        assert (found.code, found.detail) == ("Server", None)

    def test_anything_else_is_none(self) -> None:
        assert read_fault(payload()) is None


class TestBodyChild:
    @pytest.mark.parametrize(
        "raw", [b"<a/>", b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>']
    )
    def test_no_envelope_is_malformed(self, raw: bytes) -> None:
        with pytest.raises(InboundRefused, match="malformed"):
            body_child(parse(raw))

    def test_an_empty_body_is_malformed(self) -> None:
        root = parse(unsigned_envelope(payload()))
        only(root, BODY).clear()
        with pytest.raises(InboundRefused, match="exactly one"):
            body_child(root)
