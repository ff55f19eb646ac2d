"""A hundred megabytes for the SOAP inbox, on a TLS socket: refused early, not kept; the next one is read."""

import asyncio
import contextlib
import ssl
import tracemalloc
from typing import Final

import pytest

from stafet.gateway.settings import GatewaySettings
from stafet_connectors.police.simulator_messages import client_identity, headers
from stafet_sdk.simulator import SimulatorOptions
from tests.walk.police_desk import desk, planned
from tests.walk.whole_hub import WholeHub

WHOLE: Final = 100_000_000
BLOCK: Final = 64 * 1024
LARGEST: Final = GatewaySettings.model_fields["max_body_bytes"].default
READ: Final = 20 * LARGEST
"""How much may have left us when the answer is there, a fifth of it all: what the hub reads of a message,
what it drops for a moment after its answer (twice as much), and what the kernel's buffers hold between us."""
HELD: Final = 8 * LARGEST
"""How much memory Python may take meanwhile, here and in the hub, which is in this process: a body up to the
bound while it grows (a buffer and the larger one that it is copied to), and blocks under way. Bodies are
bytes of Python, so that `tracemalloc` sees them, and it sees nothing of what was there before."""


class Sender:
    """Sends a body without end on one connection, until the hub has answered or hung up."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.sent = 0

    async def post(self, path: str, framing: str) -> bytes:
        """Send a request with `framing`; return all that the hub says."""
        said = {"host": "hub.example", **headers(None)}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), framing]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        answered = asyncio.create_task(self._listen())
        with contextlib.suppress(ConnectionError):
            while self.sent < WHOLE and not answered.done():
                await self._block(chunked="chunked" in framing)
        return await answered

    async def _block(self, *, chunked: bool) -> None:
        block = b" " * BLOCK
        self._writer.write(b"%x\r\n%s\r\n" % (BLOCK, block) if chunked else block)
        await self._writer.drain()
        self.sent += BLOCK
        await asyncio.sleep(0)

    async def _listen(self) -> bytes:
        found = bytearray()
        with contextlib.suppress(ConnectionError):
            while piece := await self._reader.read(BLOCK):
                found += piece
        return bytes(found)


class TestAHundredMegabytes:
    @pytest.mark.parametrize("framing", [f"content-length: {WHOLE}", "transfer-encoding: chunked"])
    async def test_are_refused_early_without_being_kept_and_the_next_message_is_taken(
        self, hub: WholeHub, framing: str
    ) -> None:
        options = SimulatorOptions("police", hub.home, hub.gateway, 0)
        context = ssl.create_default_context(cafile=hub.home / "pki" / "ca.pem")
        context.load_cert_chain(*client_identity(options))
        async with hub.up(("gateway", "vault")), desk(hub) as clerk:
            before = await clerk.send(planned(1)[0])
            port = hub.settings.gateway_port
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            sender = Sender(reader, writer)
            tracemalloc.start()
            try:
                answer = await sender.post("/agencies/police/inbox", framing)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
                writer.transport.abort()
            after = await clerk.send(planned(2)[0])

        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"Fault>" in answer
        assert b"too_large" in answer
        assert sender.sent < READ
        assert peak < HELD
        assert [each.code for each in (before, after)] == ["MODTAGET", "MODTAGET"]
        kept = await hub.rows("select message from gateway.messages")
        assert {each["message"] for each in kept} == {planned(seed)[0].transaction for seed in (1, 2)}
