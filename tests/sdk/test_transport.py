"""HTTPS push against a badly behaved partner on a real socket."""

import asyncio
import gzip
import socket
import time
from dataclasses import replace

import pytest

from stafet_sdk.contract import Outbound, Partner, Reply
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction, Retriable, Unknown
from stafet_sdk.transport import MAX_ANSWER_BYTES, HttpPush, Push
from tests.fakes.partner_server import (
    LOOPBACK,
    Flood,
    PartnerServer,
    Script,
    answers,
    answers_twice,
    babbles,
    breaks_off,
    drips,
    hangs,
    partner_server,
    resets,
)

MESSAGE = Outbound({"content-type": "text/plain", "webhook-id": "d-1"}, b"Zuzanna Proevesen", "/in")


def partner(url: str) -> Partner:
    """Configure a partner at an address."""
    return Partner("redcross", url, {}, {}, networks=LOOPBACK)


async def push(script: Script, *, deadline_s: float = 5.0) -> tuple[Reply, PartnerServer]:
    """Send MESSAGE to a server that behaves as scripted."""
    async with partner_server(script) as server, HttpPush(server.trust, deadline_s=deadline_s) as transport:
        return await transport.send(MESSAGE, partner(server.url)), server


async def failure(script: Script, *, deadline_s: float = 5.0) -> DeliveryError:
    """Send MESSAGE and have it fail, without a value in the error or in what it came from."""
    with pytest.raises(DeliveryError) as caught:
        await push(script, deadline_s=deadline_s)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


class TestSend:
    async def test_posts_headers_and_body_to_endpoint_and_path(self) -> None:
        reply, server = await push(answers("202 Accepted", "X-Receipt: r-1\r\n", b"{}"))
        assert (reply.status, reply.headers["x-receipt"], reply.body) == (202, "r-1", b"{}")
        (request,) = server.requests
        assert request.startswith(b"POST /in HTTP/1.1\r\n")
        assert request.endswith(b"\r\n\r\nZuzanna Proevesen")
        assert b"webhook-id: d-1\r\n" in request

    async def test_passes_on_any_status_and_html_for_the_connector_to_judge(self) -> None:
        for status, kind in (("500 Oh", "text/plain"), ("429 Later", "text/plain"), ("200 OK", "text/html")):
            reply, _ = await push(answers(status, f"content-type: {kind}\r\nretry-after: 3\r\n", b"<p>"))
            assert (str(reply.status), reply.headers["content-type"]) == (status[:3], kind)

    async def test_follows_no_redirect(self) -> None:
        reply, server = await push(answers("307 Moved", "location: /elsewhere\r\n"))
        assert (reply.status, len(server.requests)) == (307, 1)

    async def test_uses_one_connection_for_several_messages(self) -> None:
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as transport:
            replies = [await transport.send(MESSAGE, partner(server.url)) for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 200]

    async def test_never_takes_a_second_answer_for_that_of_the_next_message(self) -> None:
        async with (
            partner_server(answers_twice) as server,
            HttpPush(server.trust) as transport,
        ):
            replies = [await transport.send(MESSAGE, partner(server.url)) for _ in range(5)]
        assert ([reply.status for reply in replies], len(server.requests)) == ([200] * 5, 5)

    async def test_uses_no_proxy_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        reply, _ = await push(answers("200 OK"))
        assert reply.status == 200

    async def test_satisfies_the_port(self) -> None:
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as transport:
            port: Push = transport
            assert (await port.send(MESSAGE, partner(server.url))).status == 200


class TestPace:
    async def test_is_the_partners_own(self) -> None:
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as transport:
            slow = replace(partner(server.url), rate_per_s=20)
            start = time.monotonic()
            await asyncio.gather(*(transport.send(MESSAGE, slow) for _ in range(4)))
            assert time.monotonic() - start >= 3 / 20
            assert len(server.requests) == 4

    async def test_is_no_part_of_the_deadline(self) -> None:
        async with (
            partner_server(answers("200 OK")) as server,
            HttpPush(server.trust, deadline_s=0.5) as transport,
        ):
            slow = replace(partner(server.url), rate_per_s=1.5)
            replies = await asyncio.gather(*(transport.send(MESSAGE, slow) for _ in range(2)))
        assert [each.status for each in replies] == [200, 200]


class TestDeadline:
    @pytest.mark.parametrize("script", [drips, hangs])
    async def test_ends_a_slow_answer_as_a_whole(self, script: Script) -> None:
        start = time.monotonic()
        error = await failure(script, deadline_s=0.3)
        assert (type(error), error.cause) == (Unknown, "timeout")
        assert time.monotonic() - start < 3

    async def test_ends_a_handshake_that_never_comes(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            async with partner_server(hangs) as server, HttpPush(server.trust, deadline_s=0.3) as transport:
                with pytest.raises(Retriable, match="timeout") as caught:
                    await transport.send(MESSAGE, partner(f"https://127.0.0.1:{mute.getsockname()[1]}"))
        assert type(caught.value) is Retriable

    async def test_being_cancelled_is_not_a_failed_delivery(self) -> None:
        async with partner_server(hangs) as server, HttpPush(server.trust) as transport:
            sending = asyncio.create_task(transport.send(MESSAGE, partner(server.url)))
            while not server.requests:
                await asyncio.wait([sending], timeout=0.01)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending


class TestSize:
    async def test_stops_reading_a_flood(self) -> None:
        flood = Flood()
        error = await failure(flood)
        assert (type(error), error.cause) == (ContractBroken, "answer_too_large")
        # What the sockets' buffers swallowed, not the whole.
        assert flood.sent < 20_000_000

    async def test_takes_the_largest_answer_allowed_and_not_a_byte_more(self) -> None:
        reply, _ = await push(answers("200 OK", "", bytes(MAX_ANSWER_BYTES)))
        assert len(reply.body) == MAX_ANSWER_BYTES
        assert (await failure(answers("200 OK", "", bytes(MAX_ANSWER_BYTES + 1)))).cause == "answer_too_large"

    async def test_does_not_unpack_what_it_did_not_ask_for(self) -> None:
        packed = gzip.compress(bytes(50_000_000))
        error = await failure(answers("200 OK", "content-encoding: gzip\r\n", packed))
        assert (type(error), error.cause) == (ContractBroken, "compressed_answer")

    async def test_asks_for_an_answer_that_is_not_compressed(self) -> None:
        _, server = await push(answers("200 OK", "content-encoding: identity\r\n"))
        assert b"accept-encoding: identity\r\n" in server.requests[0]


class TestFailure:
    @pytest.mark.parametrize("script", [resets, babbles, breaks_off, answers("200 OK", "x: y\r\n" * 50_000)])
    async def test_a_broken_answer_is_tried_again(self, script: Script) -> None:
        error = await failure(script)
        assert (type(error), error.cause) == (Unknown, "broken_answer")

    async def test_nobody_there_is_tried_again(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        async with partner_server(hangs) as server, HttpPush(server.trust) as transport:
            with pytest.raises(Retriable, match="connect"):
                await transport.send(MESSAGE, partner(f"https://127.0.0.1:{port}"))

    async def test_a_certificate_of_another_authority_needs_action(self) -> None:
        async with partner_server(hangs) as trusted, partner_server(answers("200 OK")) as stranger:
            async with HttpPush(trusted.trust) as transport:
                with pytest.raises(NeedsAction, match="certificate"):
                    await transport.send(MESSAGE, partner(stranger.url))
            assert not stranger.requests

    async def test_another_host_name_needs_action(self) -> None:
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as transport:
            with pytest.raises(NeedsAction, match="certificate"):
                await transport.send(MESSAGE, partner(server.url.replace("127.0.0.1", "localhost")))

    @pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ftp://x", "", "https://"])
    async def test_an_address_that_is_no_https_url_needs_action(self, url: str) -> None:
        async with partner_server(hangs) as server, HttpPush(server.trust) as transport:
            with pytest.raises(NeedsAction, match="address"):
                await transport.send(replace(MESSAGE, path=""), partner(url))
