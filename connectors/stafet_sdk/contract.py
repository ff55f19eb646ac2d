"""The connector contract: five pure functions and a manifest. Clock, ids and keys are passed in; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from stafet_sdk.draft import Draft, Release
from stafet_sdk.errors import InboundRefused
from stafet_sdk.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Partner:
    """One configured agency as its connector may see it.

    `endpoint` is where the agency receives; `identifiers` are its public ids (cvr, uuid, ...) and the hub's
    own (`hub_cvr`, `hub_uuid`); `keys` holds the files the manifest asks for, by name.

    The hub connects to the endpoint's host and to those in `egress` (`host:port`) only, to private addresses
    only in `networks` (CIDR), and sends at most `rate_per_s` requests a second, however many if None. It
    fetches there every `interval_s` seconds, or as often as the connector's manifest says. `drop` is where
    an agency that sends messages leaves files beside them (sftp), empty if it leaves none.
    """

    agency: str
    endpoint: str
    identifiers: Mapping[str, str]
    keys: Mapping[str, bytes] = field(repr=False)
    egress: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    rate_per_s: float | None = None
    interval_s: float | None = None
    drop: str = ""

    def at_drop(self) -> "Partner":
        """Give the same agency as its files are fetched from it."""
        return replace(self, endpoint=self.drop)


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A message as it came: an HTTP request, an item of a list that was polled, a row of a file.

    Header names are lower case; `path` of a fetch is the whole URL. `client_certificate` (DER) is the one
    that the TLS client showed and proved.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    client_certificate: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An HTTP answer, ours to a partner or a partner's to us."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """An authentic, whole message: the id its sender gave it, and what makes two messages equal.

    `content` leaves out what changes when the same message is sent again (timestamps, signatures).
    `action` names the operation for the reply. `envelope_id` is what the protocol calls this copy of it, if
    it has a name for that: one that comes back with another message is a conflict.
    """

    message_id: str
    content: bytes
    action: str = ""
    envelope_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Answered:
    """A question that the connector answers by itself: nothing is kept."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is committed; `receipt` is the hub's id of it, `again` says this was a repetition."""

    message_id: str
    receipt: str
    received_at: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The hub cannot accept now; try again after `retry_after` seconds."""

    retry_after: int


Outcome = Accepted | Unavailable | InboundRefused


@dataclass(frozen=True, slots=True, repr=False)
class Outbound:
    """A message to a partner, ready to send to its endpoint plus `path`.

    Of a file, `path` is its name and `trigger` what its trigger file says, which follows when it is whole.
    """

    headers: Mapping[str, str]
    body: bytes
    path: str = ""
    method: str = "POST"
    trigger: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """One answer of an agency that is polled: its items, oldest first, and where to go on.

    `more` says that there is a next page now; else it is asked again after the manifest's `interval_s`.
    """

    requests: tuple[Request, ...]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Drop:
    """A file with its trigger file, which says that it is whole."""

    name: str
    body: bytes
    trigger: bytes


@runtime_checkable
class Connector(Protocol):
    """What an agency's folder offers the hub, by an entry point in the group `stafet.connectors`."""

    @property
    def manifest(self) -> Manifest:
        """What this connector is."""
        ...

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope | Answered:
        """Check that a message is authentic and whole, or answer a question.

        Raises:
            InboundRefused: it is not; nothing will be accepted.
        """
        ...

    def reply(self, outcome: Outcome, request: Request, partner: Partner, now: datetime, /) -> Reply:
        """Word the hub's answer in the partner's protocol."""
        ...

    def to_hub(self, body: bytes, partner: Partner, /) -> Draft:
        """Translate an accepted message.

        Raises:
            MappingError: fields are missing, malformed or of no use.
        """
        ...

    def from_hub(self, release: Release, partner: Partner, now: datetime, /) -> Outbound:
        """Compose a message from a release, and from nothing else.

        Raises:
            NoWord: the agency's protocol cannot say this part, or this rung of a status.
        """
        ...

    def read_reply(self, reply: Reply, partner: Partner, /) -> str | None:
        """Judge the partner's answer to a message that was sent: return if it took it.

        What is returned is the code of a warning with which it did, if any.

        Raises:
            DeliveryError: it did not, by the subclass that says what happens next.
        """
        ...


@runtime_checkable
class Polled(Connector, Protocol):
    """A connector whose agency is asked for what changed (transport http-poll).

    Every item of a page goes through `accept`, as if the agency had sent it; the cursor is kept only after
    all of its page are accepted or refused, so an item may come again.
    """

    def ask(self, cursor: str, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the question for what comes after `cursor`, which is empty at first."""
        ...

    def page(self, reply: Reply, cursor: str, partner: Partner, now: datetime, /) -> Page:
        """Read the answer.

        Raises:
            DeliveryError: it is none, by the subclass that says what happens next.
        """
        ...


@runtime_checkable
class LooksUp(Connector, Protocol):
    """A connector whose agency refuses a repetition without saying what became of the first message."""

    def look_up(self, reply: Reply, outbound: Outbound, partner: Partner, /) -> Outbound | None:
        """Compose the question of what became of `outbound`, if the reply says only that it came before.

        The answer to the question is judged by `read_reply` in place of the reply.
        """
        ...


@runtime_checkable
class Dropped(Connector, Protocol):
    """A connector whose agency leaves files to fetch: all it says (transport sftp), or beside its messages.

    Every row goes through `accept`; a file that is fetched again has the same rows with the same ids.
    """

    def unpack(self, drop: Drop, partner: Partner, now: datetime, /) -> tuple[Request, ...]:
        """Take a whole file apart.

        Raises:
            InboundRefused: the file is of no use; none of its rows is accepted.
        """
        ...

    def receipts(
        self, drop: Drop, outcomes: Sequence[Outcome] | InboundRefused, partner: Partner, now: datetime, /
    ) -> tuple[Outbound, ...]:
        """Word what became of a file and of each of its rows, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an agency is told of something that it must fetch: which delivery, what of which referral."""

    delivery: str
    referral: str | None
    part: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """An authentic request for a delivery; its `nonce` may be used once until it `expires`."""

    delivery: str
    nonce: str
    expires: datetime


@runtime_checkable
class Fetched(Connector, Protocol):
    """A connector whose agency fetches some parts: it is told that one waits, and asks for it.

    What it is told holds nothing of a person; the release is made when it asks. `reply` words refusals.
    """

    def thin(self, part: str, /) -> bool:
        """Say whether the agency fetches this part."""
        ...

    def notify(self, waiting: Waiting, partner: Partner, now: datetime, /) -> Outbound:
        """Compose the word that something waits."""
        ...

    def read_fetch(self, request: Request, partner: Partner, now: datetime, /) -> Fetch:
        """Check that a request is the agency's; its path is the whole URL that the agency asked for.

        Raises:
            InboundRefused: it is not; nothing will be handed over.
        """
        ...

    def hand_over(
        self, release: Release, fetch: Fetch, request: Request, partner: Partner, now: datetime, /
    ) -> Reply:
        """Compose the answer from a release, and from nothing else."""
        ...
