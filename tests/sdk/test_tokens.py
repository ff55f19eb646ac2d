"""Tokens bound to the client certificate, on real sockets."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction, Retriable, Throttled
from stafet_sdk.tokens import MARGIN_S, MAX_BYTES, Token, read_token
from stafet_sdk.transport import HttpPush
from tests.fakes.certificates import client_keys
from tests.fakes.partner_server import LOOPBACK, Script, Writer, hangs, partner_server
from tests.fakes.token_server import Answer, TokenPartner, numbered, token
from tests.sdk.test_pace import Watch

MESSAGE = Outbound({"content-type": "text/plain"}, b"hello", "/cases")


@asynccontextmanager
async def calling(
    script: TokenPartner, watch: Watch | None = None
) -> AsyncGenerator[tuple[HttpPush, Partner]]:
    """Serve a partner that wants our certificate and tokens; yields what reaches it."""
    authority = trustme.CA()
    async with partner_server(script, clients=authority) as server:
        script.served = server
        said = {"token_endpoint": f"{server.url}/token", "client_id": "stafet", "scope": "cases decisions"}
        partner = Partner("immigration", server.url, said, client_keys(authority), networks=LOOPBACK)
        async with HttpPush(server.trust, deadline_s=5, now=watch or Watch()) as push:
            yield push, partner


class TestBearer:
    async def test_is_asked_for_by_certificate_and_id_and_shown_to_the_interface(self) -> None:
        script = TokenPartner(numbered, good={"t-1"})
        async with calling(script) as (push, partner):
            reply = await push.send(MESSAGE, partner)
            assert script.served is not None
            assert (reply.status, script.served.clients) == (200, ["stafet-hub", "stafet-hub"])
        assert script.asked() == [
            {"grant_type": ["client_credentials"], "client_id": ["stafet"], "scope": ["cases decisions"]}
        ]

    async def test_is_kept_until_shortly_before_its_end(self) -> None:
        script, watch = TokenPartner(numbered, good={"t-1", "t-2"}), Watch()
        async with calling(script, watch) as (push, partner):
            await push.send(MESSAGE, partner)
            watch.seconds += 600 - MARGIN_S - 1
            await push.send(MESSAGE, partner)
            assert script.issued == 1
            watch.seconds += 1
            await push.send(MESSAGE, partner)
        assert script.issued == 2

    async def test_is_fetched_once_by_many_who_need_one(self) -> None:
        script = TokenPartner(numbered, good={"t-1"})
        async with calling(script) as (push, partner):
            replies = await asyncio.gather(*(push.send(MESSAGE, partner) for _ in range(8)))
        assert ([each.status for each in replies], script.issued) == ([200] * 8, 1)

    async def test_that_is_refused_is_renewed_once_and_the_call_repeated_once(self) -> None:
        script = TokenPartner(numbered, good={"t-2"})
        async with calling(script) as (push, partner):
            assert (await push.send(MESSAGE, partner)).status == 200
            assert (await push.send(MESSAGE, partner)).status == 200
        assert script.issued == 2

    async def test_that_is_refused_again_is_the_answer(self) -> None:
        script = TokenPartner(numbered)
        async with calling(script) as (push, partner):
            assert (await push.send(MESSAGE, partner)).status == 401
            assert script.served is not None
            assert (script.issued, len(script.served.requests)) == (2, 4)

    async def test_is_renewed_once_by_many_who_were_refused(self) -> None:
        script = TokenPartner(numbered, good={"t-1"})
        async with calling(script) as (push, partner):
            await push.send(MESSAGE, partner)
            script.good = {"t-2"}
            replies = await asyncio.gather(*(push.send(MESSAGE, partner) for _ in range(8)))
        assert ([each.status for each in replies], script.issued) == ([200] * 8, 2)


class TestTokenEndpoint:
    @pytest.mark.parametrize(
        ("answer", "error", "cause"),
        [
            (("400 Bad", "", b'{"error":"invalid_client"}'), NeedsAction, "token_refused"),
            (("401 No", "", b""), NeedsAction, "token_refused"),
            (("429 Later", "retry-after: 9\r\n", b""), Throttled, "http_429"),
            (("503 Away", "", b""), Retriable, "http_503"),
            (("302 Found", "location: https://127.0.0.1/\r\n", b""), ContractBroken, "redirect"),
            (("200 OK", "", b"<html>"), ContractBroken, "token_answer"),
            (("200 OK", "", bytes(MAX_BYTES + 1)), ContractBroken, "answer_too_large"),
        ],
    )
    async def test_that_gives_none_says_what_happens_next(
        self, answer: Answer, error: type[DeliveryError], cause: str
    ) -> None:
        script = TokenPartner(lambda _number: answer)
        async with calling(script) as (push, partner):
            with pytest.raises(error) as caught:
                await push.send(MESSAGE, partner)
            assert script.served is not None
            assert len(script.served.requests) == 1
        assert (type(caught.value), caught.value.cause) == (error, cause)

    async def test_that_hangs_leaves_the_message_unsent(self) -> None:
        authority = trustme.CA()
        async with partner_server(hangs, clients=authority) as server:
            said = {"token_endpoint": f"{server.url}/token"}
            partner = Partner("immigration", server.url, said, client_keys(authority), networks=LOOPBACK)
            async with HttpPush(server.trust, deadline_s=0.3) as push:
                with pytest.raises(Retriable, match="timeout") as caught:
                    await push.send(MESSAGE, partner)
        assert type(caught.value) is Retriable
        assert len(server.requests) == 1

    @pytest.mark.parametrize("url", ["https://elsewhere.example/token", "http://127.0.0.1/token", "token"])
    async def test_is_asked_where_the_partner_file_allows_it_only(self, url: str) -> None:
        async with partner_server(hangs) as server, HttpPush(server.trust) as push:
            partner = Partner("immigration", server.url, {"token_endpoint": url}, {}, networks=LOOPBACK)
            with pytest.raises(NeedsAction, match="address"):
                await push.send(MESSAGE, partner)

    async def test_may_stand_elsewhere_if_it_is_listed(self) -> None:
        script = TokenPartner(numbered)
        taken: Script = _takes
        async with partner_server(script) as issuer, partner_server(taken) as server:
            script.served = issuer
            issuer.trust.load_verify_locations(cadata=b"".join(server.trust.get_ca_certs(binary_form=True)))
            partner = Partner(
                "immigration", server.url, {"token_endpoint": f"{issuer.url}/token"}, {},
                egress=(issuer.url.removeprefix("https://"),), networks=LOOPBACK,
            )  # fmt: skip
            async with HttpPush(issuer.trust) as push:
                assert (await push.send(MESSAGE, partner)).status == 204
            assert b"authorization: Bearer t-1\r\n" in server.requests[0]


class TestReadToken:
    def test_takes_off_a_margin(self) -> None:
        assert read_token(_reply(token("a", expires_in=600)), 1000.0) == Token("a", 1570.0)
        assert read_token(_reply(token("a", expires_in=10)), 1000.0) == Token("a", 1008.0)

    def test_believes_a_day_at_most_and_five_minutes_if_nothing_is_said(self) -> None:
        assert read_token(_reply(token("a", expires_in=10**400)), 0.0).until == 86_370.0
        said = b'{"access_token":"a","token_type":"bearer"}'
        assert read_token(Reply(200, {}, said), 0.0).until == 270.0

    @pytest.mark.parametrize(
        "answer",
        [
            token("a\r\nhost: b"), token(""), token("ä"), token("a", token_type="mac"),
            token("a", expires_in=0), token("a", expires_in="soon"), token("a", access_token=7),
            ("200 OK", "", b"[]"),
            token("a", expires_in=float("nan")), ("200 OK", "", b"[" * 100_000),
        ],
    )  # fmt: skip
    def test_refuses_what_is_none(self, answer: Answer) -> None:
        with pytest.raises(ContractBroken, match="token_answer"):
            read_token(_reply(answer), 0.0)

    @given(st.binary() | st.dictionaries(st.text(), st.text() | st.none() | st.integers()).map(json.dumps))
    def test_never_fails_otherwise(self, said: bytes | str) -> None:
        body = said if isinstance(said, bytes) else said.encode()
        with pytest.raises(ContractBroken):
            read_token(Reply(200, {}, body), 0.0)

    def test_shows_no_token_in_a_repr(self) -> None:
        assert "secret" not in repr(Token("secret", 1.0))


def _reply(answer: Answer) -> Reply:
    status, _, body = answer
    return Reply(int(status[:3]), {}, body)


async def _takes(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 204 Taken\r\n\r\n")
