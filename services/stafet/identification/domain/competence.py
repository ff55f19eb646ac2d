"""Which authority is competent: it follows from the person's right to stay, each time that is another one."""

from dataclasses import replace
from datetime import date

from stafet.identification.domain.context import Context, Said, said_by
from stafet.identification.domain.days import day_of
from stafet.identification.domain.decision import Decision, RefusalError
from stafet_runtime.effect import Effect
from stafet_runtime.kin import kin
from stafet_runtime.thing import Thing
from stafet_schemas.assessment import (
    AuthorityData,
    CompetentAuthorityDetermined,
    ResidenceData,
    ResidenceStatusChanged,
)
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.step import StepReportedData

KIND = "residence"
AUTHORITY = "authority"


def determined(said: Said, context: Context, told: Thing | None = None) -> Decision:
    """Say who is competent, if that is somebody else than before or by another status; `told` is the new one.

    An assessment that the former authority was asked for stays as it is.
    """
    status = _holds(said.case, context, told).state or UNKNOWN
    row = context.rules.competent(status, said.day)
    if row is None:
        return Decision()
    data = AuthorityData(
        **said.told(),
        authority=row.authority,
        residence=status,
        rule=context.rules.version,
        consults=row.consults,
        period=row.period,
    )
    before = context.only(said.case, AUTHORITY)
    after = before.moved(row.authority, residence=status, rule=context.rules.version)
    if after == before:
        return Decision()
    return Decision((after,), (Effect(CompetentAuthorityDetermined, data),))


def learned(said: Said, context: Context, residence: str) -> Decision:
    """Take a status that a referral mentions, where none is known: it never overrules one that was told."""
    if residence == UNKNOWN or context.only(said.case, KIND).state not in {"", UNKNOWN}:
        return Decision()
    thing = Thing(said.case, KIND, KIND, residence)
    begun = context.only(said.case, "course").state
    return Decision((thing,)) + (determined(said, context, thing) if begun else Decision())


def changed(step: StepReportedData, context: Context) -> Decision:
    """Take another status, and determine anew who is competent.

    Raises:
        RefusalError: it does not hold yet, or a later change is known.
    """
    said, known = said_by(step), context.only(step.case, KIND)
    residence, since = step.residence or UNKNOWN, step.starts or said.day
    if since > said.day:
        raise RefusalError("impossible", "starts")
    if (residence, since) == (known.state, _since(known)):
        return Decision()
    if since < (_since(known) or date.min):
        raise RefusalError("out_of_order", "starts")
    data = ResidenceData(
        **said.told(), residence=residence, before=known.state or UNKNOWN, starts=step.starts
    )
    thing = known.moved(residence, since=since.isoformat())
    fact = Decision((thing,), (Effect(ResidenceStatusChanged, data),))
    begun = context.only(step.case, "course").state
    return fact + (determined(said, context, thing) if begun else Decision())


def determined_anew(said: Said, context: Context) -> Decision:
    """Say who is competent in each case of the person, where what holds there has become another status."""
    of_all = Decision()
    for case in kin(context.matter, said.case):
        if context.only(case, "course").state:
            of_all += determined(replace(said, case=case), context)
    return of_all


def _holds(case: str, context: Context, told: Thing | None) -> Thing:
    """Return the status that holds: the case's own, unless another case of the person knows a later one."""
    holds = told or context.only(case, KIND)
    for other in kin(context.matter, case)[1:]:
        theirs = context.only(other, KIND)
        if theirs.state not in {"", UNKNOWN} and (
            holds.state in {"", UNKNOWN} or (_since(theirs) or date.min) > (_since(holds) or date.min)
        ):
            holds = theirs
    return holds


def _since(known: Thing) -> date | None:
    return day_of(known.facts.get("since"))
