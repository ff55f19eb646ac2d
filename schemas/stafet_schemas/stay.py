"""Subjects `need`, `accommodation`, `service`, `contact_person`, `plan`: what a person is given, by whom.

No event says where a place is: secret addresses stay in the shelter's own system.
"""

from datetime import date
from typing import Annotated, Literal

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.step import FactData
from stafet_schemas.support import CareEvent

AGENCY = mark(Group.ROUTING, codelist="agency")


class NeedData(FactData):
    """What the person needs, as codes of services; `accepts` what a place must be for."""

    services: Annotated[tuple[str, ...], mark(Group.ROUTING, codelist="service")]
    accepts: Annotated[tuple[str, ...], mark(Group.ROUTING, codelist="place")] = ()


class StayData(FactData):
    """`stay` is its id, `provider` whose place it is."""

    stay: Annotated[str, ROUTING]
    provider: Annotated[str, AGENCY]
    reason: Annotated[str | None, ROUTING] = None


class ServiceData(FactData):
    """`episode` is its id; `service` what is given, by `provider`."""

    episode: Annotated[str, ROUTING]
    service: Annotated[str, mark(Group.ROUTING, codelist="service")]
    provider: Annotated[str, AGENCY]
    reason: Annotated[str | None, ROUTING] = None


class ContactPersonData(FactData):
    """`provider` is the agency that the person's contact person works for."""

    provider: Annotated[str, AGENCY]


class PlanData(FactData):
    """A plan was agreed; its text is in the agency's own system. It holds until the day `until`."""

    plan: Annotated[str, ROUTING]
    until: Annotated[date | None, mark(Group.SUPPORT)] = None


class NeedAssessed(CareEvent):
    """What the person needs was assessed."""

    type: Literal["dk.cmm.stafet.need.assessed.v1"] = "dk.cmm.stafet.need.assessed.v1"
    data: NeedData


class AccommodationRequested(CareEvent):
    """A place was asked for."""

    type: Literal["dk.cmm.stafet.accommodation.requested.v1"] = "dk.cmm.stafet.accommodation.requested.v1"
    data: StayData


class AccommodationReserved(CareEvent):
    """A place is kept."""

    type: Literal["dk.cmm.stafet.accommodation.reserved.v1"] = "dk.cmm.stafet.accommodation.reserved.v1"
    data: StayData


class AccommodationDeclined(CareEvent):
    """There is no place."""

    type: Literal["dk.cmm.stafet.accommodation.declined.v1"] = "dk.cmm.stafet.accommodation.declined.v1"
    data: StayData


class AccommodationCheckedIn(CareEvent):
    """The person moved in."""

    type: Literal["dk.cmm.stafet.accommodation.checked_in.v1"] = "dk.cmm.stafet.accommodation.checked_in.v1"
    data: StayData


class AccommodationLeft(CareEvent):
    """The person moved out."""

    type: Literal["dk.cmm.stafet.accommodation.left.v1"] = "dk.cmm.stafet.accommodation.left.v1"
    data: StayData


class AccommodationMissing(CareEvent):
    """The person disappeared from the place."""

    type: Literal["dk.cmm.stafet.accommodation.missing.v1"] = "dk.cmm.stafet.accommodation.missing.v1"
    data: StayData


class AccommodationFound(CareEvent):
    """The person is back."""

    type: Literal["dk.cmm.stafet.accommodation.found.v1"] = "dk.cmm.stafet.accommodation.found.v1"
    data: StayData


class ServiceRequested(CareEvent):
    """A service was asked for."""

    type: Literal["dk.cmm.stafet.service.requested.v1"] = "dk.cmm.stafet.service.requested.v1"
    data: ServiceData


class ServiceStarted(CareEvent):
    """It began."""

    type: Literal["dk.cmm.stafet.service.started.v1"] = "dk.cmm.stafet.service.started.v1"
    data: ServiceData


class ServiceEnded(CareEvent):
    """It ended."""

    type: Literal["dk.cmm.stafet.service.ended.v1"] = "dk.cmm.stafet.service.ended.v1"
    data: ServiceData


class ContactPersonAssigned(CareEvent):
    """The person has a contact person."""

    type: Literal["dk.cmm.stafet.contact_person.assigned.v1"] = "dk.cmm.stafet.contact_person.assigned.v1"
    data: ContactPersonData


class ContactPersonChanged(CareEvent):
    """The person has another contact person."""

    type: Literal["dk.cmm.stafet.contact_person.changed.v1"] = "dk.cmm.stafet.contact_person.changed.v1"
    data: ContactPersonData


class PlanAgreed(CareEvent):
    """The person agreed to a plan."""

    type: Literal["dk.cmm.stafet.plan.agreed.v1"] = "dk.cmm.stafet.plan.agreed.v1"
    data: PlanData
