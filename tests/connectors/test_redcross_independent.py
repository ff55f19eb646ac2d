"""The Red Cross's messages as others read them: the cloudevents SDK, and Standard Webhooks by its own text.

PyPI `standardwebhooks`, npm `standardwebhooks` and `svix` know `v1`
only; so `v1a` is verified with plain `cryptography`, by the words of the specification.
"""

import base64
import json

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stafet_connectors.redcross import connector
from stafet_connectors.redcross.samples import (
    HUB_PUBLIC,
    NEXT_PRIVATE,
    NEXT_PUBLIC,
    PARTNER,
    RELEASES,
    release,
)
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Outbound, Waiting


def verified(public: str, outbound: Outbound) -> bool:
    """Verify as the specification says: `msg_id.timestamp.payload`, space-delimited `v1a,` signatures."""
    headers = outbound.headers
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + outbound.body
    for each in headers["webhook-signature"].split(" "):
        version, _, signature = each.partition(",")
        try:
            key.verify(base64.b64decode(signature), signed)
        except InvalidSignature:
            continue
        return version == "v1a"
    return False


def told() -> list[Outbound]:
    """Word all that is sent to the Red Cross."""
    waiting = connector.notify(Waiting("0192-delivery", "0192-referral", "content"), PARTNER, NOW)
    return [waiting, *(connector.from_hub(release(name), PARTNER, NOW) for name in RELEASES)]


class TestWebhooks:
    def test_verify_by_the_text_of_the_specification(self) -> None:
        assert all(verified(HUB_PUBLIC, each) for each in told())
        assert not any(verified(NEXT_PUBLIC, each) for each in told())

    def test_verify_by_either_key_while_the_hub_changes_its_own(self) -> None:
        both = PARTNER.keys["webhook_private"] + b"\n" + NEXT_PRIVATE.encode() + b"\n"
        partner = type(PARTNER)(
            "redcross", PARTNER.endpoint, PARTNER.identifiers, {**PARTNER.keys, "webhook_private": both}
        )
        outbound = connector.from_hub(release("notice"), partner, NOW)
        assert verified(HUB_PUBLIC, outbound)
        assert verified(NEXT_PUBLIC, outbound)


class TestCloudEvents:
    @pytest.mark.parametrize("outbound", told(), ids=lambda each: json.loads(each.body)["type"])
    def test_are_read_by_the_sdk(self, outbound: Outbound) -> None:
        event = from_http_event(HTTPMessage(dict(outbound.headers), outbound.body))
        read = json.loads(outbound.body)
        assert (event.get_id(), event.get_type(), event.get_source()) == (
            outbound.headers["webhook-id"],
            read["type"],
            f"urn:uuid:{PARTNER.identifiers['hub_uuid']}",
        )
        assert event.get_data() == read["data"]
