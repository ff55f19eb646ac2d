"""Subject `contact`: somebody turned to the hotline or to outreach. No name, no number, no words."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class ContactData(EventData):
    """`contact` is its id, `agency` who took it, `message` the receipt for what it said, `at` when."""

    contact: Annotated[str, ROUTING]
    agency: Annotated[str, AGENCY]
    message: Annotated[str, ROUTING]
    at: Annotated[AwareDatetime, ROUTING]


class ContactReportedData(ContactData):
    """`step` is received, triaged, referred or closed; the rest says what is known, as codes.

    `venue` is where (hotline, massage_clinic, prison ...), `source` who turned to it, `persons` how many it
    is about, `consents` whether the person wants to be referred (None: nobody asked).
    """

    step: Annotated[str, mark(Group.ROUTING, codelist="contact_step")]
    venue: Annotated[str | None, mark(Group.ROUTING, codelist="venue")] = None
    source: Annotated[str | None, mark(Group.ROUTING, codelist="contact_source")] = None
    priority: Annotated[str | None, mark(Group.ROUTING, codelist="priority")] = None
    exploitation: Annotated[tuple[str, ...], mark(Group.EXPLOITATION, codelist="exploitation")] = ()
    age_group: Annotated[str | None, mark(Group.ROUTING, codelist="age_group")] = None
    persons: Annotated[int, ROUTING] = 1
    language: Annotated[str | None, ROUTING] = None
    consents: Annotated[bool | None, ROUTING] = None
    reason: Annotated[str | None, ROUTING] = None
    referral: Annotated[str | None, ROUTING] = None


class ContactReceivedData(ContactData):
    """`open` says whether the line was open; `route` is the agency whose turn it is then."""

    venue: Annotated[str, mark(Group.ROUTING, codelist="venue")]
    source: Annotated[str | None, mark(Group.ROUTING, codelist="contact_source")] = None
    persons: Annotated[int, ROUTING] = 1
    open: Annotated[bool, ROUTING]
    route: Annotated[str, AGENCY]
    rule: Annotated[str, ROUTING]


class ContactTriagedData(ContactData):
    """How urgent it is, and what it seems to be about."""

    priority: Annotated[str, mark(Group.ROUTING, codelist="priority")]
    exploitation: Annotated[tuple[str, ...], mark(Group.EXPLOITATION, codelist="exploitation")] = ()
    age_group: Annotated[str, mark(Group.ROUTING, codelist="age_group")] = "unknown"


class ContactReferredData(ContactData):
    """It became the referral `referral`."""

    referral: Annotated[str, ROUTING]


class ContactClosedData(ContactData):
    """Nothing more is done; `reason` says why."""

    reason: Annotated[str, ROUTING]


class ContactCountedData(ContactData):
    """An adult does not want to be referred: counted without anything that leads to the person."""

    venue: Annotated[str, mark(Group.ROUTING, codelist="venue")]
    exploitation: Annotated[tuple[str, ...], mark(Group.EXPLOITATION, codelist="exploitation")] = ()
    persons: Annotated[int, ROUTING] = 1


class ContactRefusedData(ContactData):
    """A report about a contact that cannot stand, and why."""

    step: Annotated[str, mark(Group.ROUTING, codelist="contact_step")]
    reason: Annotated[str, mark(Group.ROUTING, codelist="refusal")]
    field: Annotated[str | None, ROUTING] = None


class ContactEvent(Event):
    """An event of the contact topic; its key is the contact."""

    topic: ClassVar[str] = "stafet-contact-v1"
    key_field: ClassVar[str] = "contact"
    correlation_field: ClassVar[str] = "contact"


class ContactReported(ContactEvent):
    """Somebody who takes contacts says what happened."""

    type: Literal["dk.cmm.stafet.contact.reported.v1"] = "dk.cmm.stafet.contact.reported.v1"
    data: ContactReportedData


class ContactReceived(ContactEvent):
    """Somebody turned to the hotline or to outreach."""

    type: Literal["dk.cmm.stafet.contact.received.v1"] = "dk.cmm.stafet.contact.received.v1"
    data: ContactReceivedData


class ContactTriaged(ContactEvent):
    """It was looked at."""

    type: Literal["dk.cmm.stafet.contact.triaged.v1"] = "dk.cmm.stafet.contact.triaged.v1"
    data: ContactTriagedData


class ContactReferred(ContactEvent):
    """It became a referral."""

    type: Literal["dk.cmm.stafet.contact.referred.v1"] = "dk.cmm.stafet.contact.referred.v1"
    data: ContactReferredData


class ContactClosedNoAction(ContactEvent):
    """It ended with nothing to do."""

    type: Literal["dk.cmm.stafet.contact.closed_no_action.v1"] = "dk.cmm.stafet.contact.closed_no_action.v1"
    data: ContactClosedData


class ContactAnonymousReported(ContactEvent):
    """It ended as a number."""

    type: Literal["dk.cmm.stafet.contact.anonymous_reported.v1"] = (
        "dk.cmm.stafet.contact.anonymous_reported.v1"
    )
    data: ContactCountedData


class ContactRefused(ContactEvent):
    """What was said about it could not be used."""

    type: Literal["dk.cmm.stafet.contact.refused.v1"] = "dk.cmm.stafet.contact.refused.v1"
    data: ContactRefusedData
