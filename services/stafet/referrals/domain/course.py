"""What becomes of a referral, without I/O: a state and a fact in, the next state and what follows out.

An answer that overtakes the news that the notice was delivered is that news. A rung that was reached is not
reached again. What does not fit is refused to whom it came from, and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB, REFUSALS, Choice
from stafet.referrals.domain.parties import objection
from stafet.referrals.domain.state import (
    Answer,
    Decision,
    Delivery,
    Referral,
    Refusal,
    Submission,
)
from stafet.referrals.domain.telling import (
    NOTICE,
    STATUS,
    TOLD,
    chosen,
    fact,
    logged,
    loop_closed,
    proposed,
    refused,
    routed,
    status,
    told,
)
from stafet_schemas.codes import UNKNOWN

OUT_OF_ORDER: Final = "out_of_order"
ANSWERS: Final = frozenset({m.ACCEPTED, m.REJECTED, m.INFO_REQUESTED})
"""What only somebody says who has the notice."""


def decide(known: Referral | None, submission: Submission, others: Sequence[Referral] = ()) -> Decision:
    """Route a submission to whom it was decided for, or refuse it to its sender; once only.

    `others` are the referrals of its person: one that is open with the receiver for the service is enough.
    """
    if known is not None:
        return Decision(known)
    choice = submission.choice
    channel = choice.rule.channel if choice.rule else HUB
    begun = m.REFUSED if not choice.rule else m.ROUTED if channel == HUB else m.LOGGED
    referral = Referral(
        case=submission.case,
        referral=submission.referral,
        sender=submission.sender,
        placer=submission.placer,
        receiver=choice.receiver,
        rule=submission.rule,
        rungs=(begun,),
        purpose=choice.rule.purpose if choice.rule else UNKNOWN,
        service=submission.service,
        channel=channel,
        reached=submission.reached,
        status_only=submission.status_only,
        duty=choice.rule is not None and choice.rule.duty,
        facts=submission.facts,
    )
    first = twin(referral, others)
    if first is not None:
        return _already_open(replace(referral, rungs=(m.REFUSED,)), first)
    if begun == m.REFUSED:
        return _nobody(referral, choice)
    begins = routed(referral, referral.receiver, NOTICE) if begun == m.ROUTED else logged(referral)
    left_to_us = (chosen(referral, choice.reason),) if submission.receiver == HUB else ()
    return Decision(referral, (*left_to_us, begins))


def twin(referral: Referral, others: Sequence[Referral]) -> Referral | None:
    """Find the open referral that asks the same of the same agency, of the `others` of the same person."""
    same = (referral.receiver, referral.service)
    return next(
        (
            each
            for each in others
            if (each.receiver, each.service) == same and each.referral != referral.referral and each.open
        ),
        None,
    )


def advance(known: Referral, said: Delivery | Answer) -> Decision:
    """Take in a delivery, or an answer of a connected agency, which is told if it does not fit."""
    if isinstance(said, Delivery):
        # A status about a message of the recipient's own (lane: that message) says nothing of the referral.
        return _delivered(known, said) if said.lane == known.case else Decision(known)
    taken = answered(known, said)
    if isinstance(taken, Refusal):
        return Decision(known, (refused(known, said.agency, taken.reason, said.message),))
    return taken


def answered(known: Referral, said: Answer) -> Decision | Refusal:
    """Take in what an agency says, once: climb, change nothing because it is known, or refuse it."""
    wrong = objection(known, said)
    if wrong is not None:
        return wrong
    if said.message in known.taken:
        return Decision(known)
    landed = m.DELIVERED if known.channel == HUB else m.HANDED_OVER
    if said.rung in {m.DELIVERED, m.HANDED_OVER} and said.rung != landed:
        return Refusal(OUT_OF_ORDER)
    implies = said.rung in ANSWERS and m.DELIVERED not in known.rungs
    before = moved(known, landed, said) if implies else Decision(known)
    after = before and moved(before.referral, said.rung, said)
    if before and after:
        taken = (*known.taken, said.message)
        return Decision(replace(after.referral, taken=taken), before.effects + after.effects)
    again = said.rung in m.ONCE and not set(known.rungs).isdisjoint(m.REFERRAL.moves[said.rung].values())
    return Decision(known) if again else Refusal(OUT_OF_ORDER)


def moved(known: Referral, step: str, said: Answer) -> Decision | None:
    """Take a step, if the machine allows it; word what it is, and what both sides must learn of it."""
    state = m.REFERRAL.after(known.state, step)
    if state is None:
        return None
    effects = (fact(known, step, said), *told(known, step, said))
    return Decision(replace(known, rungs=(*known.rungs, state)), effects)


def _delivered(known: Referral, said: Delivery) -> Decision:
    if (said.part, said.recipient) == (NOTICE, known.receiver) and m.DELIVERED not in known.rungs:
        news = Answer(known.case, known.referral, HUB, said.lane, m.DELIVERED)
        return moved(known, m.DELIVERED, news) or Decision(known)
    last = (STATUS, known.sender, known.outcome)
    if known.closed or known.outcome is None or (said.part, said.recipient, said.rung) != last:
        return Decision(known)
    return Decision(replace(known, closed=True), (loop_closed(known, known.outcome),))


def _nobody(referral: Referral, choice: Choice) -> Decision:
    refusal, reason = REFUSALS[choice.reason]
    effects = [refused(referral, referral.sender, refusal), *status(referral, m.REJECTED, reason)]
    effects += [proposed(referral, choice.others)] if choice.others else []
    return Decision(referral, tuple(effects))


def _already_open(referral: Referral, first: Referral) -> Decision:
    """Refuse a second one to its sender, who learns again how far the first is if that is its own.

    Not of one in another case of the person: that would tell the sender that its two are one.
    """
    effects = [refused(referral, referral.sender, "already_open")]
    effects += status(referral, m.REJECTED, "duplicate")
    rungs = [each for each in first.rungs if each in TOLD.values()]
    if (first.sender, first.case) == (referral.sender, referral.case) and rungs:
        effects += status(first, rungs[-1])
    return Decision(referral, tuple(effects))
