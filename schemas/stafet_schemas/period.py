"""Subject `period`: the reflection or recovery period (Udlændingeloven § 33(14), cap of 120 days)."""

from datetime import date
from typing import Annotated, Literal

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.identification import IdentificationEvent
from stafet_schemas.step import FactData

DAY = mark(Group.SUPPORT)


class PeriodData(FactData):
    """`period` is its id, `kind` reflection or recovery; it runs from `starts` to `until`, both included.

    `cap` is the last day it may reach without a recorded override, `rule` the version of the rules.
    `notify` are the agencies to be warned before it ends. Days are Danish calendar days.
    """

    period: Annotated[str, ROUTING]
    kind: Annotated[str, mark(Group.SUPPORT, codelist="period")]
    rule: Annotated[str, ROUTING]
    starts: Annotated[date | None, DAY] = None
    until: Annotated[date | None, DAY] = None
    cap: Annotated[date | None, DAY] = None
    reason: Annotated[str | None, ROUTING] = None
    law: Annotated[str | None, ROUTING] = None
    notify: Annotated[tuple[str, ...], mark(Group.ROUTING, codelist="agency")] = ()


class PeriodOffered(IdentificationEvent):
    """The person was told that there is one."""

    type: Literal["dk.cmm.stafet.period.offered.v1"] = "dk.cmm.stafet.period.offered.v1"
    data: PeriodData


class PeriodRequested(IdentificationEvent):
    """The person asked for it."""

    type: Literal["dk.cmm.stafet.period.requested.v1"] = "dk.cmm.stafet.period.requested.v1"
    data: PeriodData


class PeriodGranted(IdentificationEvent):
    """It runs."""

    type: Literal["dk.cmm.stafet.period.granted.v1"] = "dk.cmm.stafet.period.granted.v1"
    data: PeriodData


class PeriodExtensionRequested(IdentificationEvent):
    """The person asked for a later end, before the first one."""

    type: Literal["dk.cmm.stafet.period.extension_requested.v1"] = (
        "dk.cmm.stafet.period.extension_requested.v1"
    )
    data: PeriodData


class PeriodExtended(IdentificationEvent):
    """It ends later."""

    type: Literal["dk.cmm.stafet.period.extended.v1"] = "dk.cmm.stafet.period.extended.v1"
    data: PeriodData


class PeriodExtensionRefused(IdentificationEvent):
    """It ends as before."""

    type: Literal["dk.cmm.stafet.period.extension_refused.v1"] = "dk.cmm.stafet.period.extension_refused.v1"
    data: PeriodData


class PeriodOverrideRecorded(IdentificationEvent):
    """A legal basis lets it reach beyond the cap."""

    type: Literal["dk.cmm.stafet.period.override_recorded.v1"] = "dk.cmm.stafet.period.override_recorded.v1"
    data: PeriodData


class PeriodExpired(IdentificationEvent):
    """Its last day is over."""

    type: Literal["dk.cmm.stafet.period.expired.v1"] = "dk.cmm.stafet.period.expired.v1"
    data: PeriodData


class PeriodEndedEarly(IdentificationEvent):
    """It ended before its last day."""

    type: Literal["dk.cmm.stafet.period.ended_early.v1"] = "dk.cmm.stafet.period.ended_early.v1"
    data: PeriodData


class PeriodContactsChanged(IdentificationEvent):
    """Others than before are to be warned before it ends: `notify` says who, all of them."""

    type: Literal["dk.cmm.stafet.period.contacts_changed.v1"] = "dk.cmm.stafet.period.contacts_changed.v1"
    data: PeriodData
