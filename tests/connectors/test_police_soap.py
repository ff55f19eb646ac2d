"""The police's SOAP: what the hub accepts, how it answers, and how it reads the police's answers."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from stafet_connectors.police import connector
from stafet_connectors.police.mapping import RECEIPTS
from stafet_connectors.police.messages import SEND_ACTION, receipt_response
from stafet_connectors.police.samples import (
    CANARIES,
    IDENTIFIERS,
    TRANSACTION,
    credentials,
    form,
    partner,
    post,
    receipt,
    request_of,
    saying,
    signed,
)
from stafet_connectors.police.schema import HUB, SENDER, broken_fields
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Outcome, Reply, Request, Unavailable
from stafet_sdk.errors import (
    ContractBroken,
    DeliveryError,
    InboundRefused,
    NeedsAction,
    Refused,
    Retriable,
    Throttled,
)
from stafet_sdk.soap import CONTENT_TYPE, body_child, fault, read_fault, unsigned_envelope
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import Element, canonical, grow, local_name, parse
from tests.connectors.police_taken import accepted

RECEIPT = "0190f6a0-0000-7000-8000-0000000000aa"


def refused(request: Request) -> InboundRefused:
    """Offer what must be refused; neither the error nor the answer shows a value."""
    with pytest.raises(InboundRefused) as caught:
        connector.accept(request, partner(), NOW)
    answer = connector.reply(caught.value, request, partner(), NOW)
    shown = f"{caught.value!r} {caught.value} {answer.body.decode()}"
    assert not [canary for canary in CANARIES if canary in shown]
    return caught.value


def field_of(root: Element, name: str) -> Element:
    """Find the first element of a name, whatever its namespace."""
    return next(each for each in root.iter() if local_name(each) == name)


def drop(root: Element, name: str) -> None:
    """Remove the first element of a name."""
    gone = field_of(root, name)
    parent = gone.getparent()
    assert parent is not None
    parent.remove(gone)


def answered(reply: Reply) -> Element:
    """Open the hub's answer as the police do."""
    assert reply.headers["content-type"] == CONTENT_TYPE
    return open_signed(parse(reply.body), partner().keys["hub_certificate"], NOW)


class TestAccept:
    def test_takes_the_id_of_the_sender_and_what_it_says(self) -> None:
        envelope = accepted(post(signed(request_of(form()))))
        assert envelope.message_id == TRANSACTION
        assert envelope.action == "FordelingsobjektAfsend"
        assert envelope.content.startswith(b"<")
        assert b"Signature" not in envelope.content

    def test_content_is_equal_when_the_message_is_sent_again(self) -> None:
        later = NOW + timedelta(seconds=90)
        first = accepted(post(signed(request_of(form()))))
        again = accepted(post(signed(request_of(form()), at=later)), later)
        other = accepted(post(signed(request_of(saying("Ydelse", "Sundhed")))))
        assert first.content == again.content
        assert first.message_id == other.message_id
        assert first.content != other.content

    @pytest.mark.parametrize("action", [f'"{SEND_ACTION}"', SEND_ACTION])
    def test_the_action_may_be_quoted_or_not(self, action: str) -> None:
        request = post(signed(request_of(form())))
        headers = {**request.headers, "soapaction": action}
        assert accepted(replace(request, headers=headers)).message_id == TRANSACTION

    def test_an_upper_case_id_is_the_same_message(self) -> None:
        body = signed(request_of(form(), transaction=TRANSACTION.upper()))
        assert accepted(post(body)).message_id == TRANSACTION

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_only_post_is_taken(self, method: str) -> None:
        error = refused(replace(post(b""), method=method))
        assert (error.code, error.status) == ("method", 405)

    def test_only_soap_1_1_is_taken(self) -> None:
        request = post(signed(request_of(form())))
        headers = {**request.headers, "content-type": "application/soap+xml"}
        error = refused(replace(request, headers=headers))
        assert (error.code, error.status) == ("content_type", 415)

    @pytest.mark.parametrize("action", ["", "urn:other", SEND_ACTION + "X"])
    def test_an_unknown_action_is_refused(self, action: str) -> None:
        assert refused(post(signed(request_of(form())), action)).code == "unknown_action"

    def test_a_body_of_another_operation_is_refused(self) -> None:
        assert refused(post(signed(receipt_response()))).code == "unknown_action"

    def test_broken_xml_is_refused(self) -> None:
        assert refused(post(signed(request_of(form()))[:900])).code == "malformed"

    def test_a_doctype_is_refused(self) -> None:
        body = signed(request_of(form())).replace(b"?>", b"?><!DOCTYPE x>", 1)
        assert refused(post(body)).code == "doctype"

    def test_too_much_is_refused(self) -> None:
        error = refused(post(signed(request_of(saying("Fritekst", "x" * 1_100_000)))))
        assert (error.code, error.status) == ("too_large", 413)

    def test_an_unsigned_message_is_refused(self) -> None:
        error = refused(post(unsigned_envelope(request_of(form()))))
        assert (error.code, error.status) == ("signature_missing", 401)

    def test_a_stranger_is_refused(self) -> None:
        error = refused(post(signed(request_of(form()), by=credentials("stranger"))))
        assert (error.code, error.status) == ("signature_invalid", 401)

    def test_a_tampered_message_is_refused(self) -> None:
        body = signed(request_of(form())).replace(b"Gaxipypuno", b"Gaxipypunu")
        assert refused(post(body)).code == "signature_invalid"

    def test_an_old_message_is_refused(self) -> None:
        body = signed(request_of(form()), at=NOW - timedelta(minutes=6))
        assert refused(post(body)).code == "stale_timestamp"

    def test_a_message_in_the_name_of_another_authority_is_refused(self) -> None:
        error = refused(post(signed(request_of(form(), sender="87654321"))))
        assert (error.code, error.status, error.fields) == ("unknown_sender", 403, ("AfsendendeMyndighed",))

    @pytest.mark.parametrize(
        "name",
        [
            "AnvenderTransaktionsID",
            "AfsendendeMyndighed",
            "RoutingValg",
            "ObjektType",
            "FormularIndhold",
            "ID",
        ],
    )
    def test_a_missing_field_of_the_envelope_is_named(self, name: str) -> None:
        request = request_of(form())
        drop(request, name)
        error = refused(post(signed(request)))
        assert (error.code, error.status) == ("invalid", 400)
        assert name in error.fields

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("AnvenderTransaktionsID", "Gaxipypuno"),
            ("RoutingModtagerAktoer", "Fipagorymu"),
            ("ObjektType", "JOURNALPOST"),
            ("KLEEmneForslag", "2011-09-15"),
            ("FormularIndhold", "Gaxipypuno, 2011-09-15"),
        ],
    )
    def test_a_malformed_field_of_the_envelope_is_named(self, name: str, text: str) -> None:
        request = request_of(form())
        field_of(request, name).text = text
        assert refused(post(signed(request))).fields == (name,)

    def test_an_unknown_field_of_the_envelope_names_what_was_expected(self) -> None:
        request = request_of(form())
        field_of(request, "ObjektType").addprevious(grow(SENDER, "Hemmelig", "Gaxipypuno"))
        assert refused(post(signed(request))).fields == ("ObjektType",)


class TestReply:
    def test_the_receipt_echoes_the_context_and_names_the_message_at_the_hub(self) -> None:
        request = post(signed(request_of(form())))
        reply = connector.reply(Accepted(TRANSACTION, RECEIPT, NOW, again=False), request, partner(), NOW)
        answer = answered(reply)
        texts = {local_name(each): each.text for each in answer.iter() if each.text}
        assert reply.status == 200
        assert broken_fields(answer) == ()
        assert texts == {
            "ForretningsValideringsKode": "MODTAGET",
            "Kvitteringstype": "Teknisk",
            "AnvenderTransaktionsID": TRANSACTION,
            "DistributionTransktionsID": RECEIPT,
            "AfsendendeMyndighed": IDENTIFIERS["cvr"],
            "RoutingMyndighed": IDENTIFIERS["hub_cvr"],
            "RoutingModtagerAktoer": IDENTIFIERS["agency_redcross"],
        }

    def test_a_repetition_is_answered_by_the_same_bytes_of_business(self) -> None:
        request = post(signed(request_of(form())))
        later = NOW + timedelta(seconds=200)
        first = connector.reply(Accepted(TRANSACTION, RECEIPT, NOW, again=False), request, partner(), NOW)
        again = connector.reply(Accepted(TRANSACTION, RECEIPT, NOW, again=True), request, partner(), later)
        assert canonical(body_child(parse(first.body))) == canonical(body_child(parse(again.body)))

    @pytest.mark.parametrize(
        ("refusal", "status"),
        [
            (InboundRefused("malformed", "line 3"), 500),
            (InboundRefused("invalid", "fields", fields=("ID", "ObjektType")), 500),
            (InboundRefused("signature_invalid", "no", status=401), 401),
            (InboundRefused("unknown_sender", "no", status=403), 403),
            (InboundRefused("conflict", "same id, other content", status=409), 409),
            (InboundRefused("too_large", "too much", status=413), 413),
            (InboundRefused("content_type", "no", status=415), 415),
            (InboundRefused("odd", "no", status=418), 500),
        ],
    )
    @pytest.mark.parametrize("body", [b"", b"<broken", b"x" * 100])
    def test_a_refusal_is_a_fault_whatever_the_request_was(
        self, refusal: InboundRefused, status: int, body: bytes
    ) -> None:
        reply = connector.reply(refusal, post(body), partner(), NOW)
        found = read_fault(answered(reply))
        assert reply.status == status
        assert found is not None
        assert found.code == "Client"
        assert found.detail is not None
        assert found.detail.tag == f"{{{HUB}}}TransportKvittering"
        assert broken_fields(found.detail) == ()
        told = [each.text for each in found.detail.iter(f"{{{HUB}}}FejlTekst")]
        assert told == list(refusal.fields or (refusal.detail,))
        assert {each.text for each in found.detail.iter(f"{{{HUB}}}FejlKode")} == {refusal.code}

    def test_another_method_is_told_which_one_to_use(self) -> None:
        reply = connector.reply(InboundRefused("method", "no", status=405), post(b""), partner(), NOW)
        assert (reply.status, reply.headers["allow"]) == (405, "POST")

    def test_when_the_hub_cannot_accept_it_blames_itself(self) -> None:
        reply = connector.reply(Unavailable(retry_after=9), post(b""), partner(), NOW)
        found = read_fault(answered(reply))
        assert found is not None
        assert (reply.status, reply.headers["retry-after"], found.code) == (503, "9", "Server")

    @pytest.mark.parametrize("outcome", [Unavailable(3), InboundRefused("malformed", "line 1")])
    def test_the_police_read_our_faults_as_meant(self, outcome: Outcome) -> None:
        reply = connector.reply(outcome, post(b""), partner(), NOW)
        with pytest.raises(Retriable if isinstance(outcome, Unavailable) else Refused):
            connector.read_reply(reply, partner())


def envelope(child: Element, status: int = 200, **headers: str) -> Reply:
    """Make an answer of the police."""
    return Reply(status, {"content-type": "text/xml", **headers}, unsigned_envelope(child))


class TestReadReply:
    @pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=utf-8", "TEXT/XML"])
    def test_the_empty_response_is_enough(self, content_type: str) -> None:
        connector.read_reply(
            replace(envelope(receipt_response()), headers={"content-type": content_type}), partner()
        )

    @pytest.mark.parametrize(
        ("reply", "error", "cause"),
        [
            (envelope(fault("Client", "no"), 500), Refused, "soap_fault"),
            (envelope(fault("Client", "no"), 200), Refused, "soap_fault"),
            (envelope(fault("VersionMismatch", "no"), 500), Refused, "soap_fault"),
            (envelope(fault("Server", "oops"), 500), Retriable, "soap_server_fault"),
            (envelope(fault("Client", "no"), 401), NeedsAction, "http_401"),
            (envelope(fault("Client", "no"), 400), Refused, "http_400"),
            (envelope(fault("Client", "no"), 503), Retriable, "http_503"),
            (envelope(fault("Client", "no"), 429), Throttled, "http_429"),
            (envelope(receipt_response(), 302), ContractBroken, "redirect"),
            (envelope(grow("urn:x", "Andet", "")), ContractBroken, "unexpected_answer"),
            (envelope(grow(SENDER, "FordelingskvitteringModtagAnvenderResponse", {"a": "b"})),
             ContractBroken, "unexpected_answer"),
            (Reply(200, {"content-type": "text/html"}, b"<html/>"), ContractBroken, "unexpected_answer"),
            (Reply(200, {"content-type": "text/xml"}, b"<html>"), ContractBroken, "unexpected_answer"),
            (Reply(200, {"content-type": "text/xml"}, b"<!DOCTYPE x>"), ContractBroken, "unexpected_answer"),
            (Reply(204, {}, b""), ContractBroken, "unexpected_answer"),
            (Reply(500, {"content-type": "text/html"}, b"<html/>"), Retriable, "http_500"),
        ],
    )  # fmt: skip
    def test_anything_else_says_what_happens_next(
        self, reply: Reply, error: type[DeliveryError], cause: str
    ) -> None:
        with pytest.raises(error) as caught:
            connector.read_reply(reply, partner())
        assert type(caught.value) is error
        assert str(caught.value) == cause

    def test_a_server_fault_passes_on_when_to_come_back(self) -> None:
        reply = envelope(fault("Server", "busy"), 500, **{"retry-after": "4"})
        with pytest.raises(Retriable) as caught:
            connector.read_reply(reply, partner())
        assert caught.value.retry_after == 4


class TestBrokenFields:
    def test_a_valid_receipt_breaks_nothing(self) -> None:
        assert [broken_fields(parse(receipt(rung))) for rung in RECEIPTS] == [()] * len(RECEIPTS)

    def test_an_element_of_no_schema_names_itself(self) -> None:
        assert broken_fields(grow("urn:x", "Fremmed", "Gaxipypuno")) == ("Fremmed",)

    def test_a_strange_name_is_not_repeated(self) -> None:
        name = "Gaxipypuno-2011-09-15"
        request = request_of(form())
        field_of(request, "ObjektType").set(name, name)
        assert json.dumps(broken_fields(request)).find("2011") == -1
