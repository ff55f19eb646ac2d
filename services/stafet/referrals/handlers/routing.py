"""Who gets a referral, and what its receiver answers: look it up, decide, keep it, tell what follows."""

from stafet.referrals.domain.board import Ask, Routing, Unit
from stafet.referrals.domain.choosing import choose
from stafet.referrals.domain.course import advance, decide
from stafet.referrals.domain.machines import ACCEPTED, COMPLETED, IN_PROGRESS, REJECTED
from stafet.referrals.domain.routing import Rules
from stafet.referrals.domain.state import Answer, Delivery, Submission
from stafet.referrals.domain.telling import unknown
from stafet.referrals.handlers.applying import apply, tally
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.delivery import (
    DeliveryAccepted,
    DeliveryCompleted,
    DeliveryDelivered,
    DeliveryInProgress,
    DeliveryRejected,
)
from stafet_schemas.operation import OperationAnnounced
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.support import SupportCapacityReported

AnswerEvent = DeliveryAccepted | DeliveryRejected | DeliveryInProgress | DeliveryCompleted


async def on_referral_submitted(
    event: ReferralSubmitted, *, referrals: Referrals, outbox: Outbox, rules: Rules
) -> None:
    """Route a new referral to its receiver, or to whom the hub chooses; or refuse it to its sender."""
    data, routings = event.data, referrals.routings
    known = referrals.get(data.referral)
    ask = Ask(
        case=data.case,
        sender=data.sender,
        service=data.service,
        at=event.time,
        age_group=data.age_group,
        sex=data.sex,
        language=data.language,
        interpreter=data.interpreter,
        residence=data.residence,
    )
    others = referrals.of_person(data.case)
    having = [each.receiver for each in others if each.open and each.service == data.service]
    choice = choose(data.receiver, ask, rules, routings.board, having)
    submission = Submission(
        case=data.case,
        referral=data.referral,
        sender=data.sender,
        placer=data.placer,
        receiver=data.receiver,
        service=data.service,
        rule=rules.named(choice.rule),
        choice=choice,
        reached=rules.channel(data.sender, ask.on),
        status_only=rules.tells_only_status(data.sender, ask.on),
        facts=data.model_dump(mode="json"),
    )
    decision = decide(known, submission, others)
    apply(decision, referrals, outbox, event.time)
    if known is None and decision.referral.open:
        routing = Routing(
            data.referral, choice.receiver, choice.unit, ask, event.time, operation=data.operation
        )
        routings.put(routing)
        tally(routing, referrals, outbox, opened=1)


async def on_operation_announced(event: OperationAnnounced, *, referrals: Referrals, outbox: Outbox) -> None:
    """Keep who leads a joint action and how many persons it may bring."""
    del outbox
    operations = referrals.operations
    operations.put(operations.get(event.data.operation).announced(event.data))


async def on_support_capacity_reported(
    event: SupportCapacityReported, *, referrals: Referrals, outbox: Outbox
) -> None:
    """Keep how many places a unit has."""
    del outbox
    data = event.data
    referrals.routings.report(
        Unit(data.agency, data.unit, data.status, data.at, data.free, frozenset(data.accepts))
    )


async def on_delivery_delivered(event: DeliveryDelivered, *, referrals: Referrals, outbox: Outbox) -> None:
    """Note that the receiver has the notice, or that the sender knows the end; other deliveries pass."""
    data = event.data
    known = referrals.get(data.referral) if data.referral else None
    if known is not None:
        fact = Delivery(lane=data.lane, recipient=data.recipient, part=data.part, rung=data.rung)
        apply(advance(known, fact), referrals, outbox, event.time)


async def on_delivery_accepted(event: DeliveryAccepted, *, referrals: Referrals, outbox: Outbox) -> None:
    """Let the content go to the receiver and tell the sender."""
    _answer(event, ACCEPTED, referrals=referrals, outbox=outbox)


async def on_delivery_rejected(event: DeliveryRejected, *, referrals: Referrals, outbox: Outbox) -> None:
    """End the referral and tell the sender why."""
    _answer(event, REJECTED, event.data.reason, referrals=referrals, outbox=outbox)


async def on_delivery_in_progress(event: DeliveryInProgress, *, referrals: Referrals, outbox: Outbox) -> None:
    """Note that the service began."""
    _answer(event, IN_PROGRESS, referrals=referrals, outbox=outbox)


async def on_delivery_completed(event: DeliveryCompleted, *, referrals: Referrals, outbox: Outbox) -> None:
    """End the referral and tell the sender."""
    _answer(event, COMPLETED, referrals=referrals, outbox=outbox)


def _answer(
    event: AnswerEvent, rung: str, reason: str = UNKNOWN, *, referrals: Referrals, outbox: Outbox
) -> None:
    data = event.data
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
        apply(advance(known, answer), referrals, outbox, event.time)
