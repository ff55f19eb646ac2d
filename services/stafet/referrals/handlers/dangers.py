"""What the service does when somebody warns of an agency."""

from dataclasses import replace
from datetime import datetime

from stafet.referrals.domain.choosing import HUB, candidates
from stafet.referrals.domain.danger import noted, objection, parted
from stafet.referrals.domain.reported import unfit
from stafet.referrals.domain.routing import Rules
from stafet.referrals.domain.state import Referral, Refusal
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
    # Another case of the person may bar it already: noted in this one, it outlasts a split.
    if (data.case, data.party) in routings.board.dangers:
        return None
    routings.endanger(data.case, data.party)
    effect = noted(data, data.party)
    outbox.emit(effect.kind, effect.data)
    for known in referrals.of_person(data.case):
        if known.receiver == data.party and known.open:
            # Whoever warned knows the person by this case alone: in another one it is the hub's word.
            by = data.behalf or data.agency if known.case == data.case else HUB
            take_back(known, by, data.message, event.time, referrals=referrals, outbox=outbox, rules=rules)
    return None


def take_back(
    known: Referral,
    by: str,
    message: str,
    now: datetime,
    *,
    referrals: Referrals,
    outbox: Outbox,
    rules: Rules,
) -> None:
    """Take a referral from an agency that endangers the person, by whose word and under which receipt."""
    routing = referrals.routings.get(known.referral)
    if routing is not None:
        best = candidates(replace(routing.ask, at=now), rules, referrals.routings.board)
        others = tuple(each.receiver for each in best)
        apply(parted(known, by, message, others), referrals, outbox, now)
