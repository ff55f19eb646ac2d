"""Subject `support`: what agencies can offer. Places and codes only: nothing of a person, no address."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from stafet_schemas.event import Event
from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.inbound import MessageData


class CapacityReportedData(MessageData):
    """How many places a unit of an agency had at a time; `free` and `total` are None where that is not said.

    `unit` is the agency's code of it, `accepts` says for whom the places are.
    """

    unit: Annotated[str, ROUTING]
    status: Annotated[str, mark(Group.ROUTING, codelist="capacity")]
    at: Annotated[AwareDatetime, ROUTING]
    free: Annotated[int | None, ROUTING] = None
    total: Annotated[int | None, ROUTING] = None
    accepts: Annotated[tuple[str, ...], mark(Group.ROUTING, codelist="place")] = ()


class SupportEvent(Event):
    """An event of the support topic; its key is the agency."""

    topic: ClassVar[str] = "stafet-support-v1"
    key_field: ClassVar[str] = "agency"
    correlation_field: ClassVar[str] = "message"


class SupportCapacityReported(SupportEvent):
    """An agency said how many places a unit has; it settles the message that said so, which has no case."""

    type: Literal["dk.cmm.stafet.support.capacity_reported.v1"] = "dk.cmm.stafet.support.capacity_reported.v1"
    data: CapacityReportedData
