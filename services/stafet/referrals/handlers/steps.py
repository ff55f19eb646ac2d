"""What agencies report of a referral, or the coordinator for them: a fact of it, or why it is none."""

from dataclasses import replace

from stafet.referrals.domain import danger
from stafet.referrals.domain.choosing import HUB, REFUSALS, choose
from stafet.referrals.domain.reported import STEPS, reported, unfit
from stafet.referrals.domain.routing import Rules
from stafet.referrals.domain.state import Answer, Referral, Refusal
from stafet.referrals.handlers.applying import apply
from stafet.referrals.handlers.dangers import on_safety_conflict
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.step import StepRefused, StepReported, StepReportedData
from stafet_schemas.steps import steps


async def on_step_reported(
    event: StepReported, *, referrals: Referrals, outbox: Outbox, rules: Rules
) -> None:
    """Take a step of a referral, or refuse it with a reason, as one of no service; those of others pass."""
    data = event.data
    if data.step not in steps():
        outbox.emit(StepRefused, data.refused("unknown_step", "step"))
        return
    if data.step == danger.STEP:
        wrong = on_safety_conflict(event, referrals=referrals, outbox=outbox, rules=rules)
        if wrong is not None:
            outbox.emit(StepRefused, data.refused(wrong.reason, wrong.field))
    if data.step not in STEPS:
        return
    known = referrals.get(data.subject) if data.subject else None
    taken = unfit(data, event.time)
    if taken is None and (known is None or known.case != data.case):
        taken = Refusal("unknown_referral", "subject")
    if taken is None and known is not None:
        barred = _barred(event, known, referrals, rules)
        said = _said(data, connected=rules.channel(data.behalf or "", event.time.date()) == HUB)
        decided = reported(known, said, barred, referrals.of_person(known.case))
        if not isinstance(decided, Refusal):
            apply(decided, referrals, outbox, event.time)
            return
        taken = decided
    why = taken or Refusal("impossible")
    outbox.emit(StepRefused, data.refused(why.reason, why.field))


def _barred(event: StepReported, known: Referral, referrals: Referrals, rules: Rules) -> str | None:
    """Say why the party of a step may not have the referral; None if it may, or if there is no party."""
    routing = referrals.routings.get(known.referral)
    if event.data.party is None:
        return None
    if routing is None:
        return "no_recipient"
    asked_now = replace(routing.ask, at=event.time)
    choice = choose(event.data.party, asked_now, rules, referrals.routings.board)
    return None if choice.rule is not None else REFUSALS[choice.reason][0]


def _said(data: StepReportedData, *, connected: bool) -> Answer:
    return Answer(
        case=data.case,
        referral=data.subject or UNKNOWN,
        agency=data.agency,
        message=data.message,
        rung=STEPS[data.step],
        reason=data.reason or UNKNOWN,
        at=data.at,
        behalf=data.behalf,
        connected=connected,
        party=data.party,
        channel=data.channel,
        codes=data.codes,
    )
