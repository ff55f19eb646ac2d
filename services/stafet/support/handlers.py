"""What the service does on each event: look up what is known, decide, keep it, tell what follows."""

from dataclasses import replace

from stafet.support.domain import children, homeward, places, stays
from stafet.support.domain.deciding import decide, located
from stafet.support.domain.machines import OF_STEP
from stafet.support.domain.outcome import Outcome
from stafet.support.domain.rules import Rules
from stafet.support.domain.said import Said, Source
from stafet.support.ports import Support
from stafet_runtime.kin import KIND, MERGED, SPLIT
from stafet_runtime.outbox import Outbox
from stafet_runtime.thing import Thing
from stafet_schemas.case import CaseErased
from stafet_schemas.consent import ConsentExpired, ConsentGiven, ConsentNarrowed, ConsentWithdrawn
from stafet_schemas.course import ReferralCancelled, ReferralEnteredInError, ReferralFailed
from stafet_schemas.likeness import CaseMerged, CaseSplit
from stafet_schemas.referral import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralEvent,
    ReferralStarted,
    ReferralStateData,
    ReferralSubmitted,
)
from stafet_schemas.step import StepReported
from stafet_schemas.support import CapacityAnswered, CapacityQueried, SupportCapacityReported

HUB = "hub"
"""Who says what follows from a consent: nobody reported it."""


async def on_step_reported(event: StepReported, *, support: Support, outbox: Outbox, rules: Rules) -> None:
    """Take a step of ours, in the case that it is about; others' pass."""
    if event.data.step in OF_STEP:
        said = Said(located(event.data, support), event.time)
        _apply(decide(said, support, support.units, rules), support, outbox)


async def on_referral_submitted(
    event: ReferralSubmitted, *, support: Support, outbox: Outbox, rules: Rules
) -> None:
    """Remember what a place must be for, and treat a child as one."""
    data = event.data
    if _erased(data.case, support):
        return
    _apply(stays.referred(data, support), support, outbox)
    if data.age_group == "child":
        source = Source(data.sender, data.placer, event.time)
        _apply(children.suspected(data.case, source, support, rules), support, outbox)


async def on_referral_accepted(
    event: ReferralAccepted, *, support: Support, outbox: Outbox, rules: Rules
) -> None:
    """Keep the place that a referral brought."""
    _went(_move(event, event.data, stays.KEPT), support, outbox, rules)


async def on_referral_started(
    event: ReferralStarted, *, support: Support, outbox: Outbox, rules: Rules
) -> None:
    """Note that the person moved in."""
    _went(_move(event, event.data, "accommodation_checked_in"), support, outbox, rules)


async def on_referral_completed(
    event: ReferralCompleted, *, support: Support, outbox: Outbox, rules: Rules
) -> None:
    """End the stay with its referral."""
    _went(_move(event, event.data, "accommodation_left"), support, outbox, rules)


async def on_referral_ended(
    event: ReferralCancelled | ReferralFailed | ReferralEnteredInError,
    *,
    support: Support,
    outbox: Outbox,
    rules: Rules,
) -> None:
    """End the stay with its referral, or look for the person."""
    data = event.data
    move = _move(event, data, stays.end_of(data, support, rules))
    source = Source(data.by, event.id, event.time)
    _went(replace(move, source=source, reason=data.reason), support, outbox, rules)


async def on_consent_given(event: ConsentGiven, *, support: Support, outbox: Outbox) -> None:
    """Know on what a prepared return may stand."""
    source = Source(HUB, event.id, event.time)
    _apply(homeward.consented(support, event.data, "given", source), support, outbox)


async def on_consent_cut(
    event: ConsentNarrowed | ConsentWithdrawn | ConsentExpired, *, support: Support, outbox: Outbox
) -> None:
    """Let a return fall back that stands on a consent no longer."""
    source = Source(HUB, event.id, event.time)
    state = event.short_name().partition(".")[2]
    _apply(homeward.consented(support, event.data, state, source), support, outbox)


async def on_support_capacity_reported(
    event: SupportCapacityReported, *, support: Support, outbox: Outbox
) -> None:
    """Know how many places a unit has."""
    del outbox
    data = event.data
    known = [each for each in support.units if (each.agency, each.name) == (data.agency, data.unit)]
    if unit := places.reported(known[0] if known else None, data):
        support.put_unit(unit)


async def on_capacity_queried(
    event: CapacityQueried, *, support: Support, outbox: Outbox, rules: Rules
) -> None:
    """Say who has places."""
    outbox.emit(CapacityAnswered, places.answer(event.data, support.units, rules))


async def on_case_merged(event: CaseMerged, *, support: Support, outbox: Outbox) -> None:
    """Know that another case is of the same person: each keeps what it has."""
    del outbox
    support.put(Thing(event.data.case, KIND, event.data.other, MERGED))


async def on_case_split(event: CaseSplit, *, support: Support, outbox: Outbox) -> None:
    """Know that it is not."""
    del outbox
    support.put(Thing(event.data.case, KIND, event.data.other, SPLIT))


async def on_case_erased(event: CaseErased, *, support: Support, outbox: Outbox) -> None:
    """Tell nothing more of the case."""
    del outbox
    support.put(support.get(event.data.case, "case", "case").moved("erased"))


def _move(event: ReferralEvent, data: ReferralStateData, step: str) -> stays.Move:
    source = Source(data.receiver, event.id, event.time)
    return stays.Move(step, data.case, data.referral, data.receiver, source)


def _went(move: stays.Move, support: Support, outbox: Outbox, rules: Rules) -> None:
    if _erased(move.case, support):
        return
    outcome = stays.went(move, support)
    _apply(outcome, support, outbox)
    for thing in outcome.things:
        _apply(children.following(move.step, thing, move.source, support, rules), support, outbox)


def _erased(case: str, support: Support) -> bool:
    return support.get(case, "case", "case").state == "erased"


def _apply(outcome: Outcome, support: Support, outbox: Outbox) -> None:
    for thing in outcome.things:
        support.put(thing)
    for effect in outcome.effects:
        outbox.emit(effect.kind, effect.data)
