"""Subject `case`, its relation to other cases: possible duplicates, merged and split; and its end.

A human confirms, the hub never merges by itself.
"""

from typing import Annotated, Literal

from stafet_schemas.case import CaseEvent
from stafet_schemas.event import CaseData
from stafet_schemas.groups import ROUTING
from stafet_schemas.step import FactData


class LikenessData(CaseData):
    """`other` may be about the same person; `matched` are names of fields, `score` from 0 to 100."""

    other: Annotated[str, ROUTING]
    matched: Annotated[tuple[str, ...], ROUTING]
    score: Annotated[int, ROUTING]


class KinshipData(FactData):
    """What a human said of `case` and `other`."""

    other: Annotated[str, ROUTING]
    reason: Annotated[str | None, ROUTING] = None


class CaseClosedData(FactData):
    """`reason` is a code."""

    reason: Annotated[str, ROUTING]


class CaseLinkedPossibleDuplicate(CaseEvent):
    """Two cases may be about one person; a human is to look."""

    type: Literal["dk.cmm.stafet.case.linked_possible_duplicate.v1"] = (
        "dk.cmm.stafet.case.linked_possible_duplicate.v1"
    )
    data: LikenessData


class CaseDuplicateDismissed(CaseEvent):
    """They are not about one person."""

    type: Literal["dk.cmm.stafet.case.duplicate_dismissed.v1"] = "dk.cmm.stafet.case.duplicate_dismissed.v1"
    data: KinshipData


class CaseMerged(CaseEvent):
    """They are about one person: from now on the two are one matter."""

    type: Literal["dk.cmm.stafet.case.merged.v1"] = "dk.cmm.stafet.case.merged.v1"
    data: KinshipData


class CaseSplit(CaseEvent):
    """They are two matters again."""

    type: Literal["dk.cmm.stafet.case.split.v1"] = "dk.cmm.stafet.case.split.v1"
    data: KinshipData


class CaseClosed(CaseEvent):
    """Nothing more is to be done in the case."""

    type: Literal["dk.cmm.stafet.case.closed.v1"] = "dk.cmm.stafet.case.closed.v1"
    data: CaseClosedData


class CaseReopened(CaseEvent):
    """The case is taken up again."""

    type: Literal["dk.cmm.stafet.case.reopened.v1"] = "dk.cmm.stafet.case.reopened.v1"
    data: CaseClosedData
