"""Subject `message`: what partners sent to the hub. No content, only that it came and what became of it.

The hub names a message by the receipt it gave for it. The id that the sender gave would lead from an event to
the person in the sender's own records, also when the case is erased here.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class Problem(BaseModel):
    """A field that could not be used: its name and what is wrong with it, never its value."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: Annotated[str, ROUTING]
    problem: Annotated[str, ROUTING]


class MessageData(EventData):
    """`message` is the receipt that the hub gave the agency for its message."""

    agency: Annotated[str, AGENCY]
    message: Annotated[str, ROUTING]


class MessageReceivedData(MessageData):
    """The message is committed, sealed; `size` in bytes."""

    size: Annotated[int, ROUTING]


class MessageRejectedData(MessageData):
    """The message could not be translated; the sender is told the fields.

    It belongs to no case: so `placer`, the id that its sender gave it, leads to no coded facts.
    """

    problems: Annotated[tuple[Problem, ...], ROUTING]
    placer: Annotated[str | None, ROUTING] = None


class MessageSettledData(MessageData):
    """The message is about `case`, and all that it says was so already."""

    case: Annotated[str, ROUTING]


class InboundEvent(Event):
    """An event of the inbound topic; its key is the sending agency."""

    topic: ClassVar[str] = "stafet-inbound-v1"
    key_field: ClassVar[str] = "agency"
    correlation_field: ClassVar[str] = "message"


class MessageReceived(InboundEvent):
    """A partner's message was accepted: raw bytes, receipt and this event are in one commit."""

    type: Literal["dk.cmm.stafet.message.received.v1"] = "dk.cmm.stafet.message.received.v1"
    data: MessageReceivedData


class MessageRejected(InboundEvent):
    """An accepted message turned out to be unusable."""

    type: Literal["dk.cmm.stafet.message.rejected.v1"] = "dk.cmm.stafet.message.rejected.v1"
    data: MessageRejectedData


class MessageSettled(InboundEvent):
    """An accepted message changed nothing, such as a consent withdrawn that was withdrawn before."""

    type: Literal["dk.cmm.stafet.message.settled.v1"] = "dk.cmm.stafet.message.settled.v1"
    data: MessageSettledData
