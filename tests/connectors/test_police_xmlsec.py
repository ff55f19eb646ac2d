"""The police's signed SOAP against xmlsec, both ways."""

from dataclasses import replace

import pytest
import trustme
import xmlsec

from stafet_connectors.police import connector
from stafet_connectors.police.samples import (
    TRANSACTION,
    addressed,
    credentials,
    form,
    partner,
    post,
    release,
    request_of,
    signed,
)
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted
from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import Credentials
from tests.connectors.police_taken import accepted
from tests.connectors.xmlsec_side import XmlsecSide


class TestXmlsec:
    """xmlsec (libxml2, OpenSSL) shares no code with signxml."""

    @pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
    def test_what_xmlsec_signs_is_accepted(self, kind: trustme.KeyType) -> None:
        by = credentials("xmlsec", kind)
        body = XmlsecSide(by).signed(request_of(form()), addressed(), NOW)
        known = replace(partner(), keys={**partner().keys, "partner_certificate": by.certificate})
        assert connector.accept(post(body), known, NOW) == accepted(post(signed(request_of(form()))))

    @pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
    @pytest.mark.parametrize("name", ["accepted", "rejected", "notice", "content", "erasure"])
    def test_what_we_sign_verifies(self, name: str, kind: trustme.KeyType) -> None:
        hub = credentials("hub", kind)
        known = replace(
            partner(), keys={**partner().keys, "hub_key": hub.key, "hub_certificate": hub.certificate}
        )
        sent = connector.from_hub(release(name), known, NOW).body
        covered = XmlsecSide(hub).verified(sent)
        assert {"Body", "Timestamp", "MessageID", "To", "Action", "From", "ReplyTo"} <= covered
        assert ("RelatesTo" in covered) == (name in {"accepted", "rejected"})

    @pytest.mark.parametrize(
        "outcome",
        [Accepted(TRANSACTION, TRANSACTION, NOW, again=False), InboundRefused("conflict", "no", status=409)],
    )
    def test_our_answers_verify(self, outcome: Accepted | InboundRefused) -> None:
        hub = Credentials(partner().keys["hub_key"], partner().keys["hub_certificate"])
        reply = connector.reply(outcome, post(signed(request_of(form()))), partner(), NOW)
        assert {"Body", "RelatesTo", "Action"} <= XmlsecSide(hub).verified(reply.body)

    def test_xmlsec_refuses_what_was_changed(self) -> None:
        hub = Credentials(partner().keys["hub_key"], partner().keys["hub_certificate"])
        sent = connector.from_hub(release("notice"), partner(), NOW).body
        with pytest.raises(xmlsec.Error):
            XmlsecSide(hub).verified(sent.replace(b"Beskyttelse", b"Beskyttelsf"))
