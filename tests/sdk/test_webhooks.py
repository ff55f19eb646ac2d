"""Standard Webhooks: held against `cryptography` and, for what is signed, against the published package."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from standardwebhooks.webhooks import Webhook

from stafet_sdk import webhooks

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BODY = '{"navn":"Prøvesen"}'.encode()
PRIVATE, PUBLIC = webhooks.generate_webhook_keys()


def headers(**changed: str) -> dict[str, str]:
    """Sign BODY at NOW and change headers (by name without `webhook-`)."""
    return webhooks.sign(PRIVATE, "msg_1", NOW, BODY) | {
        f"webhook-{name}": text for name, text in changed.items()
    }


def refusal(found: dict[str, str], *, body: bytes = BODY, now: datetime = NOW) -> str:
    """Have it refused and give the code."""
    with pytest.raises(webhooks.WebhookRefusedError) as caught:
        webhooks.verify(PUBLIC, found, body, now)
    assert "Prøvesen" not in f"{caught.value!r}"
    return caught.value.code


class TestSign:
    def test_an_independent_library_verifies_it(self) -> None:
        signed = headers()
        version, _, signature = signed["webhook-signature"].partition(",")
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(PUBLIC.removeprefix("whpk_")))
        content = b"msg_1." + signed["webhook-timestamp"].encode() + b"." + BODY
        key.verify(base64.b64decode(signature), content)
        assert version == "v1a"
        assert signed["webhook-timestamp"] == str(int(NOW.timestamp()))

    def test_the_published_package_signs_the_same_content_and_reads_the_same_headers(self) -> None:
        secret = b"0123456789abcdef0123456789abcdef"
        at = datetime.now(UTC)
        ours = webhooks.sign(PRIVATE, "msg_1", at, BODY)
        content = webhooks.signed_content("msg_1", ours["webhook-timestamp"], BODY)
        digest = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
        assert Webhook(secret).sign("msg_1", at, BODY.decode()) == f"v1,{digest}"
        both = {**ours, "webhook-signature": f"{ours['webhook-signature']} v1,{digest}"}
        Webhook(secret).verify(BODY, both)
        assert webhooks.verify(PUBLIC, both, BODY, at) == "msg_1"

    def test_a_time_in_another_zone_is_the_same_time(self) -> None:
        here = NOW.astimezone(tz=None)
        assert webhooks.sign(PRIVATE, "msg_1", here, BODY) == headers()

    @pytest.mark.parametrize("message_id", ["", "a.b", "a b", "æ", "x" * 257])
    def test_refuses_an_id_that_could_not_be_told_from_the_rest(self, message_id: str) -> None:
        with pytest.raises(ValueError, match="webhook id"):
            webhooks.sign(PRIVATE, message_id, NOW, BODY)

    def test_refuses_a_time_without_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            webhooks.sign(PRIVATE, "msg_1", NOW.replace(tzinfo=None), BODY)

    KEYS = (PUBLIC, "whsk_", "whsk_AAAA", "whsk_%%", "", PRIVATE[5:])

    @pytest.mark.parametrize(
        "key", KEYS, ids=["public", "empty", "short", "no base64", "nothing", "no prefix"]
    )
    def test_refuses_what_is_no_private_key_without_showing_it(self, key: str) -> None:
        with pytest.raises(ValueError, match="expected whsk_") as caught:
            webhooks.sign(key, "msg_1", NOW, BODY)
        assert key in {"", "whsk_"} or key not in str(caught.value)


class TestVerify:
    def test_takes_what_an_independent_library_signed(self) -> None:
        key = Ed25519PrivateKey.generate()
        stamp = str(int(NOW.timestamp()))
        signature = base64.b64encode(key.sign(f"evt_9.{stamp}.".encode() + BODY)).decode()
        found = {"webhook-id": "evt_9", "webhook-timestamp": stamp, "webhook-signature": f"v1a,{signature}"}
        public = "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()
        assert webhooks.verify(public, found, BODY, NOW) == "evt_9"

    def test_takes_the_one_that_fits_of_several(self) -> None:
        other, _ = webhooks.generate_webhook_keys()
        old = webhooks.sign(other, "msg_1", NOW, BODY)["webhook-signature"]
        several = f"v1,AAAA {old} v1a,!!! junk {headers()['webhook-signature']}"
        assert webhooks.verify(PUBLIC.encode() + b"\n", headers(signature=several), BODY, NOW) == "msg_1"

    def test_tries_a_bounded_number(self) -> None:
        flood = " ".join(["v1a," + "A" * 86 + "=="] * 8 + [headers()["webhook-signature"]])
        assert refusal(headers(signature=flood)) == "signature_invalid"

    @pytest.mark.parametrize("name", ["id", "timestamp", "signature"])
    def test_a_missing_or_empty_header_is_missing(self, name: str) -> None:
        assert refusal(headers(**{name: ""})) == "signature_missing"

    def test_any_change_is_invalid(self) -> None:
        assert refusal(headers(), body=BODY + b" ") == "signature_invalid"
        assert refusal(headers(id="msg_2")) == "signature_invalid"
        assert refusal(headers(timestamp=str(int(NOW.timestamp()) + 1))) == "signature_invalid"
        assert (
            refusal(headers(signature=headers()["webhook-signature"].replace("v1a", "v1")))
            == "signature_invalid"
        )

    @pytest.mark.parametrize("stamp", ["1e9", "-1", "1674087231.5", "٣", "9" * 400, " 1674087231"])
    def test_a_timestamp_that_is_no_whole_number_is_invalid(self, stamp: str) -> None:
        assert refusal(headers(timestamp=stamp)) == "signature_invalid"

    def test_five_minutes_are_tolerated_both_ways_and_no_more(self) -> None:
        for seconds in (-300, 300):
            assert webhooks.verify(PUBLIC, headers(), BODY, NOW + timedelta(seconds=seconds)) == "msg_1"
        for seconds in (-301, 301):
            assert refusal(headers(), now=NOW + timedelta(seconds=seconds)) == "signature_invalid"
