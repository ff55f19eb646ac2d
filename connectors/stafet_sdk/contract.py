"""The connector contract: five pure functions and a manifest. Clock, ids and keys are passed in; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """

    agency: str
    endpoint: str
    identifiers: Mapping[str, str]
    keys: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """An HTTP request as it came. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


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
    `action` names the operation for the reply.
    """

    message_id: str
    content: bytes
    action: str = ""


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
    """A message to a partner, ready to send by POST to its endpoint plus `path`."""

    headers: Mapping[str, str]
    body: bytes
    path: str = ""


@runtime_checkable
class Connector(Protocol):
    """What an agency's folder offers the hub, by an entry point in the group `stafet.connectors`."""

    @property
    def manifest(self) -> Manifest:
        """What this connector is."""
        ...

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        """Check that a message is authentic and whole.

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

    def read_reply(self, reply: Reply, partner: Partner, /) -> None:
        """Judge the partner's answer to a message that was sent: return if it took it.

        Raises:
            DeliveryError: it did not, by the subclass that says what happens next.
        """
        ...
