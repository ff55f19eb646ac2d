"""Reflection and recovery periods: offered, asked for, granted, extended, over.

A period whose extension was asked for in time is not over while nobody has answered: slowness of an authority
takes nothing from the person. One that was asked for in time and told late takes an expired one up again.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from stafet.identification.domain.context import HUB, Context, Said, said_by, speaker
from stafet.identification.domain.days import day_of
from stafet.identification.domain.decision import Decision, RefusalError, advance
from stafet.identification.domain.lengths import Length, limit_of
from stafet.identification.domain.machines import PERIOD
from stafet.identification.domain.warned import notified
from stafet_runtime.danish import danish_day
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas import period
from stafet_schemas.event import Event
from stafet_schemas.step import StepReportedData

KIND: Final = "period"
ACTIVE: Final = "active"
ASKED: Final = "extension_requested"
FACTS: Final[Mapping[str, type[Event]]] = {
    "period_offered": period.PeriodOffered,
    "period_requested": period.PeriodRequested,
    "period_granted": period.PeriodGranted,
    "period_extension_requested": period.PeriodExtensionRequested,
    "period_extended": period.PeriodExtended,
    "period_extension_refused": period.PeriodExtensionRefused,
    "period_override_recorded": period.PeriodOverrideRecorded,
    "period_expired": period.PeriodExpired,
    "period_ended_early": period.PeriodEndedEarly,
}


def offered(step: StepReportedData, context: Context) -> Decision:
    """Begin a period of a kind that the law of the day knows."""
    said, kind = said_by(step), step.kind or ""
    limit_of(context.rules, kind, said.day)
    thing = context.matter.get(step.case, KIND, step.message)
    return _moved(thing, said, context, step.step, kind=kind)


def requested(step: StepReportedData, context: Context) -> Decision:
    """Note that the person asks for it."""
    return _moved(context.existing(step, KIND), said_by(step), context, step.step)


def granted(step: StepReportedData, context: Context) -> Decision:
    """Let it run, from the day it was granted and for the usual length if no days are said.

    Raises:
        RefusalError: the days cannot be, or another one of its kind runs.
    """
    said, thing = said_by(step), _of_granter(step, context)
    kind = thing.facts["kind"]
    _alone(thing, context)
    limit = limit_of(context.rules, kind, step.starts or said.day, "starts" if step.starts else "kind")
    length = Length.granted(limit, said.day, step.starts, step.until)
    return _moved(thing, said, context, step.step, **length.facts())


def extension_requested(step: StepReportedData, context: Context) -> Decision:
    """Note that a later end is asked for; it must be asked for while the period runs.

    Raises:
        RefusalError: its last day was over, or another one of its kind runs by now.
    """
    said, thing = said_by(step), context.existing(step, KIND)
    until = day_of(thing.facts.get("until"))
    if until is not None and said.day > until and thing.state != ASKED:
        raise RefusalError("out_of_order", "at")
    _alone(thing, context)
    return _moved(thing, said, context, step.step, reason=step.reason)


def extended(step: StepReportedData, context: Context) -> Decision:
    """Give it a later end."""
    said, thing = said_by(step), _of_granter(step, context)
    if thing.state != ASKED or step.until is None:
        return _moved(thing, said, context, step.step, until=_text(step.until))
    limit = limit_of(context.rules, thing.facts["kind"], said.day)
    overridden = "law" in thing.facts
    length = Length.of(thing).extended(limit, step.until, overridden=overridden)
    return _moved(thing, said, context, step.step, reason=step.reason, **length.facts())


def extension_refused(step: StepReportedData, context: Context) -> Decision:
    """Let it end as before; where that day is over, it ends now."""
    said, thing = said_by(step), _of_granter(step, context)
    answer = _moved(thing, said, context, step.step, reason=step.reason)
    until = day_of(thing.facts.get("until"))
    if not answer.things or until is None or said.day <= until:
        return answer
    return answer + _moved(answer.things[0], said, context, "period_expired")


def override_recorded(step: StepReportedData, context: Context) -> Decision:
    """Note the legal basis on which it may reach beyond the cap."""
    return _moved(_of_granter(step, context), said_by(step), context, step.step, law=step.law)


def ended_early(step: StepReportedData, context: Context) -> Decision:
    """End it before its last day."""
    return _moved(_of_granter(step, context), said_by(step), context, step.step, reason=step.reason)


def expired(said: Said, context: Context, subject: str) -> Decision:
    """End it because its last day is over; not if it was extended or ended, or an extension is asked for."""
    thing = context.matter.get(said.case, KIND, subject)
    until = day_of(thing.facts.get("until")) or date.max
    # It is breached when the last day is over: at the first moment of the next one.
    if thing.state != ACTIVE or danish_day(said.at) <= until:
        return Decision()
    return _moved(thing, said, context, "period_expired")


def forgotten(said: Said, context: Context) -> Decision:
    """End the periods of a case that was erased: nobody is left to be warned."""
    ended = Decision()
    for thing in context.matter.all(said.case, KIND):
        if PERIOD.after(thing.state, "period_ended_early"):
            ended += _moved(thing, said, context, "period_ended_early", reason="erased")
    return ended


def warned_anew(said: Said, context: Context) -> Decision:
    """Tell who is to be warned, of each running period for which it is not who it was."""
    agencies = notified(said.case, context)
    told = Decision()
    for thing in context.matter.all(said.case, KIND):
        if thing.state in {ACTIVE, ASKED} and tuple(thing.facts["notify"]) != agencies:
            after = thing.moved(thing.state, notify=list(agencies))
            told += Decision((after,), (_fact(period.PeriodContactsChanged, after, said, context),))
    return told


def _alone(period: Thing, context: Context) -> None:
    """Pass a period beside which no other of its kind runs."""
    for each in context.matter.all(period.case, KIND):
        same_kind = each.facts["kind"] == period.facts["kind"]
        if each.id != period.id and same_kind and each.state in {ACTIVE, ASKED}:
            raise RefusalError("already_open", "subject")


def _of_granter(step: StepReportedData, context: Context) -> Thing:
    """Find the period of a step that only an authority decides, or the coordinator knows from it."""
    thing, agency = context.existing(step, KIND), speaker(step)
    by_law = context.rules.grants(agency, thing.facts["kind"], danish_day(step.at))
    if not by_law and agency not in {context.rules.coordinator, HUB}:
        raise RefusalError("no_mandate", "agency")
    return thing


def _moved(
    thing: Thing, said: Said, context: Context, step: str, *, reason: str | None = None, **facts: str | None
) -> Decision:
    after = advance(PERIOD, thing, step, {**facts, "reason": reason})
    if after is None:
        return Decision()
    # A reason belongs to the step that gave it.
    after = after.moved(after.state, reason=reason, notify=list(notified(said.case, context)))
    return Decision((after,), (_fact(FACTS[step], after, said, context),))


def _fact(kind: type[Event], thing: Thing, said: Said, context: Context) -> Effect:
    facts = thing.facts
    data = period.PeriodData(
        **said.told(),
        period=thing.id,
        kind=facts["kind"],
        rule=context.rules.version,
        starts=day_of(facts.get("starts")),
        until=day_of(facts.get("until")),
        cap=day_of(facts.get("cap")),
        reason=facts.get("reason"),
        law=facts.get("law"),
        notify=tuple(facts["notify"]),
    )
    return Effect(kind, data)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
