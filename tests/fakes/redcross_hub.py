"""The hub as Red Cross's simulator meets it: an inbox on a real socket that keeps what it accepted."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import trustme
from starlette.applications import Starlette
from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route

from stafet_connectors.redcross import connector
from stafet_sdk.contract import Accepted, Outcome, Partner, Request, Unavailable
from stafet_sdk.draft import AnswerDraft, ConsentDraft, ReferralDraft, Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.server import serve
from stafet_sdk.webhooks import generate_webhook_keys
from tests.fakes.partner_server import LOOPBACK

SOURCE = "urn:uuid:7c1f0a52-0000-4000-8000-00000000ac01"


@dataclass
class RedcrossHub:
    """A home with keys of both sides; `answers` in the order they were accepted, `requests` counts all.

    `withdrawn` are the referrals whose person has withdrawn consent, each with the number of answers about it
    until then.

    The first `unavailable` requests are answered 503; all are refused as conflict while `refuse` is set.
    On the `shelf` is what may be fetched; the first `lost` fetches are answered 503.
    """

    home: Path
    partner: Partner
    url: str = ""
    unavailable: int = 0
    refuse: bool = False
    requests: int = 0
    answers: list[AnswerDraft] = field(default_factory=list[AnswerDraft])
    withdrawn: dict[str, int] = field(default_factory=dict[str, int])
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    referrals: list[ReferralDraft] = field(default_factory=list[ReferralDraft])
    shelf: dict[str, Release] = field(default_factory=dict[str, Release])
    nonces: set[str] = field(default_factory=set[str])
    lost: int = 0

    async def inbox(self, incoming: Incoming) -> Response:
        """Accept by the connector, once per message id."""
        now = datetime.now(UTC)
        body = await incoming.body()
        request = Request(incoming.method, incoming.url.path, dict(incoming.headers), body)
        self.requests += 1
        reply = connector.reply(self._decide(request, now), request, self.partner, now)
        return Response(reply.body, reply.status, dict(reply.headers))

    async def delivery(self, incoming: Incoming) -> Response:
        """Hand over what is on the shelf."""
        now = datetime.now(UTC)
        request = Request("GET", str(incoming.url), dict(incoming.headers), b"")
        try:
            fetch = connector.read_fetch(request, self.partner, now)
            assert fetch.nonce not in self.nonces
            self.nonces.add(fetch.nonce)
            if self.lost:
                self.lost -= 1
                return Response("later", 503, {"retry-after": "0"})
        except InboundRefused as refused:
            reply = connector.reply(refused, request, self.partner, now)
            return Response(reply.body, reply.status, dict(reply.headers))
        if fetch.delivery in self.shelf:
            reply = connector.hand_over(self.shelf[fetch.delivery], fetch, request, self.partner, now)
        else:
            gone = InboundRefused("gone", "not any more", status=410)
            reply = connector.reply(gone, request, self.partner, now)
        return Response(reply.body, reply.status, dict(reply.headers))

    def _decide(self, request: Request, now: datetime) -> Outcome:
        if self.requests <= self.unavailable:
            return Unavailable(retry_after=0)
        try:
            envelope = connector.accept(request, self.partner, now)
        except InboundRefused as error:
            return error
        known = self.contents.setdefault(envelope.message_id, envelope.content)
        if self.refuse or known != envelope.content:
            return InboundRefused("conflict", "another message has this id", status=409)
        draft = connector.to_hub(request.body, self.partner)
        again = draft in self.answers
        if not again and isinstance(draft, AnswerDraft):
            self.answers.append(draft)
        if isinstance(draft, ReferralDraft):
            self.referrals.append(draft)
        if isinstance(draft, ConsentDraft) and draft.referral is not None:
            self.withdrawn.setdefault(draft.referral, len(self.rungs(draft.referral)))
        return Accepted(envelope.message_id, f"receipt-{envelope.message_id}", now, again)

    def rungs(self, referral: str) -> list[str]:
        """Give what was answered about a referral, in order."""
        return [draft.rung for draft in self.answers if draft.referral == referral]


def furnish(home: Path) -> RedcrossHub:
    """Write the key files of both sides as the key generator would."""
    own = home / "simulators" / "redcross"
    own.mkdir(parents=True)
    (home / "pki").mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "pki" / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(own / "tls_key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(own / "tls_certificate.pem", append=True)
    pairs = {name: generate_webhook_keys() for name in ("hub", "own", "next", "hub_fetch", "own_fetch")}
    (own / "webhook_private").write_text(pairs["own"][0] + "\n")
    (own / "webhook_private_next").write_text(pairs["next"][0] + "\n")
    (own / "hub_webhook_public").write_text(pairs["hub"][1] + "\n")
    (own / "fetch_private").write_text(pairs["own_fetch"][0] + "\n")
    (own / "hub_fetch_public").write_text(pairs["hub_fetch"][1] + "\n")
    (own / "identifiers.toml").write_text(f'source = "{SOURCE}"\n')
    keys = {
        "webhook_private": pairs["hub"][0].encode(),
        "partner_webhook_public": f"{pairs['own'][1]}\n{pairs['next'][1]}\n".encode(),
        "fetch_private": pairs["hub_fetch"][0].encode(),
        "partner_fetch_public": pairs["own_fetch"][1].encode(),
    }
    return RedcrossHub(
        home, Partner("redcross", "", {"source": SOURCE, "hub_uuid": "5c0a1f60"}, keys, networks=LOOPBACK)
    )


@asynccontextmanager
async def open_hub(hub: RedcrossHub, port: int = 0) -> AsyncGenerator[int]:
    """Serve the inbox while the block runs; yields the port."""
    own = hub.home / "simulators" / "redcross"
    app = Starlette(
        routes=[
            Route("/agencies/redcross/inbox", hub.inbox, methods=["POST"]),
            Route("/agencies/redcross/deliveries/{delivery}", hub.delivery, methods=["GET"]),
        ]
    )
    async with serve(app, "127.0.0.1", port, own / "tls_certificate.pem", own / "tls_key.pem") as taken:
        hub.url = f"https://127.0.0.1:{taken}"
        yield taken


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; the test's own time-out ends an endless wait."""
    for _ in itertools.count():
        if condition():
            return
        await asyncio.sleep(0.01)
