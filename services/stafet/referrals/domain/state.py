"""What the service knows of a referral, what it may be told, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from stafet.referrals.domain import board
from stafet.referrals.domain.choosing import HUB, NO_CAPACITY, Choice
from stafet.referrals.domain.machines import (
    AGREED,
    COMPLETED,
    DELIVERED,
    ESCALATED,
    INFO_REQUESTED,
    LOGGED,
    OPEN,
    REFERRAL,
    REFUSED,
    REJECTED,
    ROUTED,
    UNANSWERED,
)
from stafet_runtime.effect import Effect
from stafet_schemas.codes import COORDINATOR, UNKNOWN
from stafet_schemas.referral import ReferralRejectedData


@dataclass(frozen=True, slots=True)
class Submission:
    """A sender asks `receiver` for a service, and the hub chose who gets it, by what `rule` says.

    `reached` is the channel to the sender; `status_only`: it is never told why. `facts` are those of the
    event, for whoever gets it after this receiver.
    """

    case: str
    referral: str
    sender: str
    placer: str
    receiver: str
    service: str
    rule: str
    choice: Choice
    reached: str = HUB
    status_only: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recipient's system took a part; `lane` is the case, or the receipt of a message it is about."""

    lane: str
    recipient: str
    part: str
    rung: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An agency says under the receipt `message` that a step of the machine was taken, at `at`.

    `behalf` is who said so to the coordinator, `connected` whether that agency could have said so itself.
    `party` is another agency, `codes` what is asked for or was given.
    """

    case: str
    referral: str
    agency: str
    message: str
    rung: str
    reason: str = UNKNOWN
    at: datetime | None = None
    behalf: str | None = None
    connected: bool = True
    party: str | None = None
    channel: str | None = None
    codes: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """Whose word it is."""
        return self.behalf or self.agency


@dataclass(frozen=True, slots=True)
class Referral:
    """The state of one referral. `rungs` are the states it reached, the newest last.

    `rule` is the version of the rules it was decided by, `purpose` what its content leaves for; `closed` says
    that the sender was told the end. `channel` is how the receiver is reached; `duty`: the law asks for it,
    whatever the person consents to. `taken` are the receipts and deadlines that it has heeded, `deadline` is
    the one that nobody kept, `handover` how far the handing over of the case is. See `Submission`.
    """

    case: str
    referral: str
    sender: str
    placer: str
    receiver: str
    rule: str
    rungs: tuple[str, ...]
    purpose: str = "support"
    closed: bool = False
    service: str = UNKNOWN
    channel: str = HUB
    reached: str = HUB
    status_only: bool = False
    duty: bool = False
    taken: tuple[str, ...] = ()
    deadline: str | None = None
    handover: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.rungs[-1]

    @property
    def open(self) -> bool:
        """Say whether anything can still become of it."""
        return self.state in OPEN

    @property
    def outcome(self) -> str | None:
        """The rung the sender is told at the end; None before."""
        return OUTCOMES.get(self.state, self.state) if self.state in REFERRAL.ends else None

    @property
    def owner(self) -> str | None:
        """Who must act now; nobody at the end."""
        if not self.open:
            return None
        if self.state == ROUTED:
            return HUB
        if self.state == INFO_REQUESTED:
            return self.sender if self.reached == HUB else COORDINATOR
        chased = self.state in {DELIVERED, LOGGED} and self.channel != HUB
        return COORDINATOR if chased or self.state == ESCALATED else self.receiver


OUTCOMES: Final[Mapping[str, str]] = {REFUSED: REJECTED}
"""Ends that the sender is told by another rung than their own."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state (the same one if nothing changed), and what to emit, in order.

    `beside` are other referrals of the case that changed with it.
    """

    referral: Referral
    effects: tuple[Effect, ...] = ()
    beside: tuple[Referral, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing follows; `reason` is a code of the list `refusal`, `field` what of the step is in the way."""

    reason: str
    field: str | None = None


def standing(decision: Decision) -> str:
    """Say what a referral is now to the place that it was sent to.

    One that was declined for want of places shows that there is none, whatever was reported before.
    """
    state = decision.referral.state
    if state in UNANSWERED:
        return board.OPEN
    declined = (each.data for each in decision.effects if isinstance(each.data, ReferralRejectedData))
    full = any(each.reason == NO_CAPACITY for each in declined)
    return board.TAKEN if full or state in {*AGREED, COMPLETED} else board.RELEASED
