"""What a partner may answer to hurt the hub: nothing of it is followed, unpacked, believed or kept."""

import gzip
import tracemalloc
from dataclasses import replace

import pytest

from stafet_connectors.redcross import connector as redcross
from stafet_sdk.contract import Connector, Outbound, Partner
from stafet_sdk.errors import ContractBroken, NeedsAction, Retriable, Unknown
from stafet_sdk.transport import HttpPush, PushByTransport
from tests.fakes.partner_server import (
    LOOPBACK,
    Flood,
    Script,
    Writer,
    answers,
    answers_unread,
    partner_server,
)
from tests.fakes.polled import PolledConnector

MESSAGE = Outbound({}, b"hello", "/in")
BOUND_BYTES = 4_000_000
"""Of what an answer may cost: the limit of it, sockets' buffers on both sides, and the server of the test."""


async def cost(script: Script, method: str, cause: str) -> int:
    """Have an answer refused; return how many bytes were in use at most because of it."""
    async with partner_server(script) as server, HttpPush(server.trust, deadline_s=10) as push:
        partner = Partner("redcross", server.url, {}, {}, networks=LOOPBACK)
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            with pytest.raises(ContractBroken, match=cause):
                await push.send(replace(MESSAGE, method=method), partner)
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()


async def announces_100_mb(writer: Writer) -> None:
    """Say how much it is, and send it."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
    chunk = bytes(0x10000)
    for _ in range(100_000_000 // len(chunk)):
        writer.write(chunk)
        await writer.drain()


class TestMemory:
    @pytest.mark.parametrize("method", ["POST", "GET"])
    async def test_is_bounded_under_a_flood(self, method: str) -> None:
        assert await cost(Flood(), method, "answer_too_large") < BOUND_BYTES
        assert await cost(announces_100_mb, method, "answer_too_large") < BOUND_BYTES

    async def test_is_bounded_under_a_gzip_bomb(self) -> None:
        packed = gzip.compress(bytes(100_000_000))
        bomb = answers("200 OK", "content-encoding: gzip\r\n", packed)
        assert await cost(bomb, "GET", "compressed_answer") < BOUND_BYTES


class TestAnswer:
    @pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip"])
    async def test_that_is_compressed_is_refused(self, coding: str) -> None:
        assert await cost(answers("200 OK", f"content-encoding: {coding}\r\n"), "POST", "compressed_answer")


class TestAddress:
    async def test_that_is_private_is_not_connected_to_by_any_name(self) -> None:
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as push:
            port = server.url.rpartition(":")[2]
            for host in ("127.0.0.1", "localhost", "0x7f000001"):
                with pytest.raises(NeedsAction, match="address_not_allowed"):
                    await push.send(MESSAGE, Partner("redcross", f"https://{host}:{port}", {}, {}))
            assert server.requests == []

    async def test_behind_a_redirect_is_not_gone_to(self) -> None:
        async with partner_server(answers("200 OK")) as inner:
            away = answers("307 Moved", f"location: {inner.url}/in\r\n")
            async with partner_server(away) as server, HttpPush(server.trust) as push:
                partner = Partner("redcross", server.url, {}, {}, networks=LOOPBACK)
                assert (await push.send(MESSAGE, partner)).status == 307
            assert (len(server.requests), inner.requests) == (1, [])


class TestUnknown:
    async def test_is_said_only_of_a_request_that_left_whole(self) -> None:
        small, large = MESSAGE, replace(MESSAGE, body=bytes(32_000_000))
        for message, error in ((small, Unknown), (large, Retriable)):
            async with answers_unread(b"") as server, HttpPush(server.trust, deadline_s=0.5) as push:
                partner = Partner("redcross", server.url, {}, {}, networks=LOOPBACK)
                with pytest.raises(Retriable, match="timeout") as caught:
                    await push.send(message, partner)
                assert type(caught.value) is error


class TestLargeMessage:
    async def test_arrives_whole_over_a_connection_that_is_kept(self) -> None:
        message = replace(MESSAGE, body=bytes(4_000_000))
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as push:
            partner = Partner("redcross", server.url, {}, {}, networks=LOOPBACK)
            assert [(await push.send(message, partner)).status for _ in range(3)] == [200] * 3
        assert [each.partition(b"\r\n\r\n")[2] for each in server.requests] == [message.body] * 3
        assert server.connections == 1

    async def test_that_is_refused_before_it_was_read_is_refused(self) -> None:
        async with answers_unread(b"HTTP/1.1 413 Large\r\ncontent-length: 0\r\n\r\n") as server:
            async with HttpPush(server.trust, deadline_s=5) as push:
                partner = Partner("redcross", server.url, {}, {}, networks=LOOPBACK)
                message = replace(MESSAGE, body=bytes(32_000_000))
                assert [(await push.send(message, partner)).status for _ in range(2)] == [413] * 2
            assert server.connections == 2


class TestPushByTransport:
    async def test_takes_the_transport_that_the_manifest_names(self) -> None:
        connectors: dict[str, Connector] = {"redcross": redcross, "immigration": PolledConnector()}
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as http:
            push = PushByTransport({"webhook": http}, connectors)
            partner = Partner("redcross", server.url, {}, {}, networks=LOOPBACK)
            assert (await push.send(MESSAGE, partner)).status == 200
            with pytest.raises(NeedsAction, match="no_transport"):
                await push.send(MESSAGE, replace(partner, agency="immigration"))
