"""What the gateway's handlers need from outside: who may send, seals, and its tables in one transaction."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from stafet.gateway.domain import Arrival, Kept
from stafet_runtime.outbox import Outbox
from stafet_sdk.contract import Answered, Connector, Outcome, Partner, Request


class StoreUnavailableError(Exception):
    """The gateway's database is away: nothing was accepted, or it is not known whether it was."""


@dataclass(frozen=True, slots=True)
class Sender:
    """An agency that may send: how it is configured, and what speaks its protocol."""

    partner: Partner
    connector: Connector


@dataclass(frozen=True, slots=True)
class KnownReferral:
    """A referral the hub submitted, so that an answer about it finds its case."""

    referral: str
    case: str
    sender: str
    receiver: str


@dataclass(frozen=True, slots=True)
class KnownDecision:
    """A formal decision: the receipt of the message that it came in, and its case."""

    receipt: str
    case: str


class SealKey(Protocol):
    """The vault's newest public key, as far as the gateway knows; it outlives the process."""

    @property
    def public(self) -> X25519PublicKey:
        """The key to seal to."""
        ...

    def keep(self, public: bytes) -> None:
        """Seal to this key (raw) from now on.

        Raises:
            OSError: it cannot be kept: the key stays the one it was.
        """
        ...


class Waiting(Protocol):
    """The messages that still lie sealed."""

    async def seal_ids(self) -> Collection[bytes]:
        """Return the ids of the keys they are sealed to.

        Raises:
            StoreUnavailableError: not known.
        """
        ...


class Seals(Protocol):
    """What the gateway's two keys are used for; neither opens anything."""

    def seal(self, raw: bytes, context: bytes) -> bytes:
        """Seal bytes to the vault; they open with the same context only."""
        ...

    def digest(self, content: bytes) -> bytes:
        """Return a keyed digest (HMAC-SHA-256): equal for what is equal, no help in guessing it."""
        ...


class Messages(Protocol):
    """The messages that were accepted."""

    async def keep(self, arrival: Arrival) -> Kept:
        """Keep an arrival, unless its key is taken; of two at once, one waits for the other."""
        ...


@dataclass(frozen=True, slots=True)
class Reception:
    """The ports of one transaction that accepts a message."""

    messages: Messages
    outbox: Outbox


OpenReception = Callable[[], AbstractAsyncContextManager[Reception]]
"""Opens a transaction that commits at the end of the block; raises StoreUnavailableError."""

Take = Callable[[Request], Awaitable[Outcome | Answered]]
"""Accepts one message of an agency, or refuses it."""


class Cursors(Protocol):
    """How far each agency's messages have been fetched."""

    async def load(self, agency: str) -> str:
        """Return where to go on, empty at first.

        Raises:
            StoreUnavailableError: not known.
        """
        ...

    async def keep(self, agency: str, cursor: str) -> None:
        """Go on from here the next time.

        Raises:
            StoreUnavailableError: it is not known whether it was kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that waits to be translated: the id its sender gave it, and its sealed bytes."""

    message: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class WaitingHalf:
    """One half of a document that waits for the other, by its receipt; `pending` as of any message."""

    receipt: str
    pending: Pending


@dataclass(frozen=True, slots=True)
class Overdue:
    """A half whose other half did not come in time; `message` is the id its sender gave it."""

    agency: str
    receipt: str
    message: str
    half: str


class Halves(Protocol):
    """The halves of documents that wait, in one transaction."""

    async def overdue(self, since: datetime) -> Sequence[Overdue]:
        """Take out those that have waited since then or longer."""
        ...


@dataclass(frozen=True, slots=True)
class Overlook:
    """The ports of one transaction that gives up waiting."""

    halves: Halves
    outbox: Outbox


OpenOverlook = Callable[[], AbstractAsyncContextManager[Overlook]]
"""Opens a transaction that commits at the end of the block; raises StoreUnavailableError."""


class Desk(Protocol):
    """The messages of one transaction that are to be translated; each is named by its receipt."""

    async def pending(self, agency: str, receipt: str) -> Pending | None:
        """Return a message; None if it was translated before.

        Raises:
            LookupError: no such message was accepted, or its case was erased.
        """
        ...

    async def half(self, agency: str, link: str, half: str) -> WaitingHalf | None:
        """Return the half of that kind that waits longest under a link; nobody else takes it now."""
        ...

    async def wait(self, agency: str, link: str, half: str, receipt: str) -> None:
        """Keep a half for the other one; its message stays sealed."""
        ...

    async def met(self, receipt: str) -> None:
        """Wait for nothing any more under this receipt."""
        ...

    def settle(self, agency: str, receipt: str, case: str | None) -> None:
        """Drop the sealed bytes of a message that is translated, and note which case it is about, if any."""
        ...

    def remember(self, referral: KnownReferral) -> None:
        """Keep a referral for the answers to it."""
        ...

    async def case_of(self, referral: str, agency: str) -> str | None:
        """Return the case of a referral that an agency sent or was sent; of others' it learns nothing.

        Raises:
            TransientError: the hub is to choose who gets it, and the choice has not come here yet.
        """
        ...

    async def decision_of(self, agency: str, decision: str) -> KnownDecision | None:
        """Return what an agency decided before, by its own id of the decision."""
        ...

    def decide(self, agency: str, decision: str, known: KnownDecision) -> None:
        """Keep a decision, so that its reversal finds it."""
        ...

    def note(self, referral: str, filler: str) -> None:
        """Keep the receiver's own id of a referral."""
        ...

    def forget(self, case: str) -> None:
        """Drop what leads from agencies' ids to a case, now and in whatever else is still to be saved."""
        ...
