"""Red Cross's connector: conformance, and what is special about signed CloudEvents."""

import json
from datetime import timedelta

import pytest

from stafet_connectors.redcross import connector, mapping
from stafet_connectors.redcross.samples import (
    HUB_PUBLIC,
    PARTNER,
    answer,
    other_answer,
    release,
    samples,
    signed,
)
from stafet_sdk import webhooks
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Request
from stafet_sdk.errors import InboundRefused, MappingError
from tests.connectors.conformance import ConnectorConformance


class TestRedcrossConforms(ConnectorConformance):
    samples = samples


class TestAccept:
    def test_gives_the_event_id_and_canonical_content(self) -> None:
        spaced = json.dumps(json.loads(answer("accepted")), indent=4).encode()
        first = connector.accept(signed(answer("accepted")), PARTNER, NOW)
        second = connector.accept(signed(spaced, at=NOW + timedelta(seconds=9)), PARTNER, NOW)
        assert first == second
        assert (first.message_id, first.action) == ("answer-accepted", "dk.redcross.referral.accepted")

    @pytest.mark.parametrize("name", [webhooks.ID, webhooks.TIMESTAMP, webhooks.SIGNATURE])
    def test_refuses_a_missing_header(self, name: str) -> None:
        request = signed(answer("accepted"))
        headers = {key: value for key, value in request.headers.items() if key != name}
        assert refused(Request("POST", "/", headers, request.body)) == ("signature_missing", 401, ())

    @pytest.mark.parametrize("late", [-301, 301])
    def test_refuses_a_stale_signature(self, late: int) -> None:
        assert refused(signed(answer("accepted"), at=NOW + timedelta(seconds=late)))[:2] == (
            "signature_invalid",
            401,
        )

    def test_refuses_another_key(self) -> None:
        stranger, _ = webhooks.generate_webhook_keys()
        assert refused(signed(answer("accepted"), private=stranger))[:2] == ("signature_invalid", 401)

    def test_refuses_another_method_and_content_type(self) -> None:
        request = signed(answer("accepted"))
        assert refused(Request("PUT", "/", request.headers, request.body))[:2] == ("method_not_allowed", 405)
        plain = {**request.headers, "content-type": "application/json"}
        assert refused(Request("POST", "/", plain, request.body))[:2] == ("unsupported_media_type", 415)

    @pytest.mark.parametrize(
        "body", [b"{", b"[]", b"\xff", b'{"id":1,"id":2}', b"[" * 9999, b'{"data":NaN}', b'{"id":"\\ud800"}']
    )
    def test_refuses_broken_json(self, body: bytes) -> None:
        assert refused(signed(body, message_id="answer-accepted")) == ("malformed", 400, ())

    def test_names_the_attributes_that_are_wrong(self) -> None:
        event = {**json.loads(answer("accepted")), "specversion": "0.3", "time": "yesterday", "data": "x"}
        event["Ude lukket"] = "1"
        found = refused(signed(json.dumps(event).encode(), message_id="answer-accepted"))
        assert found == ("invalid", 422, ("data", "extension", "specversion", "time"))

    def test_refuses_a_foreign_source_an_unknown_type_and_an_id_of_its_own(self) -> None:
        event = json.loads(answer("accepted"))
        for change, expected in (
            ({"source": "urn:other"}, ("unknown_sender", 403, ("source",))),
            ({"type": "dk.redcross.referral.lost"}, ("unknown_action", 422, ("type",))),
            ({"id": "another-id"}, ("invalid", 422, ("id",))),
        ):
            body = json.dumps(event | change).encode()
            assert refused(signed(body, message_id="answer-accepted")) == expected

    def test_tolerates_extension_attributes(self) -> None:
        body = answer("accepted").replace(b'"data"', b'"traceparent": "00-1-2-01", "data"')
        connector.accept(signed(body), PARTNER, NOW)
        assert connector.to_hub(body, PARTNER) == connector.to_hub(answer("accepted"), PARTNER)


class TestReply:
    def test_words_a_refusal_as_a_problem(self) -> None:
        refusal = InboundRefused("unknown_action", "send another", status=422, fields=("data.stafet_reason",))
        reply = connector.reply(refusal, signed(answer("accepted")), PARTNER, NOW)
        assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
        assert json.loads(reply.body) == {
            "type": "tag:stafet.cmm.dk,2026:problem/unknown_action",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "send another",
            "code": "unknown_action",
            "errors": [{"pointer": "#/data/stafet_reason", "code": "unknown_action"}],
        }


class TestToHub:
    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            ({"stafet_referral": "Zuzanna"}, ("data.stafet_referral", "malformed")),
            ({"stafet_referral": None}, ("data.stafet_referral", "missing")),
        ],
    )
    def test_a_withdrawal_names_its_referral_and_nothing_else(
        self, data: dict[str, object], problem: tuple[str, str]
    ) -> None:
        with pytest.raises(MappingError) as caught:
            connector.to_hub(other_answer("consent_withdrawn", **data), PARTNER)
        assert caught.value.problems == (problem,)

    def test_collects_all_problems(self) -> None:
        body = other_answer(
            "rejected", stafet_referral=7, stafet_reason="Maria is ill", stafet_reference=[], x=1
        )
        with pytest.raises(MappingError) as caught:
            connector.to_hub(body, PARTNER)
        assert caught.value.problems == (
            ("data.stafet_reason", "malformed"),
            ("data.stafet_reference", "malformed"),
            ("data.stafet_referral", "malformed"),
        )

    def test_what_it_does_not_know_changes_nothing(self) -> None:
        for name in ("accepted", "rejected", "consent_withdrawn"):
            body = other_answer(name, **{"Maria Hansen": 1, "stafet_groups": ["health"]})
            assert connector.to_hub(body, PARTNER) == connector.to_hub(answer(name), PARTNER)


class TestFromHub:
    def test_produces_what_the_manifest_names(self) -> None:
        assert set(connector.manifest.produces) == {*mapping.TYPES.values(), mapping.WAITING}

    def test_signs_with_the_delivery_as_id_and_keeps_body_and_id_over_attempts(self) -> None:
        first = connector.from_hub(release("content"), PARTNER, NOW)
        second = connector.from_hub(release("content"), PARTNER, NOW + timedelta(hours=2))
        assert first.body == second.body
        assert first.headers[webhooks.ID] == second.headers[webhooks.ID] == release("content").delivery
        assert webhooks.verify(HUB_PUBLIC, second.headers, second.body, NOW + timedelta(hours=2))

    def test_sends_nothing_of_the_senders_own_id(self) -> None:
        assert b"placer-77" not in connector.from_hub(release("content"), PARTNER, NOW).body


def refused(request: Request) -> tuple[str, int, tuple[str, ...]]:
    """Have a request refused and say how."""
    with pytest.raises(InboundRefused) as caught:
        connector.accept(request, PARTNER, NOW)
    return caught.value.code, caught.value.status, caught.value.fields
