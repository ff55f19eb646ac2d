"""Subject `operation`: joint actions that bring many referrals at once. Numbers and codes only."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class OperationData(EventData):
    """`operation` is its id, `agency` who leads it."""

    operation: Annotated[str, ROUTING]
    agency: Annotated[str, AGENCY]
    at: Annotated[AwareDatetime, ROUTING]


class OperationAnnouncedData(OperationData):
    """`expected` persons, and the agencies that are to be ready for them."""

    message: Annotated[str, ROUTING]
    expected: Annotated[int, ROUTING]
    agencies: Annotated[tuple[str, ...], AGENCY] = ()


class OperationOpenedData(OperationData):
    """So many referrals have been opened for it so far, `open` of them without an answer."""

    referrals: Annotated[int, ROUTING]
    open: Annotated[int, ROUTING]


class OperationEvent(Event):
    """An event about an operation, in the topic of referrals; its key is the operation."""

    topic: ClassVar[str] = "stafet-referral-v1"
    key_field: ClassVar[str] = "operation"
    correlation_field: ClassVar[str] = "operation"


class OperationAnnounced(OperationEvent):
    """A joint action is about to bring many persons."""

    type: Literal["dk.cmm.stafet.operation.announced.v1"] = "dk.cmm.stafet.operation.announced.v1"
    data: OperationAnnouncedData


class OperationReferralsOpened(OperationEvent):
    """Referrals of an operation were opened."""

    type: Literal["dk.cmm.stafet.operation.referrals_opened.v1"] = (
        "dk.cmm.stafet.operation.referrals_opened.v1"
    )
    data: OperationOpenedData
