"""An agency in a story: what it sends is a draft, what it gets is a release; it keeps both.

Its connector speaks no protocol: how the agencies' own protocols say the same is tested with theirs.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from stafet_schemas.groups import Group
from stafet_sdk.contract import Answered, Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import Retriable
from stafet_sdk.manifest import Manifest

ENDPOINT: Final = "https://agency.invalid"


@dataclass
class StoryAgency:
    """`got` is all that the hub has brought it, oldest first; while `down` nothing reaches it."""

    code: str
    down: bool = False
    got: list[Release] = field(default_factory=list[Release])
    drafts: dict[str, Draft] = field(default_factory=dict[str, Draft])

    @property
    def partner(self) -> Partner:
        """The agency as the hub is configured for it."""
        return Partner(self.code, ENDPOINT, {}, {})

    @property
    def manifest(self) -> Manifest:
        """What its connector is."""
        return Manifest(
            agency=self.code,
            name=self.code,
            owner="story",
            version="1",
            transport="webhook",
            authentication="none",
            consumes=("notice", "content", "status"),
            produces=("referral", "answer"),
            personal_data=tuple(Group),
            legal_basis="a story",
            data_retention=1,
            content_type="application/json",
            keys=(),
            docs="docs/how-to/tell-a-story.md",
        )

    def accept(self, request: Request, _partner: Partner, _now: datetime, /) -> Envelope | Answered:
        """Take every message as authentic."""
        return Envelope(json.loads(request.body)["id"], request.body)

    def reply(self, _outcome: Outcome, _request: Request, _partner: Partner, _now: datetime, /) -> Reply:
        """Answer nothing: the story asks for the outcome itself."""
        return Reply(202, {}, b"")

    def to_hub(self, body: bytes, _partner: Partner, /) -> Draft:
        """Return the draft that the message stands for."""
        return self.drafts[json.loads(body)["id"]]

    def from_hub(self, release: Release, _partner: Partner, _now: datetime, /) -> Outbound:
        """Keep what was released; while the agency is down it cannot arrive.

        Raises:
            Retriable: the agency is down.
        """
        if self.down:
            raise Retriable("unreachable")
        if release.delivery not in {each.delivery for each in self.got}:
            self.got.append(release)
        return Outbound({}, b"{}")

    def read_reply(self, _reply: Reply, _partner: Partner, /) -> str | None:
        """Take every answer for a yes."""
        return None


class StoryPush:
    """`stafet_sdk.transport.Push` of a story: the connector has kept the release already."""

    async def send(self, _outbound: Outbound, _partner: Partner, /) -> Reply:
        """Say yes."""
        return Reply(200, {}, b"")
