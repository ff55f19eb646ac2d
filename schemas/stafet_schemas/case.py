"""Subjects `case` and `disclosure`: the case register and what left the vault. References only."""

from typing import Annotated, ClassVar, Literal

from stafet_schemas.event import CaseData, Event
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class CaseOpenedData(CaseData):
    """`agency` is the one whose message opened the case."""

    agency: Annotated[str, AGENCY]


class DisclosureData(CaseData):
    """Somebody asked for a person's values: who, for which referral, which part of it and why."""

    referral: Annotated[str, ROUTING]
    recipient: Annotated[str, AGENCY]
    part: Annotated[str, mark(Group.ROUTING, codelist="part")]
    purpose: Annotated[str, mark(Group.ROUTING, codelist="purpose")]
    policy: Annotated[str, ROUTING]


class DisclosureMadeData(DisclosureData):
    """`disclosure` is the ledger entry; `groups` are the field groups that were released.

    `bases` are the consents, duties and grounds that opened some of them, each as `basis:id:version`.
    """

    disclosure: Annotated[str, ROUTING]
    groups: Annotated[tuple[str, ...], ROUTING]
    bases: Annotated[tuple[str, ...], ROUTING] = ()


class DisclosureBlockedData(DisclosureData):
    """Nothing was released; `reason` says why, as a code."""

    reason: Annotated[str, mark(Group.ROUTING, codelist="block")]


class DocumentReceivedData(CaseData):
    """A document of `agency` is in the vault as `record`: `size` in bytes, `media` by its media type.

    `message` is the receipt of what came first, the message that announces it or its file; the other led to
    this event. `announcement` is the receipt of the message.
    """

    record: Annotated[str, ROUTING]
    agency: Annotated[str, AGENCY]
    message: Annotated[str, ROUTING]
    announcement: Annotated[str, ROUTING]
    size: Annotated[int, ROUTING]
    media: Annotated[str, mark(Group.ROUTING, codelist="media")]


class CaseErasedData(CaseData):
    """`reason` says why, as a code; `recipients` are the agencies that got values of the case."""

    reason: Annotated[str, mark(Group.ROUTING, codelist="erasure")]
    recipients: Annotated[tuple[str, ...], AGENCY]


class CaseEvent(Event):
    """An event of the case topic; its key is the case."""

    topic: ClassVar[str] = "stafet-case-v1"
    key_field: ClassVar[str] = "case"
    correlation_field: ClassVar[str] = "case"


class CaseOpened(CaseEvent):
    """The vault gave a person's matter a random pseudonym."""

    type: Literal["dk.cmm.stafet.case.opened.v1"] = "dk.cmm.stafet.case.opened.v1"
    data: CaseOpenedData


class CaseDocumentReceived(CaseEvent):
    """A document that an agency announced is whole, and kept under the case's key."""

    type: Literal["dk.cmm.stafet.case.document_received.v1"] = "dk.cmm.stafet.case.document_received.v1"
    data: DocumentReceivedData


class CaseErased(CaseEvent):
    """The vault destroyed the keys and values of a case; its pseudonym leads to nobody any more."""

    type: Literal["dk.cmm.stafet.case.erased.v1"] = "dk.cmm.stafet.case.erased.v1"
    data: CaseErasedData


class DisclosureMade(CaseEvent):
    """Values were released to a recipient; the ledger holds the proof."""

    type: Literal["dk.cmm.stafet.disclosure.made.v1"] = "dk.cmm.stafet.disclosure.made.v1"
    data: DisclosureMadeData


class DisclosureBlocked(CaseEvent):
    """A release was refused; nothing left the vault."""

    type: Literal["dk.cmm.stafet.disclosure.blocked.v1"] = "dk.cmm.stafet.disclosure.blocked.v1"
    data: DisclosureBlockedData
