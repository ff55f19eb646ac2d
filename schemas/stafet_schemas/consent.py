"""Subject `consent`: on what basis values of a case may leave. Codes and dates only, no name and no text."""

from typing import Annotated, Literal

from pydantic import AwareDatetime

from stafet_schemas.case import AGENCY, CaseEvent
from stafet_schemas.event import CaseData
from stafet_schemas.groups import ROUTING, Group, mark

PURPOSE = mark(Group.ROUTING, codelist="purpose")


class ConsentData(CaseData):
    """One version of a basis: `basis` is a consent, a duty to notify, or another legal ground.

    It opens `groups` for the agencies `named` and for `purposes`, up to `until` (None: without an end).
    """

    consent: Annotated[str, ROUTING]
    version: Annotated[int, ROUTING]
    basis: Annotated[str, mark(Group.ROUTING, codelist="basis")]
    named: Annotated[tuple[str, ...], AGENCY]
    purposes: Annotated[tuple[str, ...], PURPOSE]
    groups: Annotated[tuple[str, ...], ROUTING]
    until: Annotated[AwareDatetime | None, ROUTING] = None


class ConsentGivenData(ConsentData):
    """`language`, `interpreter` and `how` say in which words a person consented; none for duty and ground."""

    language: Annotated[str | None, ROUTING] = None
    interpreter: Annotated[bool, ROUTING] = False
    how: Annotated[str | None, mark(Group.ROUTING, codelist="consent_form")] = None


class ConsentCutData(ConsentData):
    """`recipients` are the agencies that hold what they may not see any more, and are to be told."""

    recipients: Annotated[tuple[str, ...], AGENCY]


class ConsentGiven(CaseEvent):
    """A consent, a duty or a ground was recorded."""

    type: Literal["dk.cmm.stafet.consent.given.v1"] = "dk.cmm.stafet.consent.given.v1"
    data: ConsentGivenData


class ConsentNarrowed(CaseEvent):
    """It opens less from now on."""

    type: Literal["dk.cmm.stafet.consent.narrowed.v1"] = "dk.cmm.stafet.consent.narrowed.v1"
    data: ConsentCutData


class ConsentWithdrawn(CaseEvent):
    """It opens nothing any more; no release after the commit of this has seen it."""

    type: Literal["dk.cmm.stafet.consent.withdrawn.v1"] = "dk.cmm.stafet.consent.withdrawn.v1"
    data: ConsentCutData


class ConsentExpired(CaseEvent):
    """Its time is over; what was sent before was sent lawfully."""

    type: Literal["dk.cmm.stafet.consent.expired.v1"] = "dk.cmm.stafet.consent.expired.v1"
    data: ConsentData
