"""Plain JSON at the edge: what is not proven, not whole or not fetched is refused, and pages that lie."""

import json
from dataclasses import replace

import pytest

from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Partner, Reply, Request
from stafet_sdk.doors import BearerTokens, SignedWebhooks, digest, files
from stafet_sdk.errors import ContractBroken, InboundRefused, NeedsAction
from stafet_sdk.jsonconnector import JsonConnector
from stafet_sdk.jsonpolling import MARK, JsonPolled
from stafet_sdk.jsonwords import Words

MANIFEST = "stafet_connectors.redcross"
WORDS = Words(answers={"yes": "accepted"}, names={"referral": "case"})
BODY = b'{"id":"message-0001","type":"yes","case":"x"}'
KNOWN = digest(b"old") + b"\n" + digest(b"new").upper() + b"\n"
KEYS = {"token_secret": b"ours\n", "partner_token_digest": KNOWN}
TOKENS = Partner("tax", "https://tax.example/stafet", {}, KEYS)
JSON = {"content-type": "application/json"}
BEARER = JsonConnector(MANIFEST, WORDS, BearerTokens())
POLLED = JsonPolled(MANIFEST, WORDS, BearerTokens())


def posted(body: bytes = BODY, /, **headers: str) -> Request:
    """Make a request of the agency's with its new token."""
    given = {
        **JSON,
        "authorization": "Bearer new",
        **{name.replace("_", "-"): said for name, said in headers.items()},
    }
    return Request("POST", "/agencies/tax/inbox", given, body)


def refusal(connector: JsonConnector, request: Request, partner: Partner = TOKENS) -> tuple[str, int]:
    """Have a request refused; code and status."""
    with pytest.raises(InboundRefused) as caught:
        connector.accept(request, partner, NOW)
    return caught.value.code, caught.value.status


class TestTokens:
    @pytest.mark.parametrize("token", ["old", "new"])
    def test_both_count_while_one_is_changed(self, token: str) -> None:
        assert (
            BEARER.accept(posted(authorization=f"bearer {token}"), TOKENS, NOW).message_id == "message-0001"
        )

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ("", "token_missing"), ("Basic new", "token_missing"), ("Bearer", "token_missing"),
            ("Bearer other", "token_invalid"), ("Bearer old new", "token_invalid"),
            (f"Bearer {digest(b'new').decode()}", "token_invalid"),
        ],
    )  # fmt: skip
    def test_all_else_is_refused(self, header: str, code: str) -> None:
        assert refusal(BEARER, posted(authorization=header)) == (code, 401)

    def test_nobody_gets_in_while_no_token_is_known(self) -> None:
        unknown = replace(TOKENS, keys={**TOKENS.keys, "partner_token_digest": b"\n"})
        assert refusal(BEARER, posted(), unknown) == ("token_invalid", 401)


class TestSignatures:
    def test_nobody_gets_in_while_no_key_is_known(self) -> None:
        unknown = replace(TOKENS, keys={"webhook_private": b"", "partner_webhook_public": b""})
        signed = JsonConnector(MANIFEST, WORDS, SignedWebhooks())
        assert refusal(signed, posted(), unknown) == ("signature_invalid", 401)

    def test_a_signed_id_is_the_one_in_the_message(self) -> None:
        door = SignedWebhooks()
        at_hub, at_agency = files(door, fetched=False)
        partner = replace(TOKENS, keys=at_hub)
        proof = door.show("message-0002", BODY, at_agency[door.own], NOW)
        signed = JsonConnector(MANIFEST, WORDS, door)
        assert refusal(signed, posted(**proof), partner) == ("invalid", 422)


class TestMessages:
    @pytest.mark.parametrize(
        ("body", "code", "status"),
        [
            (b"", "malformed", 400),
            (b"[]", "malformed", 400),
            (b"\xff{}", "malformed", 400),
            (b'{"id":"message-0001","id":"message-0002","type":"yes"}', "malformed", 400),
            (b'{"id":"message-0001","type":"yes","case":NaN}', "malformed", 400),
            (b'{"id":"message-0001","type":"yes","case":"\\ud800"}', "malformed", 400),
            (b"[" * 100_000, "malformed", 400),
            (b'{"id":"message-0001"}', "unknown_action", 422),
            (b'{"id":"message-0001","type":["yes"]}', "unknown_action", 422),
            (b'{"id":"message-0001","type":"maybe"}', "unknown_action", 422),
            (b'{"type":"yes"}', "invalid", 422),
            (b'{"id":17,"type":"yes"}', "invalid", 422),
            (b'{"id":"Zuzanna P","type":"yes"}', "invalid", 422),
        ],
    )
    def test_that_are_not_whole_are_refused(self, body: bytes, code: str, status: int) -> None:
        assert refusal(BEARER, posted(body)) == (code, status)

    def test_come_by_post_as_json(self) -> None:
        assert refusal(BEARER, replace(posted(), method="PUT")) == ("method_not_allowed", 405)
        assert refusal(BEARER, posted(content_type="text/plain")) == ("unsupported_media_type", 415)

    def test_are_the_same_whatever_their_blanks_and_order(self) -> None:
        again = json.dumps(dict(reversed(json.loads(BODY).items())), indent=1).encode()
        first, second = (BEARER.accept(posted(each), TOKENS, NOW) for each in (BODY, again))
        assert first == second


class TestPolling:
    def test_asks_with_its_token_for_what_comes_after_the_cursor(self) -> None:
        asked = POLLED.ask("7 &b=1/..", TOKENS, NOW)
        assert (asked.method, asked.path) == ("GET", "/messages?after=7%20%26b%3D1%2F..")
        assert asked.headers["authorization"] == "Bearer ours"

    def test_takes_only_what_it_has_fetched_itself(self) -> None:
        (fetched,) = POLLED.page(Reply(200, JSON, b'{"items":[%s]}' % BODY), "", TOKENS, NOW).requests
        assert POLLED.accept(fetched, TOKENS, NOW).message_id == "message-0001"
        for stranger in (posted(), posted(**{MARK: "x"}), replace(fetched, body=fetched.body + b" ")):
            assert refusal(POLLED, stranger) == ("not_fetched", 401)

    def test_stays_where_it_is_without_a_new_cursor(self) -> None:
        page = POLLED.page(Reply(200, JSON, b'{"items":[],"more":1}'), "7", TOKENS, NOW)
        assert (page.requests, page.cursor, page.more) == ((), "7", False)

    @pytest.mark.parametrize(
        "body",
        [b"", b"{}", b"[]", b'{"items":{}}', b'{"items":["x"]}', b'{"items":[],"next":7}',
         b'{"items":[' + b",".join([b"{}"] * 501) + b"]}"],
    )  # fmt: skip
    def test_names_an_answer_of_no_use(self, body: bytes) -> None:
        with pytest.raises(ContractBroken, match="unexpected_answer"):
            POLLED.page(Reply(200, JSON, body), "", TOKENS, NOW)

    def test_judges_the_status_first(self) -> None:
        with pytest.raises(NeedsAction, match="http_401"):
            POLLED.page(Reply(401, JSON, b'{"items":[]}'), "", TOKENS, NOW)
