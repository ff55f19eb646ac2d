"""What the service does on each event: decide by what is known, keep what changed, tell what follows."""

from dataclasses import replace
from datetime import datetime

from stafet.identification.domain import assessments, competence, course, periods, warned
from stafet.identification.domain.context import HUB, Context, Said, said_by
from stafet.identification.domain.deciding import ERASED, SERVICE, decide, located
from stafet.identification.domain.decision import Decision, RefusalError
from stafet.identification.domain.refusing import refused
from stafet.identification.domain.rules import Rules
from stafet.identification.domain.vocabulary import Vocabularies
from stafet.identification.ports import Book
from stafet_runtime.kin import KIND as KIN
from stafet_runtime.kin import MERGED, SPLIT, kin
from stafet_runtime.outbox import Outbox
from stafet_runtime.thing import Thing
from stafet_schemas.case import CaseErased
from stafet_schemas.deadline import DeadlineBreached
from stafet_schemas.event import Event
from stafet_schemas.identification import DecisionData, IdentificationDecided, IdentificationDecisionReversed
from stafet_schemas.likeness import CaseMerged, CaseSplit, KinshipData
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.stay import (
    AccommodationCheckedIn,
    AccommodationLeft,
    ContactPersonAssigned,
    ContactPersonChanged,
)
from stafet_schemas.step import FactData, StepReported

CLOCK = "period_end"


class Desk:
    """Applies decisions to the case file of one transaction."""

    def __init__(self, book: Book, outbox: Outbox, rules: Rules, vocabularies: Vocabularies) -> None:
        self._book = book
        self._outbox = outbox
        self._rules = rules
        self._vocabularies = vocabularies

    def context(self, now: datetime) -> Context:
        """Give what a decision is made with; `now` is the time of the event."""
        return Context(self._book, self._rules, self._vocabularies, now)

    def apply(self, decision: Decision) -> None:
        """Keep what changed and tell what follows."""
        for thing in decision.things:
            self._book.put(thing)
        for effect in decision.effects:
            self._outbox.emit(effect.kind, effect.data)


async def on_step_reported(event: StepReported, *, desk: Desk) -> None:
    """Decide on a step of identification, in the case that it is about."""
    context = desk.context(event.time)
    step = located(event.data, context)
    said = said_by(step)
    desk.apply(decide(step, context))
    _follow(desk, said, context)


async def on_referral_submitted(event: ReferralSubmitted, *, desk: Desk) -> None:
    """Learn the right to stay where it is not known; begin where identification is asked for."""
    data, context = event.data, desk.context(event.time)
    said = Said(data.case, data.sender, data.placer, event.time)
    if context.only(data.case, "case").state == ERASED:
        return
    desk.apply(competence.learned(said, context, data.residence))
    if data.service == SERVICE:
        desk.apply(course.submitted(said, context))
    _follow(desk, said, context)


async def on_identification_decided(event: IdentificationDecided, *, desk: Desk) -> None:
    """Take what a connected authority decided."""
    _decided(event.data, desk, desk.context(event.time))


async def on_identification_decision_reversed(event: IdentificationDecisionReversed, *, desk: Desk) -> None:
    """Take what a connected authority decided in place of an earlier decision."""
    _decided(event.data, desk, desk.context(event.time), event.data.reverses)


async def on_deadline_breached(event: DeadlineBreached, *, desk: Desk) -> None:
    """End a period whose last day is over."""
    data = event.data
    if data.clock == CLOCK:
        said = Said(data.matter, HUB, data.deadline, data.due)
        desk.apply(periods.expired(said, desk.context(event.time), data.subject))


async def on_contact_person_assigned(event: ContactPersonAssigned, *, desk: Desk) -> None:
    """Remember whom to warn."""
    _warn(desk, event, event.data, warned.contact_person(event.data.case, event.data.provider))


async def on_contact_person_changed(event: ContactPersonChanged, *, desk: Desk) -> None:
    """Remember whom to warn from now on."""
    _warn(desk, event, event.data, warned.contact_person(event.data.case, event.data.provider))


async def on_accommodation_checked_in(event: AccommodationCheckedIn, *, desk: Desk) -> None:
    """Remember the shelter as one to warn."""
    data = event.data
    _warn(desk, event, data, warned.stay(data.case, data.stay, data.provider, warned.STAYING))


async def on_accommodation_left(event: AccommodationLeft, *, desk: Desk) -> None:
    """Warn that shelter no longer."""
    data = event.data
    _warn(desk, event, data, warned.stay(data.case, data.stay, data.provider, warned.LEFT))


async def on_case_merged(event: CaseMerged, *, desk: Desk) -> None:
    """Know that another case is of the same person: each keeps what it has, and sees the other's."""
    _related(desk, event, event.data, MERGED)


async def on_case_split(event: CaseSplit, *, desk: Desk) -> None:
    """Know that it is not: each has only its own again."""
    _related(desk, event, event.data, SPLIT)


async def on_case_erased(event: CaseErased, *, desk: Desk) -> None:
    """Follow the case no longer: its pseudonym leads to nobody, so nobody can be warned or identified."""
    case, context = event.data.case, desk.context(event.time)
    said, others = Said(case, HUB, event.id, event.time), kin(context.matter, case)[1:]
    desk.apply(periods.forgotten(said, context))
    desk.apply(course.forgotten(said, context))
    desk.apply(Decision((Thing(case, "case", "case", ERASED),)))
    for other in others:
        _follow(desk, replace(said, case=other), context)


def _related(desk: Desk, event: Event, data: KinshipData, state: str) -> None:
    desk.apply(Decision((Thing(data.case, KIN, data.other, state),)))
    _follow(desk, Said(data.case, data.agency, data.message, data.at), desk.context(event.time))


def _follow(desk: Desk, said: Said, context: Context) -> None:
    """See in each case of the person who is competent now, and who is to be warned."""
    if context.only(said.case, "case").state == ERASED:
        return
    desk.apply(competence.determined_anew(said, context))
    for case in kin(context.matter, said.case):
        desk.apply(periods.warned_anew(replace(said, case=case), context))


def _warn(desk: Desk, event: Event, data: FactData, decision: Decision) -> None:
    desk.apply(decision)
    said = Said(data.case, data.agency, data.message, data.at)
    desk.apply(periods.warned_anew(said, desk.context(event.time)))


def _decided(data: DecisionData, desk: Desk, context: Context, reverses: str | None = None) -> None:
    said = Said(data.case, data.agency, data.message, context.now, connected=True)
    outcome = context.rules.outcomes.get(data.outcome, data.outcome)
    verdict = assessments.Verdict(data.agency, outcome, data.holds_from)
    try:
        if reverses is None:
            desk.apply(assessments.decided(said, context, verdict))
        else:
            desk.apply(assessments.reversed_by(said, context, verdict, reverses))
    except RefusalError as error:
        desk.apply(Decision(effects=(refused(said, assessments.DECIDE, error, data.referral),)))
