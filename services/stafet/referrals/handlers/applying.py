"""What every handler does with a decision."""

from dataclasses import replace
from datetime import datetime

from stafet.referrals.domain.board import OPEN, Routing
from stafet.referrals.domain.state import Decision, standing
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.operation import OperationReferralsOpened


def apply(decision: Decision, referrals: Referrals, outbox: Outbox, at: datetime) -> None:
    """Keep a decision, tell what follows, and note what the referral is now to the place it was sent to."""
    for each in (decision.referral, *decision.beside):
        referrals.put(each)
    for effect in decision.effects:
        outbox.emit(effect.kind, effect.data)
    routing = referrals.routings.get(decision.referral.referral)
    after = standing(decision)
    if routing is not None and routing.standing != after:
        referrals.routings.put(replace(routing, standing=after, at=at))
        tally(replace(routing, at=at), referrals, outbox, answered=int(routing.standing == OPEN))


def tally(
    routing: Routing, referrals: Referrals, outbox: Outbox, *, opened: int = 0, answered: int = 0
) -> None:
    """Count a referral of a joint action."""
    if routing.operation is None:
        return
    operation = referrals.operations.get(routing.operation)
    operation, told = operation.counted(routing.at, opened=opened, answered=answered)
    referrals.operations.put(operation)
    if told is not None:
        outbox.emit(OperationReferralsOpened, told)
