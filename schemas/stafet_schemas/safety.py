"""Subject `safety_conflict`: an agency that the person of a case must not be sent to."""

from typing import Annotated, ClassVar, Literal

from stafet_schemas.event import Event
from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.step import FactData


class SafetyConflictData(FactData):
    """`party` is the agency, e.g. because somebody there endangers the person; `reason` a code of why."""

    party: Annotated[str, mark(Group.ROUTING, codelist="agency")]
    reason: Annotated[str | None, ROUTING] = None


class SafetyConflictNoted(Event):
    """The person is not sent to the party any more; an event in the topic of referrals."""

    topic: ClassVar[str] = "stafet-referral-v1"
    key_field: ClassVar[str] = "case"
    correlation_field: ClassVar[str] = "case"

    type: Literal["dk.cmm.stafet.safety_conflict.noted.v1"] = "dk.cmm.stafet.safety_conflict.noted.v1"
    data: SafetyConflictData
