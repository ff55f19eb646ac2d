"""A connector of an agency that is polled: pages as JSON, cursors in the path, links as it gives them."""

import json
from datetime import datetime

from stafet_sdk.contract import Envelope, Outbound, Outcome, Page, Partner, Reply, Request
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.manifest import Manifest
from stafet_sdk.replies import judge_status

MANIFEST = Manifest(
    agency="immigration",
    name="Immigration",
    owner="Stafet",
    version="1",
    transport="http-poll",
    authentication="none",
    consumes=(),
    produces=(),
    personal_data=(),
    legal_basis="test",
    data_retention=1,
    content_type="application/json",
    keys=(),
    docs="none",
    interval_s=30.0,
)


class PolledConnector:
    """Asks for `/changes` and then for whatever link the last page had; every item is a message."""

    def __init__(self, manifest: Manifest = MANIFEST) -> None:
        self.manifest = manifest

    def ask(self, cursor: str, partner: Partner, now: datetime, /) -> Outbound:
        """Ask."""
        del partner, now
        return Outbound({"accept": "application/json"}, b"", cursor or "/changes", method="GET")

    def page(self, reply: Reply, cursor: str, partner: Partner, now: datetime, /) -> Page:
        """Read `{"items": [...], "next": ..., "more": ...}`."""
        del partner, now
        judge_status(reply)
        said = json.loads(reply.body)
        requests = tuple(Request("GET", "/changes", {}, each.encode()) for each in said["items"])
        return Page(requests, said.get("next", cursor), said.get("more", False))

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Take everything under its own name, but what is called bad."""
        del partner, now
        if request.body.startswith(b"bad"):
            raise InboundRefused("bad", "no good")
        return Envelope(request.body.decode(), request.body)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Say nothing: nobody listens."""
        raise NotImplementedError

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """Translate nothing: this is about fetching."""
        raise NotImplementedError

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Send nothing."""
        raise NotImplementedError

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Judge nothing."""
        raise NotImplementedError
