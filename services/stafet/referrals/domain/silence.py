"""What follows when nobody answers: a reminder; then the coordinator has it, and who else could take it."""

from dataclasses import replace
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.state import COORDINATOR, Decision, Referral
from stafet.referrals.domain.telling import REMINDER, proposed, routed, silent, status
from stafet_schemas.course import ReferralEscalated, ReferralReminded

CLOCK: Final = "referral_answer"
"""The clock of the deadlines that runs while the receiver, or the sender it asked, is to answer."""
WAITING: Final = (m.DELIVERED, m.INFO_REQUESTED)


def warned(known: Referral, deadline: str, stage: str) -> Decision:
    """Remind whoever is to answer, once for each warning; or the coordinator, who reaches them."""
    warning = f"{deadline}/{stage}"
    if warning in known.taken or known.state not in WAITING:
        return Decision(known)
    asked = known.state == m.DELIVERED
    agency, channel = (known.receiver, known.channel) if asked else (known.sender, known.reached)
    to = agency if channel == HUB else COORDINATOR
    effects = [silent(known, ReferralReminded, deadline, (to,))]
    if asked and channel == HUB:
        effects.append(routed(known, known.receiver, REMINDER))
    if not asked:
        effects += status(known, m.INFO_REQUESTED)
    return Decision(replace(known, taken=(*known.taken, warning)), tuple(effects))


def breached(known: Referral, deadline: str, candidates: tuple[str, ...]) -> Decision:
    """Give it to the coordinator, and propose who else could take it, the best first; an answer ends that."""
    after = m.REFERRAL.after(known.state, m.ESCALATED)
    if deadline in known.taken or after is None:
        return Decision(known)
    rungs, taken = (*known.rungs, after), (*known.taken, deadline)
    effects = (silent(known, ReferralEscalated, deadline), proposed(known, candidates))
    return Decision(replace(known, rungs=rungs, taken=taken, deadline=deadline), effects)
