"""Subjects `return` and `reintegration`: the prepared return, on the person's own consent only."""

from datetime import date
from typing import Annotated, Literal

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.step import FactData
from stafet_schemas.support import CareEvent

AGENCY = mark(Group.ROUTING, codelist="agency")


class ReturnData(FactData):
    """`journey` is its id, `partner` who prepares it; `consent` what it stands on, once there is one."""

    journey: Annotated[str, ROUTING]
    partner: Annotated[str | None, AGENCY] = None
    consent: Annotated[str | None, ROUTING] = None
    starts: Annotated[date | None, mark(Group.SUPPORT)] = None
    until: Annotated[date | None, mark(Group.SUPPORT)] = None
    reason: Annotated[str | None, ROUTING] = None


class ReturnOffered(CareEvent):
    """A prepared return was offered."""

    type: Literal["dk.cmm.stafet.return.offered.v1"] = "dk.cmm.stafet.return.offered.v1"
    data: ReturnData


class ReturnAccepted(CareEvent):
    """The person wants it, and has consented."""

    type: Literal["dk.cmm.stafet.return.accepted.v1"] = "dk.cmm.stafet.return.accepted.v1"
    data: ReturnData


class ReturnPlanDrafted(CareEvent):
    """There is a plan of reintegration."""

    type: Literal["dk.cmm.stafet.return.plan_drafted.v1"] = "dk.cmm.stafet.return.plan_drafted.v1"
    data: ReturnData


class ReturnTravelBooked(CareEvent):
    """The journey is booked."""

    type: Literal["dk.cmm.stafet.return.travel_booked.v1"] = "dk.cmm.stafet.return.travel_booked.v1"
    data: ReturnData


class ReturnFellBack(CareEvent):
    """The person thought again, or consents no longer: it stands as offered."""

    type: Literal["dk.cmm.stafet.return.fell_back.v1"] = "dk.cmm.stafet.return.fell_back.v1"
    data: ReturnData


class ReturnDeparted(CareEvent):
    """The person has left."""

    type: Literal["dk.cmm.stafet.return.departed.v1"] = "dk.cmm.stafet.return.departed.v1"
    data: ReturnData


class ReturnEnded(CareEvent):
    """It ended without a journey."""

    type: Literal["dk.cmm.stafet.return.ended.v1"] = "dk.cmm.stafet.return.ended.v1"
    data: ReturnData


class ReintegrationStarted(CareEvent):
    """Support at home began."""

    type: Literal["dk.cmm.stafet.reintegration.started.v1"] = "dk.cmm.stafet.reintegration.started.v1"
    data: ReturnData


class ReintegrationPaymentDue(CareEvent):
    """A payment is due to the person."""

    type: Literal["dk.cmm.stafet.reintegration.payment_due.v1"] = "dk.cmm.stafet.reintegration.payment_due.v1"
    data: ReturnData


class ReintegrationEnded(CareEvent):
    """Support at home is over."""

    type: Literal["dk.cmm.stafet.reintegration.ended.v1"] = "dk.cmm.stafet.reintegration.ended.v1"
    data: ReturnData
