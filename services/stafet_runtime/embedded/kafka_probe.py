"""Does a Kafka broker answer, and which cluster is it?"""

import asyncio
import struct
from typing import Final

METADATA_KEY: Final = 3
METADATA_VERSION: Final = 2
ANSWER_SECONDS: Final = 2.0


async def read_cluster_id(bootstrap: str) -> str | None:
    """Return the id of the cluster that answers at `host:port` with a live broker in it, None when none does.

    Speaks one Metadata request (version 2, no topics) of the Kafka protocol itself: a client library would
    log an error for every try while a broker starts.
    """
    host, port = bootstrap.rsplit(":", 1)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                return _parse(await _ask(reader, writer))
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError, struct.error, UnicodeDecodeError):
        return None


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    client = b"stafet-probe"
    header = struct.pack(">hhih", METADATA_KEY, METADATA_VERSION, 1, len(client)) + client
    request = header + struct.pack(">i", 0)
    writer.write(struct.pack(">i", len(request)) + request)
    (length,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(length)


def _parse(answer: bytes) -> str | None:
    """Skip the brokers (id, host, port, rack) and return the cluster id; None without a live broker."""
    _, brokers = struct.unpack_from(">ii", answer)
    position = 8
    for _ in range(brokers):
        _, position = _text(answer, position + 4)
        _, position = _text(answer, position + 4)
    cluster, _ = _text(answer, position)
    return cluster if brokers else None


def _text(answer: bytes, position: int) -> tuple[str | None, int]:
    """Return a nullable string of the protocol (16-bit length, -1 for null) and the position after it."""
    (length,) = struct.unpack_from(">h", answer, position)
    start = position + 2
    return (None, start) if length < 0 else (answer[start : start + length].decode(), start + length)
