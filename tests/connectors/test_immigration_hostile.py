"""Whoever is not let in: certificates and tokens of others, altered tokens; and a service that goes mad."""

import base64
import json
import ssl
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from stafet_connectors.immigration import connector
from stafet_connectors.immigration.simulator_tokens import (
    Client,
    Issuer,
    TokenRefusedError,
    thumbprint,
    thumbprints,
)
from stafet_sdk.errors import ContractBroken
from stafet_sdk.polling import HttpPoll
from stafet_sdk.server import serve
from stafet_sdk.transport import HttpPush
from tests.fakes.immigration_hub import furnished
from tests.fakes.immigration_service import Service, client, running, token_of

MEGABYTE = 1024 * 1024
REFUSED = (httpx.TransportError, ssl.SSLError)
Files = tuple[Path, Path]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("immigration")
    with running(home) as found:
        yield found


def issued(authority: trustme.CA, folder: Path, *, until: datetime | None = None) -> Files:
    """Write a client certificate with its key."""
    made = authority.issue_cert("hub.example", not_after=until)
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
    files[1].write_bytes(made.private_key_pem.bytes())
    return files


def asked(service: Service, files: Files, token: str) -> httpx.Response:
    """Ask what changed, with a certificate and a token."""
    with client(service.hub, files) as asking:
        return asking.get("/v1/changes", headers={"authorization": f"Bearer {token}"})


class TestCertificates:
    def test_without_one_nothing_is_answered(self, service: Service) -> None:
        with client(service.hub, None) as asking, pytest.raises(REFUSED):
            asking.get("/v1/changes", headers=service.authorised)

    def test_of_another_authority_is_refused(self, service: Service, tmp_path: Path) -> None:
        with pytest.raises(REFUSED):
            asked(service, issued(trustme.CA(), tmp_path), service.token)

    def test_that_has_expired_is_refused(self, service: Service, tmp_path: Path) -> None:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        with pytest.raises(REFUSED):
            asked(
                service, issued(service.hub.development.authority, tmp_path, until=yesterday), service.token
            )

    def test_that_is_not_registered_gets_no_token(self, service: Service, tmp_path: Path) -> None:
        stranger = issued(service.hub.development.authority, tmp_path)
        with pytest.raises(httpx.HTTPStatusError) as caught:
            token_of(service.hub, stranger)
        assert caught.value.response.json()["error"] == "invalid_client"

    def test_of_one_client_gets_no_token_of_another(self, service: Service) -> None:
        with pytest.raises(httpx.HTTPStatusError):
            token_of(service.hub, service.certificate, "somebody-else")


class TestTokens:
    def test_lasts_ten_minutes_at_most_and_names_the_certificate(self, service: Service) -> None:
        with client(service.hub, service.certificate) as asking:
            form = {
                "grant_type": "client_credentials",
                "client_id": service.hub.partner.identifiers["client_id"],
            }
            answer = asking.post("/oauth/token", data=form)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["expires_in"] <= 600
        claims = json.loads(_unpadded(answer.json()["access_token"].split(".")[1]))
        hashes = thumbprints(service.certificate[0].read_bytes())
        assert claims["cnf"]["x5t#S256"] in hashes
        assert claims["exp"] - claims["iat"] <= 600

    def test_that_was_stolen_opens_nothing_over_another_certificate(
        self, service: Service, tmp_path: Path
    ) -> None:
        other = issued(service.hub.development.authority, tmp_path)
        answer = asked(service, other, service.token)
        assert (answer.status_code, answer.json()) == (401, {"errorCode": 40101})

    def test_that_was_altered_opens_nothing(self, service: Service) -> None:
        header, claims, signature = service.token.split(".")
        longer = json.loads(_unpadded(claims)) | {"exp": 9_999_999_999}
        unsigned = _padded(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())
        for altered in (
            f"{header}.{_padded(json.dumps(longer).encode())}.{signature}",
            f"{unsigned}.{claims}.",
            f"{header}.{claims}",
            "x",
        ):
            answer = asked(service, service.certificate, altered)
            assert (answer.status_code, answer.json()) == (401, {"errorCode": 40100})
            assert "invalid_token" in answer.headers["www-authenticate"]

    def test_opens_no_more_than_its_scope(self, service: Service) -> None:
        named = service.hub.partner.identifiers["client_id"]
        form = {"grant_type": "client_credentials", "client_id": named, "scope": "immigration.referral.write"}
        with client(service.hub, service.certificate) as asking:
            token = asking.post("/oauth/token", data=form).json()["access_token"]
        assert asked(service, service.certificate, token).json() == {"errorCode": 40300}

    def test_of_a_scope_that_there_is_not_is_not_issued(self, service: Service) -> None:
        named = service.hub.partner.identifiers["client_id"]
        form = {"grant_type": "client_credentials", "client_id": named, "scope": "everything"}
        with client(service.hub, service.certificate) as asking:
            assert asking.post("/oauth/token", data=form).json()["error"] == "invalid_scope"

    def test_of_another_issuer_or_after_its_end_is_refused(self) -> None:
        certificate = b"a certificate"
        clients = {"hub": Client("hub", frozenset({thumbprint(certificate)}))}
        issuer = Issuer("https://us.example", clients, lambda _: False)
        stranger = Issuer("https://us.example", clients, lambda _: False)
        _, answer = issuer.issue({"grant_type": "client_credentials", "client_id": "hub"}, certificate)
        token = answer["access_token"]
        assert issuer.check(token, certificate, "immigration.change.read") == "hub"
        with pytest.raises(TokenRefusedError, match="40100"):
            stranger.check(token, certificate, "immigration.change.read")
        issuer.revoke_all()
        with pytest.raises(TokenRefusedError, match="40100"):
            issuer.check(token, certificate, "immigration.change.read")


class TestBodies:
    def test_that_are_too_large_are_refused(self, service: Service) -> None:
        headers = {**service.authorised, "content-type": "application/json", "x-requestId": "0123456789"}
        with client(service.hub, service.certificate) as asking:
            answer = asking.post("/v1/referrals", content=b"x" * MEGABYTE, headers=headers)
        assert answer.json() == {"errorCode": 40000}

    @pytest.mark.parametrize(
        "body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"purpose":1,"purpose":2}', b"\xff"]
    )
    def test_that_are_no_json_object_are_refused(self, service: Service, body: bytes) -> None:
        headers = {**service.authorised, "content-type": "application/json", "x-requestId": "0123456789"}
        with client(service.hub, service.certificate) as asking:
            assert asking.post("/v1/referrals", content=body, headers=headers).status_code == 400


async def test_a_page_of_a_hundred_megabytes_is_not_read(tmp_path: Path) -> None:
    hub = furnished(tmp_path)
    own = tmp_path / "simulators" / "immigration"
    sent = [0]

    async def page(incoming: Request) -> StreamingResponse:
        async def chunks() -> AsyncGenerator[bytes]:
            yield b'{"items":['
            for _ in range(100):
                if await incoming.is_disconnected():
                    return
                sent[0] += 1
                yield b" " * MEGABYTE

        return StreamingResponse(chunks(), media_type="application/json")

    app = Starlette(routes=[Route("/v1/changes", page)])
    files = own / "tls_certificate.pem", own / "tls_key.pem"
    open_partner = replace(hub.partner, identifiers={})
    async with serve(app, "127.0.0.1", hub.port, *files), HttpPush(hub.trust(), deadline_s=20) as push:
        source = HttpPoll(connector, open_partner, push, lambda: datetime.now(UTC))
        with pytest.raises(ContractBroken, match="answer_too_large"):
            await source.fetch("")
    assert sent[0] < 20


def _padded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
