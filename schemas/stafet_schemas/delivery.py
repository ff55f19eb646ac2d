"""Subject `delivery`: the acknowledgement ladder of all that leaves the hub, and the answers to it."""

from typing import Annotated, ClassVar, Literal

from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class DeliveryData(EventData):
    """`delivery` is one item of a lane; `lane` is the case, or a message's receipt where there is no case."""

    delivery: Annotated[str, ROUTING]
    lane: Annotated[str, ROUTING]
    referral: Annotated[str | None, ROUTING] = None
    recipient: Annotated[str, AGENCY]
    part: Annotated[str, mark(Group.ROUTING, codelist="part")]
    rung: Annotated[str | None, mark(Group.ROUTING, codelist="rung")] = None


class DeliveryAttemptData(DeliveryData):
    """`attempt` counts from 1."""

    attempt: Annotated[int, ROUTING]


class DeliveryDeliveredData(DeliveryAttemptData):
    """`warning` is the code with which the recipient's system took it all the same, if it warned."""

    warning: Annotated[str | None, ROUTING] = None


class DeliveryDeferredData(DeliveryAttemptData):
    """The try failed; the lane waits `wait_s` seconds and tries again. `cause` is e.g. `http_503`.

    `awaiting_fetch`: the recipient was told that it waits, and is reminded then if it has not fetched it.
    """

    failure: Annotated[str, mark(Group.ROUTING, codelist="failure")]
    cause: Annotated[str, ROUTING]
    wait_s: Annotated[float, ROUTING]


class DeliveryFailedData(DeliveryAttemptData):
    """A dead end: a human must fix, skip or re-route; or, if it `ends`, nobody may ever send it.

    Behind one that ends the lane goes on.
    """

    failure: Annotated[str, mark(Group.ROUTING, codelist="failure")]
    cause: Annotated[str, ROUTING]
    ends: Annotated[bool, ROUTING] = False


class AnswerData(EventData):
    """What an agency answered about a referral it was sent; `message` is the receipt it got for that.

    `warnings` are codes of what it takes exception to all the same.
    """

    lane: Annotated[str, ROUTING]
    referral: Annotated[str, ROUTING]
    agency: Annotated[str, AGENCY]
    message: Annotated[str, ROUTING]
    warnings: Annotated[tuple[str, ...], ROUTING] = ()


class AnswerRejectedData(AnswerData):
    """`reason` as a code; a code that is not on the list is kept as it came."""

    reason: Annotated[str, mark(Group.ROUTING, codelist="rejection")]


class DeliveryEvent(Event):
    """An event of the delivery topic; its key is the lane's case."""

    topic: ClassVar[str] = "stafet-delivery-v1"
    key_field: ClassVar[str] = "lane"
    correlation_field: ClassVar[str] = "lane"


class DeliveryQueued(DeliveryEvent):
    """Stands in the recipient's lane."""

    type: Literal["dk.cmm.stafet.delivery.queued.v1"] = "dk.cmm.stafet.delivery.queued.v1"
    data: DeliveryData


class DeliverySent(DeliveryEvent):
    """An attempt begins; recorded before anything leaves."""

    type: Literal["dk.cmm.stafet.delivery.sent.v1"] = "dk.cmm.stafet.delivery.sent.v1"
    data: DeliveryAttemptData


class DeliveryDelivered(DeliveryEvent):
    """The recipient's system took it, or fetched it."""

    type: Literal["dk.cmm.stafet.delivery.delivered.v1"] = "dk.cmm.stafet.delivery.delivered.v1"
    data: DeliveryDeliveredData


class DeliveryDeferred(DeliveryEvent):
    """The attempt did not bring it there and will be repeated."""

    type: Literal["dk.cmm.stafet.delivery.deferred.v1"] = "dk.cmm.stafet.delivery.deferred.v1"
    data: DeliveryDeferredData


class DeliveryFailed(DeliveryEvent):
    """The lane stands still until somebody acts."""

    type: Literal["dk.cmm.stafet.delivery.failed.v1"] = "dk.cmm.stafet.delivery.failed.v1"
    data: DeliveryFailedData


class DeliveryAccepted(DeliveryEvent):
    """The agency accepts the referral."""

    type: Literal["dk.cmm.stafet.delivery.accepted.v1"] = "dk.cmm.stafet.delivery.accepted.v1"
    data: AnswerData


class DeliveryRejected(DeliveryEvent):
    """The agency declines the referral."""

    type: Literal["dk.cmm.stafet.delivery.rejected.v1"] = "dk.cmm.stafet.delivery.rejected.v1"
    data: AnswerRejectedData


class DeliveryInProgress(DeliveryEvent):
    """The agency has begun."""

    type: Literal["dk.cmm.stafet.delivery.in_progress.v1"] = "dk.cmm.stafet.delivery.in_progress.v1"
    data: AnswerData


class DeliveryCompleted(DeliveryEvent):
    """The agency is done."""

    type: Literal["dk.cmm.stafet.delivery.completed.v1"] = "dk.cmm.stafet.delivery.completed.v1"
    data: AnswerData
