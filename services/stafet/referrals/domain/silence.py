"""What follows when nobody answers: a reminder; then the coordinator has it, and who else could take it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.state import Decision, Referral
from stafet.referrals.domain.telling import REMINDER, proposed, routed, silent, status
from stafet_schemas.codes import COORDINATOR
from stafet_schemas.course import ReferralEscalated, ReferralReminded

if TYPE_CHECKING:
    from stafet_runtime.effect import Effect

WAITED: Final[Mapping[str, frozenset[str]]] = {
    "referral_answer": frozenset({m.ROUTED, m.LOGGED, m.DELIVERED}),
    "referral_info": frozenset({m.INFO_REQUESTED}),
}
"""The clocks of the deadlines that run while somebody is to answer, and in which states of the referral."""


def warned(known: Referral, clock: str, deadline: str, stage: str) -> Decision:
    """Remind whoever is to answer, once for each warning; or the coordinator, who reaches them."""
    warning = f"{deadline}/{stage}"
    if warning in known.taken or known.state not in WAITED.get(clock, ()):
        return Decision(known)
    reminder: tuple[Effect, ...] = ()
    if known.state == m.DELIVERED and known.channel == HUB:
        reminder = (routed(known, known.receiver, REMINDER),)
    if known.state == m.INFO_REQUESTED:
        reminder = status(known, m.INFO_REQUESTED)
    to = known.owner if reminder and known.owner else COORDINATOR
    effects = (silent(known, ReferralReminded, deadline, (to,)), *reminder)
    return Decision(replace(known, taken=(*known.taken, warning)), effects)


def breached(known: Referral, clock: str, deadline: str, candidates: tuple[str, ...]) -> Decision:
    """Give it to the coordinator, and propose who else could take it, the best first; an answer ends that."""
    after = m.REFERRAL.after(known.state, m.ESCALATED)
    waited = known.state in WAITED.get(clock, ())
    if deadline in known.taken or after is None or not waited:
        return Decision(known)
    rungs, taken = (*known.rungs, after), (*known.taken, deadline)
    effects = (silent(known, ReferralEscalated, deadline), proposed(known, candidates))
    return Decision(replace(known, rungs=rungs, taken=taken, deadline=deadline), effects)
