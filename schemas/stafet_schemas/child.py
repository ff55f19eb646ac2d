"""Subjects `child` and `representative`: what is owed to a child, whether or not anybody consents.

Barnets lov (Act 721 of 14.6.2023) §§ 133-136: the duty to notify; Udlændingeloven § 56 a: the representative.
"""

from typing import Annotated, Literal

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.step import FactData
from stafet_schemas.support import CareEvent

AGENCY = mark(Group.ROUTING, codelist="agency")


class ChildData(FactData):
    """`reason` is a code of why, `law` the code of the duty it is done by."""

    reason: Annotated[str | None, ROUTING] = None
    law: Annotated[str | None, ROUTING] = None


class NotificationData(ChildData):
    """`notification` is its id, `receiver` the authority that must act; `outcome` what it found."""

    notification: Annotated[str, ROUTING]
    receiver: Annotated[str, AGENCY]
    outcome: Annotated[str | None, ROUTING] = None


class AbsenceData(ChildData):
    """`absence` is its id; `finder` the agency that found the child."""

    absence: Annotated[str, ROUTING]
    finder: Annotated[str | None, AGENCY] = None


class RepresentativeData(ChildData):
    """`representation` is its id, `authority` who appoints."""

    representation: Annotated[str, ROUTING]
    authority: Annotated[str, AGENCY]


class ChildSuspected(CareEvent):
    """The person may be a child, and is treated as one."""

    type: Literal["dk.cmm.stafet.child.suspected.v1"] = "dk.cmm.stafet.child.suspected.v1"
    data: ChildData


class ChildNotificationSent(CareEvent):
    """The municipality was notified; its clocks run."""

    type: Literal["dk.cmm.stafet.child.notification_sent.v1"] = "dk.cmm.stafet.child.notification_sent.v1"
    data: NotificationData


class ChildNotificationAcknowledged(CareEvent):
    """The municipality said that it has it."""

    type: Literal["dk.cmm.stafet.child.notification_acknowledged.v1"] = (
        "dk.cmm.stafet.child.notification_acknowledged.v1"
    )
    data: NotificationData


class ChildAcuteAssessed(CareEvent):
    """The municipality looked whether to act at once."""

    type: Literal["dk.cmm.stafet.child.acute_assessed.v1"] = "dk.cmm.stafet.child.acute_assessed.v1"
    data: NotificationData


class ChildReportedMissing(CareEvent):
    """The child has disappeared."""

    type: Literal["dk.cmm.stafet.child.reported_missing.v1"] = "dk.cmm.stafet.child.reported_missing.v1"
    data: AbsenceData


class ChildFound(CareEvent):
    """The child was found."""

    type: Literal["dk.cmm.stafet.child.found.v1"] = "dk.cmm.stafet.child.found.v1"
    data: AbsenceData


class RepresentativeRequested(CareEvent):
    """A personal representative was asked for."""

    type: Literal["dk.cmm.stafet.representative.requested.v1"] = "dk.cmm.stafet.representative.requested.v1"
    data: RepresentativeData


class RepresentativeAppointed(CareEvent):
    """The child has a personal representative."""

    type: Literal["dk.cmm.stafet.representative.appointed.v1"] = "dk.cmm.stafet.representative.appointed.v1"
    data: RepresentativeData
