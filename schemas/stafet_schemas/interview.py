"""Subjects `interview`, `indicators`, `initial_identification`: how a suspicion is looked into.

Interviews are voluntary and may be anonymous: an event says where and how, never who or what was told.
"""

from typing import Annotated, Literal

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.identification import IdentificationEvent
from stafet_schemas.step import FactData


class InterviewData(FactData):
    """`interview` is its id; `place` a code of where it is; `kind` says e.g. `anonymous`."""

    interview: Annotated[str, ROUTING]
    place: Annotated[str | None, mark(Group.ROUTING, codelist="interview_place")] = None
    kind: Annotated[str | None, ROUTING] = None
    present: Annotated[tuple[str, ...], mark(Group.ROUTING, codelist="present")] = ()
    reason: Annotated[str | None, ROUTING] = None


class IndicatorsData(FactData):
    """Which indicators of a vocabulary were seen, and what its rule advises; the score never decides.

    `vocabulary` is `set@version`; `unknown` are codes that the set does not have, kept as they came.
    `positive` are the dimensions that the rule finds positive, `advice` its word (see the vocabulary).
    """

    vocabulary: Annotated[str, ROUTING]
    interview: Annotated[str | None, ROUTING] = None
    codes: Annotated[tuple[str, ...], mark(Group.EXPLOITATION)]
    unknown: Annotated[tuple[str, ...], mark(Group.EXPLOITATION)] = ()
    positive: Annotated[tuple[str, ...], mark(Group.EXPLOITATION)] = ()
    advice: Annotated[str, mark(Group.EXPLOITATION)]


class RecommendationData(FactData):
    """`outcome` is what the interviewer recommends to the competent authority."""

    outcome: Annotated[str, mark(Group.EXPLOITATION, codelist="assessment")]


class InterviewOffered(IdentificationEvent):
    """The person was offered an interview."""

    type: Literal["dk.cmm.stafet.interview.offered.v1"] = "dk.cmm.stafet.interview.offered.v1"
    data: InterviewData


class InterviewDeclined(IdentificationEvent):
    """The person does not want one."""

    type: Literal["dk.cmm.stafet.interview.declined.v1"] = "dk.cmm.stafet.interview.declined.v1"
    data: InterviewData


class InterviewScheduled(IdentificationEvent):
    """Place and form are agreed."""

    type: Literal["dk.cmm.stafet.interview.scheduled.v1"] = "dk.cmm.stafet.interview.scheduled.v1"
    data: InterviewData


class InterviewHeld(IdentificationEvent):
    """It took place."""

    type: Literal["dk.cmm.stafet.interview.held.v1"] = "dk.cmm.stafet.interview.held.v1"
    data: InterviewData


class InterviewInterrupted(IdentificationEvent):
    """It was broken off; it may be taken up again."""

    type: Literal["dk.cmm.stafet.interview.interrupted.v1"] = "dk.cmm.stafet.interview.interrupted.v1"
    data: InterviewData


class IndicatorsRecorded(IdentificationEvent):
    """Indicators were recorded by a versioned vocabulary."""

    type: Literal["dk.cmm.stafet.indicators.recorded.v1"] = "dk.cmm.stafet.indicators.recorded.v1"
    data: IndicatorsData


class InitialIdentificationConcluded(IdentificationEvent):
    """The interviews are over; the authority is to decide."""

    type: Literal["dk.cmm.stafet.initial_identification.concluded.v1"] = (
        "dk.cmm.stafet.initial_identification.concluded.v1"
    )
    data: RecommendationData
