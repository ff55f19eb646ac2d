"""What becomes of a referral, without I/O: a state and a fact in, the next state and what follows out.

    routed -> delivered -> accepted -> in_progress -> completed      (no rule allows it: refused)
                  |            `--------------------------^
                  `-> rejected

An answer that overtakes the news that the notice was delivered is that news. A rung that was reached is not
reached again. What does not fit is refused to whom it came from, and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from stafet.referrals.domain.choosing import HUB, REFUSALS
from stafet.referrals.domain.state import (
    ACCEPTED,
    COMPLETED,
    DELIVERED,
    IN_PROGRESS,
    REFUSED,
    REJECTED,
    ROUTED,
    Answer,
    Decision,
    Delivery,
    Effect,
    Referral,
    Submission,
)
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.course import (
    ReferralChosen,
    ReferralChosenData,
    ReferralProposedData,
    ReferralRerouteProposed,
)
from stafet_schemas.event import Event
from stafet_schemas.referral import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralDelivered,
    ReferralLoopClosed,
    ReferralLoopClosedData,
    ReferralRefused,
    ReferralRefusedData,
    ReferralRejected,
    ReferralRejectedData,
    ReferralRouted,
    ReferralRoutedData,
    ReferralStarted,
    ReferralStateData,
)

AFTER: Final[Mapping[str, frozenset[str]]] = {
    DELIVERED: frozenset({ROUTED}),
    ACCEPTED: frozenset({DELIVERED}),
    REJECTED: frozenset({DELIVERED}),
    IN_PROGRESS: frozenset({ACCEPTED}),
    COMPLETED: frozenset({ACCEPTED, IN_PROGRESS}),
}
"""Each rung, and the rungs it may come after."""

TOLD: Final = frozenset({DELIVERED, ACCEPTED, REJECTED, COMPLETED})
"""Rungs the sender is told. Not in_progress: SF2900 has no word for it."""

STATES: Final[Mapping[str, type[Event]]] = {
    DELIVERED: ReferralDelivered,
    ACCEPTED: ReferralAccepted,
    IN_PROGRESS: ReferralStarted,
    COMPLETED: ReferralCompleted,
}

PURPOSES: Final[Mapping[str, str]] = {"notice": "referral_notice", "status": "referral_status"}
"""Each part leaves for one purpose only; the content's is its rule's. The vault holds both to it."""


def decide(known: Referral | None, submission: Submission) -> Decision:
    """Route a submission to whom it was decided for, or refuse it to its sender; once only."""
    if known is not None:
        return Decision(known)
    choice = submission.choice
    referral = Referral(
        case=submission.case,
        referral=submission.referral,
        sender=submission.sender,
        placer=submission.placer,
        receiver=choice.receiver,
        rule=submission.rule,
        rungs=(ROUTED if choice.rule else REFUSED,),
        purpose=choice.rule.purpose if choice.rule else UNKNOWN,
    )
    if choice.rule:
        left_to_us = (_chosen(referral, choice.reason),) if submission.receiver == HUB else ()
        return Decision(referral, (*left_to_us, _routed(referral, referral.receiver, "notice")))
    refusal, told = REFUSALS[choice.reason]
    return Decision(
        referral,
        (
            _refused(referral, referral.sender, refusal),
            _routed(referral, referral.sender, "status", REJECTED, told),
            *([_proposed(referral, choice.others)] if choice.others else []),
        ),
    )


def advance(known: Referral, fact: Delivery | Answer) -> Decision:
    """Take a fact in: climb, close the loop, refuse an answer to its agency, or change nothing."""
    if isinstance(fact, Answer):
        return _answered(known, fact)
    # A status about a message of the recipient's own (lane: that message) says nothing of the referral.
    return _delivered(known, fact) if fact.lane == known.case else Decision(known)


def unknown(answer: Answer) -> Effect:
    """Refuse an answer about a referral that was never submitted; nobody knows its sender."""
    return Effect(
        ReferralRefused,
        ReferralRefusedData(
            case=answer.case,
            referral=answer.referral,
            sender=UNKNOWN,
            placer=UNKNOWN,
            agency=answer.agency,
            reason="unknown_referral",
            message=answer.message,
        ),
    )


def _delivered(known: Referral, fact: Delivery) -> Decision:
    if (fact.part, fact.recipient) == ("notice", known.receiver) and known.rungs[-1] == ROUTED:
        return _climb(known, DELIVERED)
    last = ("status", known.sender, known.outcome)
    if known.closed or known.outcome is None or (fact.part, fact.recipient, fact.rung) != last:
        return Decision(known)
    data = ReferralLoopClosedData(**_names(known), receiver=known.receiver, outcome=known.outcome)
    return Decision(replace(known, closed=True), (Effect(ReferralLoopClosed, data),))


def _answered(known: Referral, answer: Answer) -> Decision:
    if answer.agency != known.receiver:
        return Decision(known, (_refused(known, answer.agency, "wrong_agency", answer.message),))
    if answer.rung in known.rungs:
        return Decision(known)
    before = _climb(known, DELIVERED) if known.rungs[-1] == ROUTED else Decision(known)
    if before.referral.rungs[-1] not in AFTER[answer.rung]:
        return Decision(known, (_refused(known, answer.agency, "out_of_order", answer.message),))
    after = _climb(before.referral, answer.rung, answer.reason)
    return Decision(after.referral, before.effects + after.effects)


def _climb(known: Referral, rung: str, reason: str | None = None) -> Decision:
    names, receiver = _names(known), known.receiver
    effects = [
        Effect(ReferralRejected, ReferralRejectedData(**names, receiver=receiver, reason=reason or UNKNOWN))
        if rung == REJECTED
        else Effect(STATES[rung], ReferralStateData(**names, receiver=receiver))
    ]
    if rung == ACCEPTED:
        effects.append(_routed(known, receiver, "content"))
    if rung in TOLD:
        effects.append(_routed(known, known.sender, "status", rung, reason if rung == REJECTED else None))
    return Decision(replace(known, rungs=(*known.rungs, rung)), tuple(effects))


def _routed(
    known: Referral, recipient: str, part: str, rung: str | None = None, reason: str | None = None
) -> Effect:
    data = ReferralRoutedData(
        **_names(known),
        recipient=recipient,
        part=part,
        purpose=known.purpose if part == "content" else PURPOSES[part],
        rule=known.rule,
        rung=rung,
        reason=reason,
    )
    return Effect(ReferralRouted, data)


def _chosen(known: Referral, reason: str) -> Effect:
    data = ReferralChosenData(**_names(known), receiver=known.receiver, reason=reason, rule=known.rule)
    return Effect(ReferralChosen, data)


def _proposed(known: Referral, others: tuple[str, ...]) -> Effect:
    data = ReferralProposedData(**_names(known), receiver=known.receiver, candidates=others, rule=known.rule)
    return Effect(ReferralRerouteProposed, data)


def _refused(known: Referral, agency: str, reason: str, message: str | None = None) -> Effect:
    data = ReferralRefusedData(**_names(known), agency=agency, reason=reason, message=message)
    return Effect(ReferralRefused, data)


def _names(known: Referral) -> dict[str, str]:
    return {
        "case": known.case,
        "referral": known.referral,
        "sender": known.sender,
        "placer": known.placer,
    }
