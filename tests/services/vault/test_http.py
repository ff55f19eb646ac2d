"""The vault over a real TLS socket, and what its errors give away."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
import trustme
import uvicorn
from fastapi import FastAPI

from stafet.vault.app.local import LocalVault
from stafet.vault.http import router
from stafet.vault.keyfiles import KeyFiles
from stafet_runtime.database import Database
from stafet_runtime.sealing import seal
from stafet_runtime.vaultclient import HttpVault, open_vault
from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRefusedError,
    DisclosureBlockedError,
    VaultUnavailableError,
)
from stafet_runtime.vaultwire import MAX_BODY_BYTES, RegistrationWire
from tests.services.vault.closed import ClosedVault
from tests.services.vault.consents import ADULT, given
from tests.services.vault.people import RAW, REGISTRATION, SECRETS, notice, request, status

TOKEN = "a-token-of-this-test"


@pytest.fixture
def authorities(tmp_path: Path) -> Path:
    """The test's certificate authority and a certificate of localhost, as PEM files in one folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "localhost.pem")
    return tmp_path / "ca.pem"


@pytest.fixture
async def address(vault: LocalVault, authorities: Path) -> AsyncIterator[str]:
    """A vault served over TLS on a free port."""
    application = FastAPI()
    application.include_router(router(vault, TOKEN))
    certificate = str(authorities.with_name("localhost.pem"))
    server = uvicorn.Server(
        uvicorn.Config(application, log_config=None, lifespan="off", ssl_certfile=certificate)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"https://localhost:{listener.getsockname()[1]}"
        server.should_exit = True
        await running


@pytest.fixture
async def remote(address: str, authorities: Path) -> AsyncIterator[HttpVault]:
    """A client with the right token."""
    client = open_vault(address, TOKEN, authorities)
    yield client
    await client.close()


@pytest.fixture
async def raw() -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP, with the right token, to a vault that is closed."""
    application = FastAPI()
    application.include_router(router(ClosedVault(), TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(base_url="https://vault", transport=transport, headers=headers) as client:
        yield client


class TestRoundTrip:
    """The port over the wire is the port."""

    async def test_a_sealed_message_opens(self, remote: HttpVault, key_files: KeyFiles) -> None:
        sealed = seal(key_files.seals.current.public, RAW, b"\xff context")
        assert await remote.open_message(sealed, b"\xff context") == RAW
        with pytest.raises(ValueError, match="does_not_open"):
            await remote.open_message(sealed, b"other context")

    async def test_the_key_to_seal_to_is_the_vault_s(self, remote: HttpVault, key_files: KeyFiles) -> None:
        newest = await remote.renew_seal_key([b"\xff" * 8])
        assert newest == key_files.seals.current.public.public_bytes_raw()

    async def test_what_is_registered_is_released_as_in_process(
        self, remote: HttpVault, vault: LocalVault
    ) -> None:
        stored = await remote.register(REGISTRATION)
        assert stored == await vault.register(REGISTRATION)
        for asked in (
            notice(stored),
            request(stored),
            replace(status(stored), problems=(("name", "missing"),)),
        ):
            over_the_wire, in_process = await remote.release(asked), await vault.release(asked)
            assert replace(over_the_wire, disclosure=in_process.disclosure) == in_process

    @pytest.mark.parametrize(
        ("agency", "on", "may"),
        [
            ("immigration", date(2026, 1, 1), True),
            ("immigration", date(2025, 12, 31), False),
            ("police", date(2026, 6, 1), False),
            ("nobody", date(2026, 6, 1), False),
        ],
    )
    async def test_who_may_identify_is_said_by_the_policy_and_the_day(
        self, remote: HttpVault, vault: LocalVault, agency: str, on: date, may: bool
    ) -> None:
        assert await remote.may_identify(agency, on) is await vault.may_identify(agency, on) is may

    async def test_a_refusal_keeps_its_reason(self, remote: HttpVault) -> None:
        stored = await remote.register(REGISTRATION)
        with pytest.raises(DisclosureBlockedError, match="not_accepted"):
            await remote.release(request(stored, accepted=False))

    async def test_consent_is_recorded_as_in_process(self, remote: HttpVault, vault: LocalVault) -> None:
        stored = await remote.register(ADULT)
        order = given(stored, until=datetime(2999, 1, 1, tzinfo=UTC))
        recorded = await remote.record_consent(order)
        assert recorded == await vault.record_consent(order)
        assert (recorded.case, len(recorded.consents)) == (stored.case, 1)

    async def test_a_refused_consent_keeps_its_problems(self, remote: HttpVault) -> None:
        stored = await remote.register(ADULT)
        with pytest.raises(ConsentRefusedError) as refused:
            await remote.record_consent(given(stored, recipients=("Zorabelle",), how=None))
        assert [field for field, _ in refused.value.problems] == ["recipients", "how"]
        said = ConsentOrder("given", "police", "message-2", groups=("Zorabelle",))
        with pytest.raises(ConsentRefusedError, match="groups: unknown"):
            await remote.register(replace(ADULT, message="message-2", consents=(said,)))

    async def test_a_vault_without_database_is_unavailable(
        self, remote: HttpVault, database: Database
    ) -> None:
        await database.close()
        with pytest.raises(VaultUnavailableError, match="503 unavailable"):
            await remote.register(REGISTRATION)


class TestRouter:
    """Who gets in, and what errors say."""

    @pytest.mark.parametrize(
        "shown", ["", TOKEN, "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", "Bearer \u00e6"]
    )
    @pytest.mark.parametrize("operation", ["open", "register", "consent", "release"])
    async def test_a_wrong_token_gets_401_and_nothing_else(
        self, raw: httpx.AsyncClient, operation: str, shown: str
    ) -> None:
        body = RegistrationWire(registration=REGISTRATION).model_dump_json()
        headers = {b"Authorization": shown.encode()}
        answer = await raw.post(f"/vault/v1/{operation}", content=body, headers=headers)
        assert answer.status_code == 401
        assert not any(secret in answer.text for secret in SECRETS)

    @pytest.mark.parametrize(
        ("operation", "body", "fields"),
        [
            ("register", b"Zorabelle", ["body"]),
            ("register", b'{"registration": "Zorabelle"}', ["registration"]),
            ("register", b'{"Zorabelle": 1}', ["body", "registration"]),
            (
                "register",
                b"""{"registration": {"agency": {"Zorabelle": 1}, "message": ["Quistgaard"], "reference": 7,
                "values": {"Zorabelle": {}, "identity": {"Quistgaard": {"a": 1}}}, "raw": "***"}}""",
                ["agency", "message", "raw", "reference", "values"],
            ),
            ("release", b'{"request": {"case": {"Zorabelle": "Quistgaard"}}}', ["case", "delivery"]),
            (
                "consent",
                b"""{"order": {"statement": {"Zorabelle": 1}, "groups": "Quistgaard", "by": ["Zorabelle"],
                "agency": "police", "message": "m"}}""",
                ["statement", "groups", "by"],
            ),
            ("open", b'{"sealed": "Zorabelle!", "context": 1}', ["context", "sealed"]),
        ],
    )
    async def test_a_malformed_body_gets_422_with_our_field_names_only(
        self, raw: httpx.AsyncClient, operation: str, body: bytes, fields: list[str]
    ) -> None:
        answer = await raw.post(f"/vault/v1/{operation}", content=body)
        assert answer.status_code == 422
        named = {name.rsplit(".", 1)[-1] for name in json.loads(answer.content)["fields"]}
        assert set(fields) <= named
        assert not any(secret in answer.text for secret in SECRETS)

    async def test_a_body_above_the_limit_gets_413(self, raw: httpx.AsyncClient) -> None:
        answer = await raw.post("/vault/v1/open", content=b" " * (MAX_BODY_BYTES + 1))
        assert answer.status_code == 413

    async def test_an_unavailable_vault_says_when_to_come_back(self, raw: httpx.AsyncClient) -> None:
        body = RegistrationWire(registration=REGISTRATION).model_dump_json()
        answer = await raw.post("/vault/v1/register", content=body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert not any(secret in answer.text for secret in SECRETS)


class TestClient:
    """What the caller is told when it gets no answer from a vault."""

    async def test_a_wrong_token_is_unavailable_and_names_the_remedy(
        self, address: str, authorities: Path
    ) -> None:
        client = open_vault(address, "wrong", authorities)
        with pytest.raises(VaultUnavailableError, match=r"401 .*token"):
            await client.register(REGISTRATION)
        await client.close()

    async def test_a_vault_of_another_authority_is_not_trusted(self, address: str, tmp_path: Path) -> None:
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
        client = open_vault(address, TOKEN, tmp_path / "other.pem")
        with pytest.raises(VaultUnavailableError, match="check its address, certificate"):
            await client.register(REGISTRATION)
        await client.close()
