"""What the service does when somebody warns of an agency."""

from dataclasses import replace

from stafet.referrals.domain.choosing import HUB, candidates
from stafet.referrals.domain.danger import noted, objection, parted
from stafet.referrals.domain.reported import unfit
from stafet.referrals.domain.routing import Rules
from stafet.referrals.domain.state import Refusal
from stafet.referrals.handlers.applying import apply
from stafet.referrals.ports import Referrals
from stafet_runtime.outbox import Outbox
from stafet_schemas.step import StepReported


def on_safety_conflict(
    event: StepReported, *, referrals: Referrals, outbox: Outbox, rules: Rules
) -> Refusal | None:
    """Send the person there no more, and take back what is open there; said again, it changes nothing."""
    data, routings = event.data, referrals.routings
    wrong = unfit(data, event.time)
    connected = rules.channel(data.behalf or "", event.time.date()) == HUB
    wrong = wrong or objection(data, connected=connected)
    if wrong is not None or data.party is None:
        return wrong or Refusal("missing", "party")
    if routings.board.endangered(data.case, (data.party,)):
        return None
    routings.endanger(data.case, data.party)
    effect = noted(data, data.party)
    outbox.emit(effect.kind, effect.data)
    for known in referrals.of_case(data.case):
        routing = routings.get(known.referral)
        if known.receiver == data.party and known.open and routing is not None:
            asked_now = replace(routing.ask, at=event.time)
            best = candidates(asked_now, rules, routings.board)
            apply(parted(known, data, tuple(each.receiver for each in best)), referrals, outbox, event.time)
    return None
