"""From a step to its decision: what is wrong with it at first sight, then the one who decides on its kind."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stafet.identification.domain import (
    assessments,
    competence,
    course,
    custody,
    indicators,
    interviews,
    periods,
)
from stafet.identification.domain.context import Context, said_by, speaker
from stafet.identification.domain.decision import Decision, RefusalError
from stafet.identification.domain.refusing import refused
from stafet_runtime.danish import danish_day
from stafet_runtime.kin import holder
from stafet_schemas.step import StepReportedData
from stafet_schemas.steps import lacking, steps

SERVICE: Final = "identification"
ERASED: Final = "erased"
Decider = Callable[[StepReportedData, Context], Decision]


def decide(step: StepReportedData, context: Context) -> Decision:
    """Decide on a step; one that nothing can follow from is refused. Other services' steps pass."""
    kind = steps().get(step.step)
    if kind is None or kind.service != SERVICE:
        return Decision()
    try:
        _check(step, context)
        return DECIDERS[step.step](step, context)
    except RefusalError as error:
        return Decision(effects=(refused(said_by(step), step.step, error, step.subject),))


def located(step: StepReportedData, context: Context) -> StepReportedData:
    """Take a step about a thing of another case of the same person as said in that case."""
    kind = steps().get(step.step)
    if kind is None or kind.service != SERVICE or step.subject is None:
        return step
    case = holder(context.matter, step.case, (kind.subject, interviews.KIND), step.subject)
    return step.model_copy(update={"case": case})


def _check(step: StepReportedData, context: Context) -> None:
    for field, wrong in lacking(_set(step)):
        raise RefusalError("missing" if wrong == "missing" else "impossible", field)
    if context.only(step.case, "case").state == ERASED:
        raise RefusalError("unknown_subject", "case")
    if not context.can_have_been(step.at):
        raise RefusalError("impossible", "at")
    if step.behalf is not None:
        _in_place_of(step.behalf, step, context, "behalf")


def _set(step: StepReportedData) -> Mapping[str, Any]:
    return {name: value for name, value in step.model_dump().items() if value not in (None, ())}


def _in_place_of(agency: str, step: StepReportedData, context: Context, field: str) -> None:
    """Let the coordinator speak for an agency that is not connected, and nobody else."""
    connected = context.rules.speaks_for_itself(agency, danish_day(step.at))
    if step.agency != agency and (step.agency != context.rules.coordinator or connected):
        raise RefusalError("wrong_agency", field)


def _assessment_requested(step: StepReportedData, context: Context) -> Decision:
    said, authority = said_by(step), step.party or ""
    assessments.mandated(authority, said, context, "party")
    return assessments.moved(said, context, step.step, authority, step.reason)


def _assessment_decided(step: StepReportedData, context: Context) -> Decision:
    authority = _authority(step, context)
    verdict = assessments.Verdict(authority, step.outcome or "", step.starts, step.reason)
    return assessments.decided(said_by(step), context, verdict)


def _assessment_reopened(step: StepReportedData, context: Context) -> Decision:
    return assessments.moved(said_by(step), context, step.step, _authority(step, context), step.reason)


def _assessment_appealed(step: StepReportedData, context: Context) -> Decision:
    return assessments.moved(said_by(step), context, step.step, step.party or "", step.reason)


def _authority(step: StepReportedData, context: Context) -> str:
    """Name the authority whose word it is; another one is named only by the coordinator."""
    authority = step.party or speaker(step)
    if authority != speaker(step):
        _in_place_of(authority, step, context, "party")
    return authority


DECIDERS: Final[Mapping[str, Decider]] = {
    "identification_requested": course.requested,
    "interview_offered": interviews.offered,
    "interview_declined": interviews.moved,
    "interview_scheduled": interviews.moved,
    "interview_held": interviews.moved,
    "interview_interrupted": interviews.moved,
    "indicators_recorded": indicators.recorded,
    "initial_identification_concluded": course.concluded,
    "identification_discontinued": course.discontinued,
    "identification_reopened": course.reopened,
    "residence_changed": competence.changed,
    "custody_started": custody.started,
    "custody_ended": custody.ended,
    "assessment_requested": _assessment_requested,
    "assessment_decided": _assessment_decided,
    "assessment_reopened": _assessment_reopened,
    "assessment_appealed": _assessment_appealed,
    "period_offered": periods.offered,
    "period_requested": periods.requested,
    "period_granted": periods.granted,
    "period_extension_requested": periods.extension_requested,
    "period_extended": periods.extended,
    "period_extension_refused": periods.extension_refused,
    "period_override_recorded": periods.override_recorded,
    "period_ended_early": periods.ended_early,
}
