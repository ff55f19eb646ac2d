"""Interviews: offered, declined, agreed, broken off and taken up, held. Where and how, never who or what."""

from collections.abc import Mapping
from typing import Any, Final

from stafet.identification.domain.context import Context, said_by, speaker
from stafet.identification.domain.course import followed
from stafet.identification.domain.decision import Decision, RefusalError, advance
from stafet.identification.domain.machines import INTERVIEW
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas.event import Event
from stafet_schemas.interview import (
    InterviewData,
    InterviewDeclined,
    InterviewHeld,
    InterviewInterrupted,
    InterviewOffered,
    InterviewScheduled,
)
from stafet_schemas.step import StepReportedData

KIND: Final = "interview"
FACTS: Final[Mapping[str, type[Event]]] = {
    "interview_offered": InterviewOffered,
    "interview_declined": InterviewDeclined,
    "interview_scheduled": InterviewScheduled,
    "interview_held": InterviewHeld,
    "interview_interrupted": InterviewInterrupted,
}


def offered(step: StepReportedData, context: Context) -> Decision:
    """Begin an interview, and the identification if it has not begun.

    Raises:
        RefusalError: the agency may hold none on that day.
    """
    agency, said = speaker(step), said_by(step)
    if not context.rules.may(agency, "interview", said.day):
        raise RefusalError("no_mandate", "behalf" if step.behalf else "agency")
    return _moved(context.matter.get(step.case, KIND, step.message), step, context, by=agency)


def moved(step: StepReportedData, context: Context) -> Decision:
    """Take an interview on; who offered it says so, or the coordinator.

    Raises:
        RefusalError: it is not known, another agency's, or not there yet.
    """
    interview = context.existing(step, KIND)
    if speaker(step) not in {interview.facts["by"], context.rules.coordinator}:
        raise RefusalError("wrong_agency", "agency")
    return _moved(interview, step, context)


def _moved(interview: Thing, step: StepReportedData, context: Context, by: str | None = None) -> Decision:
    present = list(dict.fromkeys(step.codes)) or None
    facts: dict[str, Any] = {
        "by": by, "place": step.channel, "kind": step.kind, "present": present, "reason": step.reason
    }  # fmt: skip
    # A reason belongs to the step that gave it.
    after = advance(INTERVIEW, interview, step.step, facts)
    if after is None:
        return Decision()
    after = after.moved(after.state, reason=step.reason)
    said = said_by(step)
    data = InterviewData(
        **said.told(),
        interview=after.id,
        place=after.facts.get("place"),
        kind=after.facts.get("kind"),
        present=tuple(after.facts.get("present", ())),
        reason=step.reason,
    )
    course = followed(said, context, step.step)
    return Decision((after, *course.things), (*course.effects, Effect(FACTS[step.step], data)))
