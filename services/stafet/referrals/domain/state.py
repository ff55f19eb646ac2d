"""What the service knows of a referral, what it may be told, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stafet.referrals.domain.board import OPEN, RELEASED, TAKEN
from stafet.referrals.domain.choosing import Choice
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.event import Event, EventData

ROUTED: Final = "routed"
REFUSED: Final = "refused"
DELIVERED: Final = "delivered"
ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
IN_PROGRESS: Final = "in_progress"
COMPLETED: Final = "completed"

OUTCOMES: Final[Mapping[str, str]] = {REJECTED: REJECTED, REFUSED: REJECTED, COMPLETED: COMPLETED}
"""Where a referral ends, and the rung the sender is told then."""

STANDINGS: Final[Mapping[str, str]] = {
    ROUTED: OPEN,
    DELIVERED: OPEN,
    ACCEPTED: TAKEN,
    IN_PROGRESS: TAKEN,
    COMPLETED: TAKEN,
}
"""What a referral that reached a rung is to the place it was sent to; else it is of no concern."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A sender asks `receiver` for a service, and the hub chose who gets it, by what `rule` says."""

    case: str
    referral: str
    sender: str
    placer: str
    receiver: str
    rule: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recipient's system took a part; `lane` is the case, or the receipt of a message it is about."""

    lane: str
    recipient: str
    part: str
    rung: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An agency says that it reached a rung: accepted, rejected (with a reason), in_progress or completed."""

    case: str
    referral: str
    agency: str
    message: str
    rung: str
    reason: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Referral:
    """The state of one referral. `rungs` are those it reached, the newest last; it starts routed or refused.

    `rule` is the version of the rules it was decided by, `purpose` what its content leaves for; `closed` says
    that the sender was told the end.
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

    @property
    def outcome(self) -> str | None:
        """The rung the sender is told at the end; None before."""
        return OUTCOMES.get(self.rungs[-1])


@dataclass(frozen=True, slots=True)
class Effect:
    """A fact that others must learn."""

    kind: type[Event]
    data: EventData


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state (the same one if nothing changed), and what to emit, in order."""

    referral: Referral
    effects: tuple[Effect, ...] = ()


def standing(rung: str) -> str:
    """Say what a referral on a rung is to the place that it was sent to."""
    return STANDINGS.get(rung, RELEASED)
