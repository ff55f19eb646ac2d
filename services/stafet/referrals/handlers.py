"""What the service does on each event: look the referral up, decide, keep its state, tell what follows."""

from stafet.referrals.domain.course import advance, decide, unknown
from stafet.referrals.domain.routing import Rules
from stafet.referrals.domain.state import (
    ACCEPTED,
    COMPLETED,
    IN_PROGRESS,
    REJECTED,
    Answer,
    Decision,
    Delivery,
    Submission,
)
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.delivery import (
    AnswerData,
    DeliveryAccepted,
    DeliveryCompleted,
    DeliveryDelivered,
    DeliveryInProgress,
    DeliveryRejected,
)
from stafet_schemas.referral import ReferralSubmitted


async def on_referral_submitted(
    event: ReferralSubmitted, *, referrals: Referrals, outbox: Outbox, rules: Rules
) -> None:
    """Route a new referral to its receiver, or refuse it to its sender."""
    data = event.data
    submission = Submission(
        case=data.case,
        referral=data.referral,
        sender=data.sender,
        placer=data.placer,
        receiver=data.receiver,
        service=data.service,
        on=event.time.date(),
    )
    _apply(decide(referrals.get(data.referral), submission, rules), referrals, outbox)


async def on_delivery_delivered(event: DeliveryDelivered, *, referrals: Referrals, outbox: Outbox) -> None:
    """Note that the receiver has the notice, or that the sender knows the end; other deliveries pass."""
    data = event.data
    known = referrals.get(data.referral) if data.referral else None
    if known is not None:
        fact = Delivery(lane=data.lane, recipient=data.recipient, part=data.part, rung=data.rung)
        _apply(advance(known, fact), referrals, outbox)


async def on_delivery_accepted(event: DeliveryAccepted, *, referrals: Referrals, outbox: Outbox) -> None:
    """Let the content go to the receiver and tell the sender."""
    _answer(event.data, ACCEPTED, referrals=referrals, outbox=outbox)


async def on_delivery_rejected(event: DeliveryRejected, *, referrals: Referrals, outbox: Outbox) -> None:
    """End the referral and tell the sender why."""
    _answer(event.data, REJECTED, event.data.reason, referrals=referrals, outbox=outbox)


async def on_delivery_in_progress(event: DeliveryInProgress, *, referrals: Referrals, outbox: Outbox) -> None:
    """Note that the service began."""
    _answer(event.data, IN_PROGRESS, referrals=referrals, outbox=outbox)


async def on_delivery_completed(event: DeliveryCompleted, *, referrals: Referrals, outbox: Outbox) -> None:
    """End the referral and tell the sender."""
    _answer(event.data, COMPLETED, referrals=referrals, outbox=outbox)


def _answer(
    data: AnswerData, rung: str, reason: str = UNKNOWN, *, referrals: Referrals, outbox: Outbox
) -> None:
    answer = Answer(
        case=data.lane,
        referral=data.referral,
        agency=data.agency,
        message=data.message,
        rung=rung,
        reason=reason,
    )
    known = referrals.get(data.referral)
    if known is None:
        refusal = unknown(answer)
        outbox.emit(refusal.kind, refusal.data)
    else:
        _apply(advance(known, answer), referrals, outbox)


def _apply(decision: Decision, referrals: Referrals, outbox: Outbox) -> None:
    referrals.put(decision.referral)
    for effect in decision.effects:
        outbox.emit(effect.kind, effect.data)
