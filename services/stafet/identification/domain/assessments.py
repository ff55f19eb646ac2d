"""Assessments: each authority has its own, and none is the one truth.

Once an authority has decided, another decision of it stands only after a reopening, an appeal or a reversal;
else it is refused as out of order, and kept in the history. Of two within one second the earlier receipt
stands, whichever came here first: topics know no order, and a replay must find the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from stafet.identification.domain.competence import AUTHORITY
from stafet.identification.domain.context import Context, Said
from stafet.identification.domain.course import followed
from stafet.identification.domain.decision import Decision, RefusalError, advance
from stafet.identification.domain.machines import ASSESSMENT, DECIDED, NEGATIVE, POSITIVE, UNDETERMINED
from stafet.identification.domain.refusing import refused
from stafet_runtime.danish import danish_day
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas.assessment import (
    AssessmentData,
    FinalAssessmentAppealed,
    FinalAssessmentDecided,
    FinalAssessmentReopened,
    FinalAssessmentRequested,
)
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.event import Event

KIND: Final = "assessment"
DECIDE: Final = "assessment_decided"
AHEAD: Final = timedelta(days=366)
"""A decision that holds from a later day than this is a slip of the hand."""

FACTS: Final[Mapping[str, type[Event]]] = {
    "assessment_requested": FinalAssessmentRequested,
    "assessment_reopened": FinalAssessmentReopened,
    "assessment_appealed": FinalAssessmentAppealed,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an authority decided, in our words; an outcome that is none of ours is kept as it came."""

    authority: str
    outcome: str
    holds_from: date | None = None
    reason: str | None = None

    def facts(self) -> dict[str, Any]:
        """Give it as facts of a thing."""
        holds_from = self.holds_from.isoformat() if self.holds_from else None
        return {"outcome": self.outcome, "holds_from": holds_from, "reason": self.reason}


def mandated(authority: str, said: Said, context: Context, field: str | None = None) -> None:
    """Pass an authority that may decide on that day.

    Raises:
        RefusalError: it may not.
    """
    if not context.rules.may(authority, "decide", said.day):
        raise RefusalError("no_mandate", field)


def moved(said: Said, context: Context, step: str, authority: str, reason: str | None = None) -> Decision:
    """Ask an authority, reopen its decision, or note an appeal; what it decided stands meanwhile."""
    known = context.matter.get(said.case, KIND, authority)
    after = advance(ASSESSMENT, known, step, {"reason": reason})
    if after is None:
        return Decision()
    fact = Decision((after,), (Effect(FACTS[step], _data(said, context, after, reason)),))
    return _led(said, context, authority, step) + fact


def decided(said: Said, context: Context, verdict: Verdict) -> Decision:
    """Take an authority's decision.

    Raises:
        RefusalError: it has no mandate on that day, or the decision holds from a day too far ahead.
    """
    mandated(verdict.authority, said, context)
    if verdict.holds_from and verdict.holds_from - said.day > AHEAD:
        raise RefusalError("impossible", "holds_from")
    known = context.matter.get(said.case, KIND, verdict.authority)
    if known.state != DECIDED:
        return _stands(said, context, verdict, known)
    standing = known.facts["history"][known.facts["standing"]]
    if standing["message"] == said.message or _same(standing, verdict):
        return Decision()
    by_connector = standing.get("connected", False)
    other = Said(said.case, standing["agency"], standing["message"], _time(standing), by_connector)
    error = RefusalError("out_of_order")
    if not _precedes(said, other):
        kept = known.moved(known.state, history=[*known.facts["history"], _entry(said, context, verdict)])
        return Decision((kept,), (refused(said, DECIDE, error),))
    before = Decision(effects=(refused(other, DECIDE, error),))
    return before + _stands(said, context, verdict, known.moved("requested"))


def reversed_by(said: Said, context: Context, verdict: Verdict, reverses: str) -> Decision:
    """Take what an authority decided in place of an earlier decision of its own, named by its receipt.

    Raises:
        RefusalError: as `decided`; or what it takes back is not what stands.
    """
    known = context.matter.get(said.case, KIND, verdict.authority)
    if known.state != DECIDED:
        return decided(said, context, verdict)
    standing = known.facts["history"][known.facts["standing"]]
    if standing["message"] == said.message:
        return Decision()
    if standing["message"] != reverses:
        raise RefusalError("out_of_order", "reverses")
    mandated(verdict.authority, said, context)
    again = known.moved("reopened", reason="reversed")
    fact = Effect(FinalAssessmentReopened, _data(said, context, again, "reversed"))
    return Decision(effects=(fact,)) + _stands(said, context, verdict, again)


def _stands(said: Said, context: Context, verdict: Verdict, known: Thing) -> Decision:
    history = [*known.facts.get("history", []), _entry(said, context, verdict)]
    facts = {**verdict.facts(), "history": history, "standing": len(history) - 1, "last": DECIDE}
    state = ASSESSMENT.after(known.state, DECIDE)
    if state is None:
        raise RefusalError("out_of_order")
    after = known.moved(state, **facts)
    course = verdict.outcome if verdict.outcome in {POSITIVE, NEGATIVE} else UNDETERMINED
    fact = Decision((after,), (Effect(FinalAssessmentDecided, _data(said, context, after, verdict.reason)),))
    return _led(said, context, verdict.authority, f"assessed_{course}") + fact


def _led(said: Said, context: Context, authority: str, step: str) -> Decision:
    """Take the course along where the authority is the competent one; while the status is unknown, any is."""
    competent = context.only(said.case, AUTHORITY)
    leads = competent.state == authority or competent.facts.get("residence", UNKNOWN) == UNKNOWN
    return followed(said, context, step if leads else "")


def _data(said: Said, context: Context, thing: Thing, reason: str | None) -> AssessmentData:
    outcome, holds_from = thing.facts.get("outcome"), thing.facts.get("holds_from")
    return AssessmentData(
        **said.told(),
        authority=thing.id,
        rule=context.rules.version,
        outcome=outcome,
        holds_from=date.fromisoformat(holds_from) if holds_from else None,
        reason=reason,
        htcds=context.rules.status(outcome),
        decider=context.rules.decider(thing.id) if outcome else None,
    )


def _entry(said: Said, context: Context, verdict: Verdict) -> dict[str, Any]:
    who = {"agency": said.agency, "message": said.message, "at": said.at.isoformat()}
    return {**who, **verdict.facts(), "rule": context.rules.version, "connected": said.connected}


def _same(standing: Mapping[str, Any], verdict: Verdict) -> bool:
    told = verdict.facts()
    same_day = danish_day(_time(standing)).isoformat()
    days = {each.get("holds_from") or same_day for each in (standing, told)}
    return standing["outcome"] == told["outcome"] and len(days) == 1


def _precedes(said: Said, other: Said) -> bool:
    """Say whether it is the first of two in one second; otherwise the one that was here first is."""
    one_second = said.at.replace(microsecond=0) == other.at.replace(microsecond=0)
    return one_second and (said.at, said.message) < (other.at, other.message)


def _time(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])
