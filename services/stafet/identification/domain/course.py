"""The course of a case's identification: begun, followed, concluded, broken off, taken up again."""

from typing import Any

from stafet.identification.domain.competence import determined
from stafet.identification.domain.context import Context, Said, said_by, speaker
from stafet.identification.domain.decision import Decision, RefusalError, advance
from stafet.identification.domain.machines import COURSE
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas.assessment import (
    IdentificationData,
    IdentificationDiscontinued,
    IdentificationReopened,
    IdentificationRequested,
)
from stafet_schemas.event import Event
from stafet_schemas.interview import InitialIdentificationConcluded, RecommendationData
from stafet_schemas.step import StepReportedData

KIND = "course"


def begun(said: Said, context: Context, reason: str | None = None) -> Decision:
    """Begin it, if it has not begun: topics know no order, so any step of it may be the first."""
    course = context.only(said.case, KIND)
    if course.state:
        return Decision()
    return _moved(course, "identification_requested", said, IdentificationRequested, reason) + determined(
        said, context
    )


def followed(said: Said, context: Context, step: str) -> Decision:
    """Take the course along with a step, where the step leads anywhere; begin it first if need be."""
    before = begun(said, context)
    course = before.things[0] if before.things else context.only(said.case, KIND)
    after = COURSE.after(course.state, step)
    return before if after is None else before + Decision((course.moved(after, last=step),))


def requested(step: StepReportedData, context: Context) -> Decision:
    """Begin it; a second suspicion is told that it is under way.

    Raises:
        RefusalError: it has begun before.
    """
    course, said = context.only(step.case, KIND), said_by(step)
    if course.state and course.facts.get("message") != said.message:
        under_way = "identification_discontinued" in _ways(course)
        raise RefusalError("already_open" if under_way else "out_of_order")
    return begun(said, context, step.reason)


def submitted(said: Said, context: Context) -> Decision:
    """Begin it by a referral, or take up what had ended without a positive decision."""
    course = context.only(said.case, KIND)
    if "identification_reopened" not in _ways(course):
        return begun(said, context, "referral")
    return _moved(course, "identification_reopened", said, IdentificationReopened, "referral")


def concluded(step: StepReportedData, context: Context) -> Decision:
    """Note what the interviewer recommends."""
    said = _interviewer(step, context)
    facts = {"recommendation": step.outcome}
    course = advance(COURSE, context.only(step.case, KIND), step.step, facts)
    if course is None or step.outcome is None:
        return Decision()
    data = RecommendationData(**said.told(), outcome=step.outcome)
    return Decision((course,), (Effect(InitialIdentificationConcluded, data),))


def discontinued(step: StepReportedData, context: Context) -> Decision:
    """End it without a decision."""
    said = _interviewer(step, context)
    course = context.only(step.case, KIND)
    return _moved(course, step.step, said, IdentificationDiscontinued, step.reason)


def reopened(step: StepReportedData, context: Context) -> Decision:
    """Take it up again."""
    said = _interviewer(step, context)
    return _moved(context.only(step.case, KIND), step.step, said, IdentificationReopened, step.reason)


def forgotten(said: Said, context: Context) -> Decision:
    """End it where the case was erased: there is nobody left to identify."""
    course = context.only(said.case, KIND)
    if "identification_discontinued" not in _ways(course):
        return Decision()
    return _moved(course, "identification_discontinued", said, IdentificationDiscontinued, "erased")


def _moved(course: Thing, step: str, said: Said, kind: type[Event], reason: str | None) -> Decision:
    facts: dict[str, Any] = {"reason": reason, "message": said.message if not course.state else None}
    after = advance(COURSE, course, step, facts)
    if after is None:
        return Decision()
    return Decision((after,), (Effect(kind, IdentificationData(**said.told(), reason=reason)),))


def _ways(course: Thing) -> set[str]:
    return {step for step in COURSE.moves if COURSE.after(course.state, step)}


def _interviewer(step: StepReportedData, context: Context) -> Said:
    said, agency = said_by(step), speaker(step)
    if agency != context.rules.coordinator and not context.rules.may(agency, "interview", said.day):
        raise RefusalError("no_mandate", "agency")
    return said
