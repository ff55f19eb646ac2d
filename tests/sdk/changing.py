"""The hotline with something changed: its samples, what its connector does, or the files of its folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from stafet_sdk.certification.samples import Copies, Promise, Rotation
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Connector, Envelope, Outbound, Outcome, Partner, Reply, Request
from stafet_sdk.draft import Draft, Release
from tests.sdk.hotline import HotlineConnector, connector
from tests.sdk.hotline.samples import HotlineSamples

HERE = "tests.sdk.hotline"


@dataclass(eq=False)
class ChangedConnector(HotlineConnector):
    """A hotline whose results are changed by functions; `accepted` decides whether to look at all."""

    accepted: Callable[[Request, Callable[[], Envelope]], Envelope] | None = None
    replied: Callable[[Outcome, Request, Reply], Reply] | None = None
    read: Callable[[bytes], Draft] | None = None
    worded: Callable[[Callable[[], Outbound]], Outbound] | None = None
    judged: Callable[[Reply], None] | None = None

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        def go() -> Envelope:
            return HotlineConnector.accept(self, request, partner, now)

        return go() if self.accepted is None else self.accepted(request, go)

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        said = super().reply(outcome, request, partner, now)
        return said if self.replied is None else self.replied(outcome, request, said)

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        return super().to_hub(body, partner) if self.read is None else self.read(body)

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        def go() -> Outbound:
            return HotlineConnector.from_hub(self, release, partner, now)

        return go() if self.worded is None else self.worded(go)

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        if self.judged is None:
            super().read_reply(reply, partner)
        else:
            self.judged(reply)


@dataclass(frozen=True)
class Given:
    """What samples give in place of the hotline's own."""

    partner: Partner | None = None
    request: Request | None = None
    releases: Sequence[Release] | None = None
    took_it: Reply | None = None
    golden: Path | None = None
    copies: Copies | None = None
    rotated: Rotation | None = None
    promises: Mapping[str, Promise] | None = None
    canaries: Sequence[str] = HotlineSamples.canaries
    connector: Connector = connector


class ChangedSamples(HotlineSamples):
    """The hotline's samples, but for what is given."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.connector: Connector = given.connector
        self.canaries = given.canaries

    def partner(self) -> Partner:
        return self.given.partner or super().partner()

    def request(self) -> Request:
        return self.given.request or super().request()

    def releases(self) -> Sequence[Release]:
        return self.given.releases or super().releases()

    def took_it(self) -> Reply:
        return self.given.took_it or super().took_it()

    def golden(self) -> Traversable:
        return self.given.golden or resources.files(HERE) / "golden"

    def copies(self) -> Copies:
        return self.given.copies or super().copies()

    def rotated(self) -> Rotation:
        return self.given.rotated or super().rotated()

    def promises(self) -> Mapping[str, Promise]:
        return self.given.promises or super().promises()


@dataclass(frozen=True)
class Elsewhere(Subject):
    """A subject whose files are in another folder, or whose mapping has another source."""

    place: Path | None = None
    mapping: str | None = None

    @property
    def folder(self) -> Traversable:
        return resources.files(self.package) if self.place is None else self.place

    def source(self, module: str) -> str:
        return Subject.source(self, module) if self.mapping is None else self.mapping


def subject(given: Given) -> Subject:
    """Put changed samples on the bench."""
    return Subject(ChangedSamples(given), HERE)


def doing(connector: ChangedConnector, request: Request | None = None) -> Subject:
    """Put a changed connector on the bench."""
    return subject(Given(connector=connector, request=request))
