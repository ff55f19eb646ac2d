"""Another agency is to have it: a referral ends, and one that is based on it goes on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.course import OUT_OF_ORDER, twin
from stafet.referrals.domain.parties import objection
from stafet.referrals.domain.state import Answer, Decision, Referral, Refusal
from stafet.referrals.domain.telling import names, told
from stafet_runtime.effect import Effect
from stafet_schemas.course import ReferralRedirected, ReferralRedirectedData
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData

PARTY: Final = "party"


def redirected(
    known: Referral, said: Answer, barred: str | None, others: Sequence[Referral]
) -> Decision | Refusal:
    """End a referral and submit its successor, whose id is the receipt of the step; for the same record.

    The successor is routed like any other submission. `barred` says why the party may not have it, as a code
    of the list `refusal`; `others` are the referrals of the person.
    """
    wrong = objection(known, said)
    if wrong is not None:
        return wrong
    if said.message in known.taken:
        return Decision(known)
    after = m.REFERRAL.after(known.state, m.REDIRECTED)
    if after is None:
        return Refusal(OUT_OF_ORDER)
    party = said.party or known.receiver
    if party == known.receiver or not known.facts:
        barred = "impossible"
    elif barred is None and twin(replace(known, receiver=party), others) is not None:
        barred = "already_open"
    if barred is not None:
        return Refusal(barred, PARTY)
    successor = ReferralSubmittedData.model_validate(
        {**known.facts, **names(known), "referral": said.message, "receiver": party}
    )
    ended = ReferralRedirectedData(
        **names(known), receiver=known.receiver, successor=said.message, target=party, by=said.by
    )
    effects = (
        Effect(ReferralRedirected, ended),
        *told(known, m.REDIRECTED, said),
        Effect(ReferralSubmitted, successor),
    )
    taken = (*known.taken, said.message)
    return Decision(replace(known, rungs=(*known.rungs, after), taken=taken), effects)
