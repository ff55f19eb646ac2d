"""RFC 9421 and 9530: the RFC's own vectors, another implementation, and everything that proves nothing."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from http_message_signatures._algorithms import ED25519
from http_message_signatures.resolvers import HTTPSignatureKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner, HTTPMessageVerifier

from stafet_sdk.httpsignatures import (
    DIGEST,
    INPUT,
    SIGNATURE,
    Message,
    SignatureRefusedError,
    check_digest,
    digest,
    key_name,
    sign,
    signature_base,
    verify,
)
from stafet_sdk.webhooks import PRIVATE_PREFIX, PUBLIC_PREFIX, generate_webhook_keys, read_keys
from tests.sdk import rfc9421

NOW = datetime.now(UTC)
COVERED = ('"@method"', '"@target-uri"')
URL = "https://hub.example:8443/agencies/redcross/deliveries/1"
PRIVATE, PUBLIC = generate_webhook_keys()
NEXT_PRIVATE, NEXT_PUBLIC = generate_webhook_keys()


class TestTheVectorsOfTheRfc:
    def test_b26_ed25519_is_signed_to_the_bit(self) -> None:
        base = signature_base(rfc9421.REQUEST, rfc9421.B26_COVERED, rfc9421.B26_PARAMETERS)
        key = cast("Ed25519PrivateKey", rfc9421.ED25519_PRIVATE)
        assert base64.b64encode(key.sign(base)).decode() == rfc9421.B26_SIGNATURE
        assert read_keys(rfc9421.ED25519_FILE, PRIVATE_PREFIX) == [key.private_bytes_raw()]

    def test_b25_has_the_base_that_its_mac_is_of(self) -> None:
        base = signature_base(rfc9421.REQUEST, rfc9421.B25_COVERED, rfc9421.B25_PARAMETERS)
        found = hmac.digest(rfc9421.SHARED_SECRET, base, "sha256")
        assert base64.b64encode(found).decode() == rfc9421.B25_SIGNATURE

    def test_b24_has_the_base_of_an_answer(self) -> None:
        base = signature_base(rfc9421.RESPONSE, rfc9421.B24_COVERED, rfc9421.B24_PARAMETERS)
        raw = base64.b64decode(rfc9421.B24_SIGNATURE)
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = cast("ec.EllipticCurvePublicKey", rfc9421.ECC_PUBLIC)
        assert key.verify(signature, base, ec.ECDSA(hashes.SHA256())) is None

    def test_digests_fit_their_bodies(self) -> None:
        for message, body in (
            (rfc9421.REQUEST, rfc9421.REQUEST_BODY),
            (rfc9421.RESPONSE, rfc9421.RESPONSE_BODY),
        ):
            check_digest(message.headers, body)
            with pytest.raises(SignatureRefusedError, match="digest_invalid"):
                check_digest(message.headers, body + b" ")


class Resolver(HTTPSignatureKeyResolver):
    """Our keys as the other implementation wants them."""

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(
            next(raw for raw in read_keys(PUBLIC, PUBLIC_PREFIX) if key_name(raw) == key_id)
        )

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        del key_id
        return Ed25519PrivateKey.from_private_bytes(read_keys(PRIVATE, PRIVATE_PREFIX)[0])


class TestAnotherImplementation:
    def test_verifies_our_request(self) -> None:
        headers = sign(PRIVATE, Message({}, "GET", URL), COVERED, NOW, nonce="n" * 16, tag="stafet")
        request = httpx.Request("GET", URL, headers=headers)
        verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=Resolver())
        (found,) = verifier.verify(  # pyright: ignore[reportUnknownMemberType] - untyped there
            request, max_age=timedelta(minutes=5), expect_tag="stafet"
        )
        assert list(found.covered_components) == [*COVERED, '"@signature-params"']
        assert found.parameters["nonce"] == "n" * 16

    def test_signs_what_we_verify(self) -> None:
        request = httpx.Request("GET", URL)
        signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=Resolver())
        (public,) = read_keys(PUBLIC, PUBLIC_PREFIX)
        signer.sign(  # pyright: ignore[reportUnknownMemberType] - untyped there
            request,
            key_id=key_name(public),
            created=NOW,
            expires=NOW + timedelta(seconds=300),
            nonce="nonce-of-another",
            tag="stafet",
            covered_component_ids=("@method", "@target-uri"),
        )
        proof = verify(PUBLIC, Message(dict(request.headers), "GET", URL), b"", COVERED, NOW, tag="stafet")
        assert (proof.key, proof.nonce) == (key_name(public), "nonce-of-another")


def signed(body: bytes = b"", private: str = PRIVATE, **more: object) -> Message:
    carried = {DIGEST: digest(body)} if body else {}
    covered = (*COVERED, *(f'"{each}"' for each in carried))
    signature = sign(private, Message(carried, "GET", URL), covered, NOW, nonce="n" * 16, tag="stafet")
    changed = {name: str(value) for name, value in more.items()}
    return Message({**carried, **signature, **changed}, "GET", URL)


def refused(message: Message, body: bytes = b"", at: datetime = NOW, public: str = PUBLIC) -> str:
    with pytest.raises(SignatureRefusedError) as caught:
        verify(public, message, body, COVERED, at, tag="stafet")
    return caught.value.code


class TestVerify:
    @pytest.mark.parametrize("late_s", [-300, 0, 299])
    def test_takes_what_is_in_time(self, late_s: int) -> None:
        at = NOW + timedelta(seconds=late_s)
        assert verify(PUBLIC, signed(), b"", COVERED, at, tag="stafet").nonce == "n" * 16

    @pytest.mark.parametrize("late_s", [-302, 300, 100_000])
    def test_refuses_what_is_not(self, late_s: int) -> None:
        assert refused(signed(), at=NOW + timedelta(seconds=late_s)) == "signature_expired"

    def test_refuses_a_changed_message(self) -> None:
        message = signed()
        assert refused(Message(message.headers, "PUT", URL)) == "signature_invalid"
        assert refused(Message(message.headers, "GET", URL + "2")) == "signature_invalid"

    def test_refuses_a_body_that_is_not_covered_or_another(self) -> None:
        assert refused(signed(), b"body") == "signature_invalid"
        assert refused(signed(b"body"), b"other") == "digest_invalid"
        assert verify(PUBLIC, signed(b"body"), b"body", COVERED, NOW, tag="stafet").nonce

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (';tag="stafet"', ';tag="other"'),
            (';tag="stafet"', ';tag="stafet";alg="hmac-sha256"'),
            ('"@method" ', ""),
            ('"@method"', '"@method" "@method"'),
            (f';nonce="{"n" * 16}"', ""),
            ("created=", "created=1"),
            ("expires=", "expires=9"),
            ("sig0=", "sig1="),
            ('keyid="', 'keyid="0'),
        ],
    )
    def test_refuses_changed_parameters(self, old: str, new: str) -> None:
        message = signed()
        changed = message.headers[INPUT].replace(old, new)
        assert changed != message.headers[INPUT]
        assert refused(Message({**message.headers, INPUT: changed}, "GET", URL)) == "signature_invalid"

    @pytest.mark.parametrize("header", [INPUT, SIGNATURE])
    @pytest.mark.parametrize(
        "text", ["", "sig0", "sig0=()", "a=:x:,", '"', "sig0=" + "(" * 9999, "\x00", "é"]
    )
    def test_refuses_headers_that_are_none(self, header: str, text: str) -> None:
        message = signed()
        code = refused(Message({**message.headers, header: text}, "GET", URL))
        assert code in {"signature_missing", "signature_invalid"}

    def test_a_signature_of_each_key_is_taken_by_who_knows_either(self) -> None:
        both = signed(private=f"{PRIVATE}\n{NEXT_PRIVATE}\n")
        for known in (PUBLIC, NEXT_PUBLIC, f"{PUBLIC}\n{NEXT_PUBLIC}"):
            assert verify(known, both, b"", COVERED, NOW, tag="stafet").nonce == "n" * 16
        assert refused(both, public=generate_webhook_keys()[1]) == "signature_invalid"

    def test_signs_no_nonce_that_needs_escaping(self) -> None:
        with pytest.raises(ValueError, match="without quotes"):
            sign(PRIVATE, Message({}, "GET", URL), COVERED, NOW, nonce='a"', tag="stafet")
