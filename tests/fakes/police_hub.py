"""A hub for the simulated police: the real connector behind a real TLS server, with an inbox in memory."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import trustme
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from stafet_connectors.police import connector
from stafet_connectors.police.mapping import Meaning
from stafet_sdk.contract import Accepted, Answered, Outcome, Partner, Request, Unavailable
from stafet_sdk.errors import InboundRefused, MappingError
from stafet_sdk.server import Clients, client_certificate, serve
from stafet_sdk.simulator import SimulatorOptions, trusting_client
from tests.fakes.partner_server import LOOPBACK

IDENTIFIERS = {
    "cvr": "10000001",
    "uuid": "6b1f3a52-0000-4000-8000-000000000001",
    "hub_cvr": "10000002",
    "hub_uuid": "5c0a1f60-0000-4000-8000-000000000001",
    "agency_redcross": "7c1f0a52-0000-4000-8000-00000000ac01",
    "services_redcross": "accommodation health",
    "kle_health": "29.00.00",
}


@dataclass
class PoliceHub:
    """Accepts like the gateway: the same id with the same content once, with other content never.

    `unavailable` counts down: so many requests are answered 503 first.
    """

    home: Path
    partner: Partner
    unavailable: int = 0
    url: str = ""
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    bodies: dict[str, bytes] = field(default_factory=dict[str, bytes])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    untrusted: list[str] = field(default_factory=list[str])
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: HttpRequest) -> Response:
        """Answer one request to the inbox."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        shown = client_certificate(request.scope)
        given = Request(request.method, request.url.path, headers, await request.body(), shown)
        outcome = self.outcome(given)
        if isinstance(outcome, Answered):
            return Response(outcome.reply.body, outcome.reply.status, dict(outcome.reply.headers))
        self.outcomes.append(outcome)
        reply = connector.reply(outcome, given, self.partner, datetime.now(UTC))
        async with self.changed:
            self.changed.notify_all()
        return Response(reply.body, reply.status, dict(reply.headers))

    def outcome(self, request: Request) -> Outcome | Answered:
        """Decide about one request."""
        if self.unavailable:
            self.unavailable -= 1
            return Unavailable(retry_after=0)
        now = datetime.now(UTC)
        try:
            envelope = connector.accept(request, self.partner, now)
        except InboundRefused as refused:
            return refused
        if isinstance(envelope, Answered):
            return envelope
        again = envelope.message_id in self.contents
        if self.contents.setdefault(envelope.message_id, envelope.content) != envelope.content:
            return InboundRefused("conflict", "the same id with other content", status=409)
        self.bodies.setdefault(envelope.message_id, request.body)
        return Accepted(envelope.message_id, envelope.message_id, now, again)

    def drafts(self) -> dict[str, Meaning | MappingError]:
        """Translate everything that was accepted, by message."""
        found: dict[str, Meaning | MappingError] = {}
        for message, body in self.bodies.items():
            try:
                found[message] = connector.to_hub(body, self.partner)
            except MappingError as error:
                found[message] = error
        return found

    def client(self) -> httpx.AsyncClient:
        """Make a client that shows what the hub shows the police."""
        own = self.home / "hub"
        return trusting_client(self.home, identity=(own / "client_certificate.pem", own / "client_key.pem"))

    def options(
        self, *, referrals: int = 0, rate: float | None = None, faults: tuple[str, ...] = ()
    ) -> SimulatorOptions:
        """Say how to run the police against this hub, on a free port."""
        return SimulatorOptions("police", self.home, self.url, 0, 3, referrals, faults, rate)


def make_home(home: Path) -> Partner:
    """Write the files of both sides below `home`, as the development keys command does."""
    authority = trustme.CA()
    own = home / "simulators" / "police"
    for folder in (home / "pki", own, home / "hub"):
        folder.mkdir(parents=True)
    authority.cert_pem.write_to_path(str(home / "pki" / "ca.pem"))
    police, hub = (authority.issue_cert(f"{name}.example") for name in ("police", "hub"))
    for folder, prefix in ((own, "tls_"), (home / "hub", "tls_")):
        tls = authority.issue_cert("127.0.0.1")
        tls.private_key_pem.write_to_path(str(folder / f"{prefix}key.pem"))
        (folder / f"{prefix}certificate.pem").write_bytes(
            b"".join(each.bytes() for each in tls.cert_chain_pems)
        )
    client = authority.issue_cert("police-client.example")
    years = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    old = authority.issue_cert("police.example", not_before=years[0], not_after=years[1])
    old_client = authority.issue_cert("police-client.example", not_before=years[0], not_after=years[1])
    stranger = trustme.CA().issue_cert("police-client.example")
    pairs = {
        "": police,
        "client_": client,
        "expired_": old,
        "expired_client_": old_client,
        "stranger_": stranger,
    }
    for prefix, issued in pairs.items():
        (own / f"{prefix}key.pem").write_bytes(issued.private_key_pem.bytes())
        (own / f"{prefix}certificate.pem").write_bytes(issued.cert_chain_pems[0].bytes())
    (own / "hub_certificate.pem").write_bytes(hub.cert_chain_pems[0].bytes())
    hub_client = authority.issue_cert("hub-client.example")
    for folder, name in ((own, "hub_tls_certificate.pem"), (home / "hub", "client_certificate.pem")):
        (folder / name).write_bytes(hub_client.cert_chain_pems[0].bytes())
    hub_client.private_key_pem.write_to_path(str(home / "hub" / "client_key.pem"))
    old_der = ssl.PEM_cert_to_DER_cert(old.cert_chain_pems[0].bytes().decode())
    (own / "expired_certificate.der").write_bytes(old_der)
    lines = (f'{name} = "{value}"\n' for name, value in IDENTIFIERS.items())
    (own / "identifiers.toml").write_text("".join(lines), encoding="utf-8")
    keys = {
        "partner_certificate": police.cert_chain_pems[0].bytes() + old.cert_chain_pems[0].bytes(),
        "partner_tls_certificate": client.cert_chain_pems[0].bytes() + old_client.cert_chain_pems[0].bytes(),
        "hub_key": hub.private_key_pem.bytes(),
        "hub_certificate": hub.cert_chain_pems[0].bytes(),
        "tls_key": hub_client.private_key_pem.bytes(),
        "tls_certificate": hub_client.cert_chain_pems[0].bytes(),
    }
    endpoint = "https://police.example/fordeling"
    return Partner("police", endpoint, IDENTIFIERS, keys, networks=LOOPBACK)


@asynccontextmanager
async def police_hub(home: Path, *, unavailable: int = 0) -> AsyncGenerator[PoliceHub]:
    """Run a hub on a free port of 127.0.0.1."""
    hub = PoliceHub(home, make_home(home), unavailable)
    async with serving(hub):
        yield hub


@asynccontextmanager
async def serving(hub: PoliceHub, port: int = 0) -> AsyncGenerator[int]:
    """Let the hub answer while the block runs; yields its port, so that it can come back there."""
    app = Starlette(routes=[Route("/agencies/police/inbox", hub.take, methods=["GET", "POST"])])
    keys = hub.home / "hub" / "tls_certificate.pem", hub.home / "hub" / "tls_key.pem"
    clients = Clients(hub.home / "pki" / "ca.pem", lambda: hub.untrusted.append("certificate"))
    async with serve(app, "127.0.0.1", port, *keys, clients=clients) as taken:
        hub.url = f"https://127.0.0.1:{taken}"
        yield taken
