"""The receiver is to become the owner of the case: proposed any time before the end, taken after its yes.

A connected receiver is told of the proposal after its notice, in the same lane; of one that is not connected
the coordinator is, who hands it over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.course import OUT_OF_ORDER
from stafet.referrals.domain.parties import objection
from stafet.referrals.domain.state import Answer, Decision, Referral, Refusal
from stafet.referrals.domain.telling import ALERT, names, routed
from stafet_runtime.effect import Effect
from stafet_schemas.course import ReferralHandoverAccepted, ReferralHandoverProposed, ReferralOwnerData
from stafet_schemas.event import Event

WHILE: Final[Mapping[str, Sequence[str]]] = {m.PROPOSED: m.OPEN, m.TAKEN_OVER: m.AGREED}
"""In which states of the referral each step may be taken: nobody owns a case without having said yes."""
KINDS: Final[Mapping[str, type[Event]]] = {
    m.PROPOSED: ReferralHandoverProposed,
    m.TAKEN_OVER: ReferralHandoverAccepted,
}


def handed_over(known: Referral, said: Answer, others: Sequence[Referral]) -> Decision | Refusal:
    """Propose or take over the case; whoever of the `others` had it has it no more: one agency has it."""
    wrong = objection(known, said)
    if wrong is not None:
        return wrong
    if said.message in known.taken:
        return Decision(known)
    after = m.HANDOVER.after(known.handover, said.rung)
    if after is None and known.handover == m.TAKEN_OVER == said.rung:
        return Decision(known)
    if after is None or known.state not in WHILE[said.rung]:
        return Refusal(OUT_OF_ORDER)
    told: tuple[Effect, ...] = ()
    if after == m.PROPOSED and known.channel == HUB:
        told = (routed(known, known.receiver, ALERT, m.PROPOSED),)
    data = ReferralOwnerData(**names(known), receiver=known.receiver, owner=known.receiver)
    lost = [each for each in others if each.handover == m.TAKEN_OVER and each.referral != known.referral]
    return Decision(
        replace(known, handover=after, taken=(*known.taken, said.message)),
        (Effect(KINDS[said.rung], data), *told),
        tuple(replace(each, handover="") for each in lost) if after == m.TAKEN_OVER else (),
    )
