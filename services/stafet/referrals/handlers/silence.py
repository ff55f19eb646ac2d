"""What the service does when the deadline of an answer comes near, and when it is over."""

from dataclasses import replace

from stafet.referrals.domain.choosing import candidates
from stafet.referrals.domain.routing import Rules
from stafet.referrals.domain.silence import WAITED, breached, warned
from stafet.referrals.handlers.applying import apply
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned


async def on_deadline_warned(event: DeadlineWarned, *, referrals: Referrals, outbox: Outbox) -> None:
    """Remind whoever is to answer."""
    data = event.data
    known = referrals.get(data.subject) if data.clock in WAITED else None
    if known is not None:
        apply(warned(known, data.clock, data.deadline, data.stage), referrals, outbox, event.time)


async def on_deadline_breached(
    event: DeadlineBreached, *, referrals: Referrals, outbox: Outbox, rules: Rules
) -> None:
    """Give an unanswered referral to the coordinator, with whoever else could take it."""
    data = event.data
    known = referrals.get(data.subject) if data.clock in WAITED else None
    if known is None:
        return
    routing = referrals.routings.get(known.referral)
    others: tuple[str, ...] = ()
    if routing is not None:
        asked_now = replace(routing.ask, at=event.time)
        best = candidates(asked_now, rules, referrals.routings.board, without=(known.receiver,))
        others = tuple(each.receiver for each in best)
    apply(breached(known, data.clock, data.deadline, others), referrals, outbox, event.time)
