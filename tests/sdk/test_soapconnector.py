"""Plain words in signed SOAP: what is not signed, whole and the agency's is refused; answers are judged."""

from dataclasses import replace
from functools import cache

import pytest

from stafet_sdk.certification.releases import REFERRAL
from stafet_sdk.certification.samples import NOW
from stafet_sdk.certification.soapsamples import credentials
from stafet_sdk.contract import Partner, Reply, Request
from stafet_sdk.draft import AnswerDraft
from stafet_sdk.errors import ContractBroken, DeliveryError, InboundRefused, MappingError, Refused, Retriable
from stafet_sdk.jsonwords import Words
from stafet_sdk.otherdoors import SignedEnvelopes
from stafet_sdk.soap import Credentials, fault, signed_envelope, unsigned_envelope
from stafet_sdk.soapconnector import HEADERS, SoapConnector
from stafet_sdk.xml import grow

SOAP = SoapConnector("stafet_connectors.police", Words(answers={"yes": "accepted"}), SignedEnvelopes())
SAID = {"id": "message-0001", "type": "yes", "referral": REFERRAL}


@cache
def signer() -> Credentials:
    """The agency's key."""
    return credentials()


def partner() -> Partner:
    """The agency as the hub knows it."""
    return Partner("police", "https://x.example", {}, {"partner_certificate": signer().certificate})


def request(namespace: str = SOAP.namespace, **said: str) -> Request:
    """Make a signed message."""
    body = signed_envelope(grow(namespace, "Message", {**SAID, **said}), signer(), NOW)
    return Request("POST", "/agencies/police/inbox", HEADERS, body)


def refusal(given: Request) -> tuple[str, int]:
    """Have a request refused; code and status."""
    with pytest.raises(InboundRefused) as caught:
        SOAP.accept(given, partner(), NOW)
    assert SOAP.reply(caught.value, given, partner(), NOW).status == caught.value.status
    return caught.value.code, caught.value.status


class TestAccepting:
    def test_a_signed_message_is_taken_and_read(self) -> None:
        given = request()
        assert SOAP.accept(given, partner(), NOW).message_id == "message-0001"
        assert SOAP.to_hub(given.body, partner()) == AnswerDraft(REFERRAL, "accepted")

    def test_what_is_not_as_it_must_be_is_refused(self) -> None:
        unsigned = unsigned_envelope(grow(SOAP.namespace, "Message", SAID))
        doctype = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
        assert refusal(replace(request(), method="GET")) == ("method_not_allowed", 405)
        assert refusal(replace(request(), headers={})) == ("unsupported_media_type", 415)
        assert refusal(replace(request(), body=unsigned)) == ("signature_missing", 401)
        assert refusal(replace(request(), body=doctype)) == ("doctype", 400)
        assert refusal(replace(request(), body=request().body.replace(b">yes<", b">no<"))) == (
            "signature_invalid", 401
        )  # fmt: skip
        assert refusal(request("urn:somebody")) == ("malformed", 400)
        assert refusal(request(type="maybe")) == ("unknown_action", 422)
        assert refusal(request(id="Zuzanna P")) == ("invalid", 422)

    def test_lists_and_truths_are_read_as_such(self) -> None:
        element = grow(SOAP.namespace, "Message", {"what": ("a", "b"), "risk": "true", "more": {"x": "y"}})
        assert SOAP.read(element) == {"what": ["a", "b"], "risk": True, "more": {"x": "y"}}

    def test_what_cannot_be_read_is_named(self) -> None:
        with pytest.raises(MappingError, match="body: malformed"):
            SOAP.to_hub(unsigned_envelope(grow("urn:somebody", "Message", SAID)), partner())


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "code", "kind", "cause"),
        [
            (500, "Client", Refused, "soap_fault"),
            (200, "Client", Refused, "soap_fault"),
            (500, "Server", Retriable, "soap_server_fault"),
            (503, "Server", Retriable, "http_503"),
        ],
    )
    def test_a_fault_says_whose_it_is(
        self, status: int, code: str, kind: type[DeliveryError], cause: str
    ) -> None:
        reply = Reply(status, HEADERS, unsigned_envelope(fault(code, "no")))
        with pytest.raises(kind, match=cause):
            SOAP.read_reply(reply, partner())

    def test_only_the_agencys_own_word_takes_a_message(self) -> None:
        SOAP.read_reply(Reply(200, HEADERS, unsigned_envelope(grow(SOAP.namespace, "Taken", {}))), partner())
        for body in (b"", b"<html/>", unsigned_envelope(grow("urn:somebody", "Taken", {}))):
            with pytest.raises(ContractBroken, match="unexpected_answer"):
                SOAP.read_reply(Reply(200, HEADERS, body), partner())
