"""The simulators' SFTP server, as it ends."""

import asyncio
import socket
from pathlib import Path

import pytest

from stafet_sdk.development import ssh_key_pair
from stafet_sdk.sftpserver import serve_sftp


class TestTheEnd:
    @pytest.mark.parametrize("turns", range(6))
    async def test_leaves_nobody_on_the_line_who_came_in_at_that_moment(
        self, tmp_path: Path, turns: int
    ) -> None:
        key, _ = ssh_key_pair("host")

        async with serve_sftp(tmp_path, key, {}) as port:
            caller = socket.create_connection(("127.0.0.1", port))
            for _ in range(turns):
                await asyncio.sleep(0)

        with caller:
            caller.settimeout(0)
            async with asyncio.timeout(5):
                heard = await _heard(caller)
        assert not heard or heard.startswith(b"SSH-2.0-Stafet_simulator")


async def _heard(caller: socket.socket) -> bytes:
    """Listen until the other side hangs up, with or without a word."""
    loop, heard = asyncio.get_running_loop(), b""
    try:
        while piece := await loop.sock_recv(caller, 1_000):
            heard += piece
    except ConnectionResetError:
        pass
    return heard
