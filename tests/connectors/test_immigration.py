"""The immigration service's connector: conformance, and what is special about items that are fetched."""

import json
from dataclasses import replace

import pytest

from stafet_connectors.immigration import connector
from stafet_connectors.immigration.codes import ERRORS
from stafet_connectors.immigration.samples import (
    IDENTIFIERS,
    fetched,
    item,
    other_item,
    partner,
    release,
    samples,
)
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import LooksUp, Polled, Reply, Request
from stafet_sdk.draft import AnswerDraft, DecisionDraft, ReferralDraft
from stafet_sdk.errors import ContractBroken, DeliveryError, InboundRefused, MappingError, Refused
from tests.connectors.conformance import ConnectorConformance

JSON = {"content-type": "application/json"}


class TestImmigrationConforms(ConnectorConformance):
    samples = samples


class TestAccept:
    def test_names_an_item_by_its_id_and_version(self) -> None:
        envelope = connector.accept(fetched(item("decision")), partner(), NOW)
        assert envelope.message_id == "5e0f7c1a-2222-4000-8000-00000000a002:1"
        assert envelope.action == "decision"

    def test_takes_an_item_that_moved_for_the_same(self) -> None:
        moved = fetched(other_item("decision", changedAt="2027-01-01T00:00:00Z"))
        assert connector.accept(moved, partner(), NOW) == connector.accept(
            fetched(item("decision")), partner(), NOW
        )

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_refuses_what_was_sent_to_the_inbox(self, method: str) -> None:
        sent = Request(method, "/agencies/immigration/inbox", {}, item("decision"))
        with pytest.raises(InboundRefused) as caught:
            connector.accept(sent, partner(), NOW)
        assert (caught.value.code, caught.value.status) == ("not_here", 405)
        assert connector.reply(caught.value, sent, partner(), NOW).status == 405

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"[]", "malformed"),
            (b'{"itemId":1,"itemId":2}', "malformed"),
            (b'{"itemId":' + b"[" * 5000, "malformed"),
            (b'{"itemId":NaN}', "malformed"),
            (b'{"x":"\\ud800"}', "malformed"),
            (b"{}", "invalid"),
            (other_item("decision", itemId="Gaxipypuno Fipagorymu"), "invalid"),
            (other_item("decision", version=0), "invalid"),
            (other_item("decision", version="1:2"), "invalid"),
        ],
    )
    def test_refuses_what_is_no_item_without_its_values(self, body: bytes, code: str) -> None:
        with pytest.raises(InboundRefused) as caught:
            connector.accept(fetched(body), partner(), NOW)
        assert caught.value.code == code
        assert "Gaxipypuno" not in str(caught.value)


class TestToHub:
    def test_reads_what_becomes_of_a_referral(self) -> None:
        read = connector.to_hub(item("rejected"), partner())
        assert read == AnswerDraft("0192f3a0-0000-7000-8000-000000000001", "rejected", "outside_mandate")

    def test_reads_a_reversal_with_what_it_takes_back(self) -> None:
        read = connector.to_hub(item("reversal"), partner())
        assert isinstance(read, DecisionDraft)
        assert (read.outcome, read.reverses) == ("not_identified", "AFG-2026-0042")

    def test_reads_a_suspected_victim_with_consent_and_numbers_without_modulus_11(self) -> None:
        read = connector.to_hub(item("suspected"), partner())
        assert isinstance(read, ReferralDraft)
        assert (read.receiver, read.reference) == ("shelter", "US-2026-00311")
        assert read.values[Group.IDENTITY]["person_number"] == "150911-0333"
        assert read.values[Group.IDENTITY]["identifiers"] == ["foreigner_number|A7654321|official||"]
        assert read.consents[0].recipients == ("shelter",)

    def test_a_reversal_without_what_it_reverses_is_no_decision(self) -> None:
        with pytest.raises(MappingError) as caught:
            connector.to_hub(other_item("reversal", data__reverses=None), partner())
        assert caught.value.problems == (("data.reverses", "missing"),)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            (b"Gaxipypuno", ("item", "malformed")),
            (other_item("decision", type=None), ("type", "missing")),
            (other_item("decision", type="Gaxipypuno"), ("type", "unknown")),
            (other_item("decision", data=None), ("data", "missing")),
            (other_item("decision", data="Gaxipypuno"), ("data", "malformed")),
        ],
    )
    def test_names_what_is_wrong_with_an_item(self, body: bytes, problem: tuple[str, str]) -> None:
        with pytest.raises(MappingError) as caught:
            connector.to_hub(body, partner())
        assert caught.value.problems == (problem,)


class TestFromHub:
    def test_the_request_id_is_the_delivery_and_no_id_is_in_the_address(self) -> None:
        for each in samples.releases():
            outbound = connector.from_hub(each, partner(), NOW)
            assert outbound.headers["x-requestId"] == each.delivery
            assert outbound.path.strip("/").replace("-", "").isalpha()

    def test_an_id_too_long_for_the_header_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="46"):
            connector.from_hub(replace(release("notice"), delivery="x" * 47), partner(), NOW)

    def test_a_notice_with_more_than_routing_facts_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="routing facts only"):
            connector.from_hub(replace(release("content"), part="notice"), partner(), NOW)

    def test_what_has_no_name_of_theirs_goes_by_ours(self) -> None:
        said = json.loads(connector.from_hub(release("content"), partner(), NOW).body)
        assert said["additional"] == {
            "child.age_band": "18-20",
            "exploitation.indicators": ["documents_taken"],
            "health.care_needs": "asks for a dentist",
        }


class TestReadReply:
    @pytest.mark.parametrize("code", sorted(ERRORS))
    def test_error_codes_are_named_by_what_happens_next(self, code: int) -> None:
        kind, cause = ERRORS[code]
        with pytest.raises(DeliveryError) as caught:
            connector.read_reply(Reply(404, JSON, json.dumps({"errorCode": code}).encode()), partner())
        assert (type(caught.value), caught.value.cause) == (kind, cause)

    @pytest.mark.parametrize("body", [b'{"errorCode":99999}', b'{"errorCode":"60006"}', b"<x>", b""])
    def test_without_a_code_that_is_known_the_status_decides(self, body: bytes) -> None:
        with pytest.raises(Refused, match="http_422"):
            connector.read_reply(Reply(422, JSON, body), partner())

    def test_a_closed_service_says_when_it_opens(self) -> None:
        with pytest.raises(DeliveryError) as caught:
            connector.read_reply(Reply(503, {"retry-after": "90"}, b'{"errorCode":50300}'), partner())
        assert (caught.value.cause, caught.value.retry_after) == ("closed", 90)


class TestLookUp:
    replayed = Reply(412, JSON, b'{"errorCode":41200}')

    def test_a_repetition_is_looked_up_by_its_request_id(self) -> None:
        assert isinstance(connector, LooksUp)
        sent = connector.from_hub(release("notice"), partner(), NOW)
        question = connector.look_up(self.replayed, sent, partner())
        assert question is not None
        assert (question.method, question.path, question.body) == ("GET", "/requests", b"")
        assert question.headers["x-requestId"] == release("notice").delivery

    def test_anything_else_is_not(self) -> None:
        sent = connector.from_hub(release("notice"), partner(), NOW)
        assert connector.look_up(Reply(201, JSON, b"{}"), sent, partner()) is None

    def test_a_service_that_stores_answers_is_not_asked(self) -> None:
        sent = connector.from_hub(release("notice"), partner(), NOW)
        storing = replace(partner(), identifiers={**IDENTIFIERS, "replay": "stored"})
        assert connector.look_up(self.replayed, sent, storing) is None
        with pytest.raises(Refused):
            connector.read_reply(self.replayed, storing)

    def test_what_was_taken_at_first_is_taken(self) -> None:
        told = Reply(200, JSON, b'{"requestId":"x","originalStatus":201}')
        connector.read_reply(told, partner())
        with pytest.raises(Refused):
            connector.read_reply(replace(told, body=told.body.replace(b"201", b"400")), partner())

    def test_what_was_refused_at_first_is_refused(self) -> None:
        told = Reply(200, JSON, b'{"requestId":"x","originalStatus":404,"errorCode":60006}')
        with pytest.raises(Refused, match="unknown_person"):
            connector.read_reply(told, partner())

    def test_what_nobody_knows_breaks_the_contract(self) -> None:
        with pytest.raises(ContractBroken, match="unknown_request"):
            connector.read_reply(Reply(404, JSON, b'{"errorCode":60011}'), partner())
        with pytest.raises(ContractBroken, match="malformed_answer"):
            connector.read_reply(Reply(200, JSON, b'{"originalStatus":"201"}'), partner())


def test_the_connector_is_polled() -> None:
    assert isinstance(connector, Polled)
