"""Subject `support`: what agencies can offer. Places and codes only: nothing of a person, no address."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from stafet_schemas.event import Event, EventData
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


class CapacityQueriedData(EventData):
    """`agency` asks who has places for persons as `accepts` says; nothing of anybody is told.

    `query` is the receipt it got, `persons` how many places it needs.
    """

    query: Annotated[str, ROUTING]
    agency: Annotated[str, mark(Group.ROUTING, codelist="agency")]
    at: Annotated[AwareDatetime, ROUTING]
    service: Annotated[str, mark(Group.ROUTING, codelist="service")]
    accepts: Annotated[tuple[str, ...], mark(Group.ROUTING, codelist="place")] = ()
    persons: Annotated[int, ROUTING] = 1


class CapacityAnsweredData(CapacityQueriedData):
    """Which `units` (as `agency/unit`) can take them, by what they reported last; `free` places in all."""

    units: Annotated[tuple[str, ...], ROUTING] = ()
    free: Annotated[int, ROUTING] = 0


class SupportEvent(Event):
    """An event of the support topic; its key is the agency."""

    topic: ClassVar[str] = "stafet-support-v1"
    key_field: ClassVar[str] = "agency"
    correlation_field: ClassVar[str] = "message"


class SupportCapacityReported(SupportEvent):
    """An agency said how many places a unit has; it settles the message that said so, which has no case."""

    type: Literal["dk.cmm.stafet.support.capacity_reported.v1"] = "dk.cmm.stafet.support.capacity_reported.v1"
    data: CapacityReportedData


class CapacityEvent(Event):
    """An event about a question for places; its key is the agency that asks."""

    topic: ClassVar[str] = "stafet-support-v1"
    key_field: ClassVar[str] = "agency"
    correlation_field: ClassVar[str] = "query"


class CapacityQueried(CapacityEvent):
    """An agency asks who has places."""

    type: Literal["dk.cmm.stafet.capacity.queried.v1"] = "dk.cmm.stafet.capacity.queried.v1"
    data: CapacityQueriedData


class CapacityAnswered(CapacityEvent):
    """The hub said who has places, by the newest reports."""

    type: Literal["dk.cmm.stafet.capacity.answered.v1"] = "dk.cmm.stafet.capacity.answered.v1"
    data: CapacityAnsweredData


class CareEvent(Event):
    """An event about what a person is given, in the topic of support; its key is the case."""

    topic: ClassVar[str] = "stafet-support-v1"
    key_field: ClassVar[str] = "case"
    correlation_field: ClassVar[str] = "case"
