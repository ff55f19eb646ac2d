"""The vault's client against partners that are no vault."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from stafet_runtime.vaultclient import HttpVault, open_vault
from stafet_runtime.vaultport import VaultUnavailableError


class TestHttpVault:
    """Answers that are not the vault's."""

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(200, text="<html>It works</html>"),
            httpx.Response(200, json={"raw": 1}),
            httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
            httpx.Response(404, text="not here"),
            httpx.Response(409, text="conflict"),
            httpx.Response(429),
            httpx.Response(500, text="Zorabelle"),
        ],
    )
    async def test_they_make_the_vault_unavailable_without_repeating_them(
        self, answer: httpx.Response
    ) -> None:
        client = httpx.AsyncClient(base_url="https://vault", transport=httpx.MockTransport(lambda _: answer))
        vault = HttpVault(client)
        with pytest.raises(VaultUnavailableError) as failure:
            await vault.open_message(b"sealed", b"context")
        assert "Zorabelle" not in str(failure.value)
        await vault.close()

    async def test_silence_ends_at_the_deadline(self) -> None:
        async def never(_: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        client = httpx.AsyncClient(base_url="https://vault", transport=httpx.MockTransport(never))
        vault = HttpVault(client, deadline_s=0.01)
        with pytest.raises(VaultUnavailableError, match="TimeoutError"):
            await vault.open_message(b"sealed", b"context")
        await vault.close()

    async def test_nobody_there_makes_the_vault_unavailable(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        client = HttpVault(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False))
        with pytest.raises(VaultUnavailableError, match="ConnectError"):
            await client.open_message(b"sealed", b"context")
        await client.close()


class TestOpenVault:
    """Connecting."""

    def test_an_address_in_clear_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="https only"):
            open_vault("http://vault:8000", "token", tmp_path / "ca.pem")
