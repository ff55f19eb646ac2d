"""Who may say what of a referral: each step is the receiver's, the sender's or the coordinator's."""

from collections.abc import Mapping
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.state import Answer, Referral, Refusal
from stafet_schemas.codes import COORDINATOR

SENDER: Final = frozenset({"sender"})
RECEIVER: Final = frozenset({"receiver"})
COORDINATING: Final = frozenset({"coordinator"})

MAY: Final[Mapping[str, frozenset[str]]] = {
    m.ACCEPTED: RECEIVER,
    m.REJECTED: RECEIVER,
    m.INFO_REQUESTED: RECEIVER,
    m.IN_PROGRESS: RECEIVER,
    m.HELD: RECEIVER,
    m.RESUMED: RECEIVER,
    m.COMPLETED: RECEIVER,
    m.FAILED: RECEIVER,
    m.TAKEN_OVER: RECEIVER,
    m.INFO_SUPPLIED: SENDER,
    m.WITHDRAWN: SENDER,
    m.CANCELLED: SENDER | RECEIVER | COORDINATING,
    m.REDIRECTED: RECEIVER | COORDINATING,
    m.HANDED_OVER: COORDINATING,
    m.EXPIRED: COORDINATING,
    m.ENTERED_IN_ERROR: SENDER | COORDINATING,
    m.PROPOSED: SENDER | COORDINATING,
}


def objection(known: Referral, said: Answer) -> Refusal | None:
    """Say why an agency's word does not count; None if it does.

    The coordinator speaks for an agency that cannot speak for itself, and nobody else speaks for anybody.
    """
    if said.behalf is not None and (said.agency != COORDINATOR or _speaks(known, said)):
        return Refusal("wrong_agency", "behalf")
    if not MAY[said.rung] & _roles(known, said.by):
        return Refusal("wrong_agency", "agency" if said.behalf is None else "behalf")
    return None


def _speaks(known: Referral, said: Answer) -> bool:
    return known.channel == HUB if said.behalf == known.receiver else said.connected


def _roles(known: Referral, agency: str) -> frozenset[str]:
    held = {"sender": known.sender, "receiver": known.receiver, "coordinator": COORDINATOR}
    return frozenset(role for role, holder in held.items() if holder == agency)
