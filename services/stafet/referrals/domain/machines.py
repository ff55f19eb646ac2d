"""What a referral may go through, and the handing over of a case with it: the tables that decide.

Not here is what changes no state: a reminder, and the answer that comes again.
"""

from collections.abc import Mapping
from typing import Final

from stafet_runtime.machine import Machine

ROUTED: Final = "routed"
LOGGED: Final = "logged"
REFUSED: Final = "refused"
DELIVERED: Final = "delivered"
INFO_REQUESTED: Final = "info_requested"
ESCALATED: Final = "escalated"
ACCEPTED: Final = "accepted"
IN_PROGRESS: Final = "in_progress"
ON_HOLD: Final = "on_hold"
COMPLETED: Final = "completed"
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"
FAILED: Final = "failed"
REDIRECTED: Final = "redirected"
ENTERED_IN_ERROR: Final = "entered_in_error"

HANDED_OVER: Final = "handed_over"
INFO_SUPPLIED: Final = "info_supplied"
HELD: Final = "held"
RESUMED: Final = "resumed"
CONSENT_WITHDRAWN: Final = "consent_withdrawn"
CASE_CLOSED: Final = "case_closed"
CASE_ERASED: Final = "case_erased"
PROPOSED: Final = "handover_proposed"
TAKEN_OVER: Final = "handover_accepted"

UNANSWERED: Final = (ROUTED, LOGGED, DELIVERED, INFO_REQUESTED, ESCALATED)
AGREED: Final = (ACCEPTED, IN_PROGRESS, ON_HOLD)
OPEN: Final = (*UNANSWERED, *AGREED)
"""States with a way out: the first ones wait for the receiver's answer, the others come after its yes."""
ASKED: Final = (DELIVERED, INFO_REQUESTED, ESCALATED)


def _to(state: str, *sources: str) -> Mapping[str, str]:
    return dict.fromkeys(sources, state)


REFERRAL: Final = Machine(
    "referral",
    {
        ROUTED: _to(ROUTED, ""),
        LOGGED: _to(LOGGED, ""),
        REFUSED: _to(REFUSED, ""),
        DELIVERED: _to(DELIVERED, ROUTED, ESCALATED),
        HANDED_OVER: _to(DELIVERED, LOGGED, ESCALATED),
        INFO_REQUESTED: _to(INFO_REQUESTED, *ASKED),
        INFO_SUPPLIED: _to(DELIVERED, INFO_REQUESTED),
        ACCEPTED: _to(ACCEPTED, *ASKED),
        REJECTED: _to(REJECTED, *ASKED),
        IN_PROGRESS: _to(IN_PROGRESS, ACCEPTED, ON_HOLD),
        HELD: _to(ON_HOLD, *AGREED),
        RESUMED: _to(IN_PROGRESS, ON_HOLD),
        COMPLETED: _to(COMPLETED, *AGREED),
        FAILED: _to(FAILED, *AGREED),
        CANCELLED: _to(CANCELLED, *AGREED),
        WITHDRAWN: _to(WITHDRAWN, *UNANSWERED),
        ESCALATED: _to(ESCALATED, ROUTED, LOGGED, DELIVERED, INFO_REQUESTED),
        EXPIRED: _to(EXPIRED, ESCALATED),
        REDIRECTED: _to(REDIRECTED, *OPEN),
        ENTERED_IN_ERROR: _to(ENTERED_IN_ERROR, *OPEN),
        CONSENT_WITHDRAWN: _to(CANCELLED, *OPEN),
        CASE_CLOSED: _to(CANCELLED, *OPEN),
        CASE_ERASED: _to(CANCELLED, *OPEN),
    },
)
ONCE: Final = REFERRAL.moves.keys() - {INFO_REQUESTED, INFO_SUPPLIED, HELD, RESUMED}
"""Steps that say the same again when they are said again; the others are new each time."""
HANDOVER: Final = Machine(
    "handover", {PROPOSED: _to(PROPOSED, "", PROPOSED), TAKEN_OVER: _to(TAKEN_OVER, PROPOSED)}
)
MACHINES: Final = (REFERRAL, HANDOVER)
