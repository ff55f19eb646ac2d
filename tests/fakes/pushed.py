"""An agency whose connector has everything sent to it: what it could fetch, it cannot."""

from dataclasses import dataclass
from datetime import datetime

from stafet_sdk.contract import Answered, Connector, Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.draft import Draft, Release
from stafet_sdk.manifest import Manifest


@dataclass(frozen=True)
class Pushed:
    """`stafet_sdk.contract.Connector` and no more, by another connector."""

    inner: Connector

    @property
    def manifest(self) -> Manifest:
        """Give the inner one's."""
        return self.inner.manifest

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope | Answered:
        """See the inner one."""
        return self.inner.accept(request, partner, now)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """See the inner one."""
        return self.inner.reply(outcome, request, partner, now)

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """See the inner one."""
        return self.inner.to_hub(body, partner)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """See the inner one."""
        return self.inner.from_hub(release, partner, now)

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """See the inner one."""
        self.inner.read_reply(reply, partner)
