"""Subject `referral`, its further course: questions, withdrawal, silence, hand-over and re-routing."""

from typing import Annotated, Literal

from pydantic import AwareDatetime

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.referral import AGENCY, ReferralEvent, ReferralStateData


class ReferralReasonData(ReferralStateData):
    """`reason` says why, as a code; `by` is the agency that said so."""

    reason: Annotated[str, ROUTING]
    by: Annotated[str, AGENCY]


class ReferralAskedData(ReferralStateData):
    """What the receiver wants to know, as codes: names of groups or fields, never their values."""

    wanted: Annotated[tuple[str, ...], ROUTING] = ()


class ReferralLoggedData(ReferralStateData):
    """The receiver is not connected: it goes another way, `channel` says which; `at` once it went."""

    channel: Annotated[str, mark(Group.ROUTING, codelist="channel")]
    at: Annotated[AwareDatetime | None, ROUTING] = None


class ReferralSilentData(ReferralStateData):
    """No answer in time; `deadline` is the one that was warned of or breached, `to` who is told."""

    deadline: Annotated[str, ROUTING]
    to: Annotated[tuple[str, ...], AGENCY] = ()


class ReferralProposedData(ReferralStateData):
    """Who else could take it, best first, by the version `rule` of the rules."""

    candidates: Annotated[tuple[str, ...], AGENCY]
    rule: Annotated[str, ROUTING]


class ReferralChosenData(ReferralStateData):
    """The hub chose `receiver` by the rule named; `reason` is what speaks for it, or that nobody has room."""

    reason: Annotated[str, mark(Group.ROUTING, codelist="choice")]
    rule: Annotated[str, ROUTING]


class ReferralRedirectedData(ReferralStateData):
    """`referral` ended and `successor` goes on in its place, to `target`."""

    successor: Annotated[str, ROUTING]
    target: Annotated[str, AGENCY]
    by: Annotated[str, AGENCY]


class ReferralOwnerData(ReferralStateData):
    """`owner` is the agency that answers for the case, or is to."""

    owner: Annotated[str, AGENCY]


class ReferralChosen(ReferralEvent):
    """The sender left it to the hub who gets it."""

    type: Literal["dk.cmm.stafet.referral.chosen.v1"] = "dk.cmm.stafet.referral.chosen.v1"
    data: ReferralChosenData


class ReferralLogged(ReferralEvent):
    """The receiver is not connected; the referral is handed over another way."""

    type: Literal["dk.cmm.stafet.referral.logged.v1"] = "dk.cmm.stafet.referral.logged.v1"
    data: ReferralLoggedData


class ReferralHandedOver(ReferralEvent):
    """It was handed over by the channel named."""

    type: Literal["dk.cmm.stafet.referral.handed_over.v1"] = "dk.cmm.stafet.referral.handed_over.v1"
    data: ReferralLoggedData


class ReferralInfoRequested(ReferralEvent):
    """The receiver asks for more before it answers."""

    type: Literal["dk.cmm.stafet.referral.info_requested.v1"] = "dk.cmm.stafet.referral.info_requested.v1"
    data: ReferralAskedData


class ReferralInfoSupplied(ReferralEvent):
    """The sender gave what was asked for."""

    type: Literal["dk.cmm.stafet.referral.info_supplied.v1"] = "dk.cmm.stafet.referral.info_supplied.v1"
    data: ReferralAskedData


class ReferralHeld(ReferralEvent):
    """The receiver put it on hold."""

    type: Literal["dk.cmm.stafet.referral.held.v1"] = "dk.cmm.stafet.referral.held.v1"
    data: ReferralReasonData


class ReferralResumed(ReferralEvent):
    """It goes on."""

    type: Literal["dk.cmm.stafet.referral.resumed.v1"] = "dk.cmm.stafet.referral.resumed.v1"
    data: ReferralReasonData


class ReferralWithdrawn(ReferralEvent):
    """The sender took it back before it was accepted."""

    type: Literal["dk.cmm.stafet.referral.withdrawn.v1"] = "dk.cmm.stafet.referral.withdrawn.v1"
    data: ReferralReasonData


class ReferralCancelled(ReferralEvent):
    """It was ended after it was accepted, or consent was withdrawn."""

    type: Literal["dk.cmm.stafet.referral.cancelled.v1"] = "dk.cmm.stafet.referral.cancelled.v1"
    data: ReferralReasonData


class ReferralFailed(ReferralEvent):
    """What was accepted cannot be done."""

    type: Literal["dk.cmm.stafet.referral.failed.v1"] = "dk.cmm.stafet.referral.failed.v1"
    data: ReferralReasonData


class ReferralEnteredInError(ReferralEvent):
    """It should never have been made."""

    type: Literal["dk.cmm.stafet.referral.entered_in_error.v1"] = "dk.cmm.stafet.referral.entered_in_error.v1"
    data: ReferralReasonData


class ReferralReminded(ReferralEvent):
    """The receiver was reminded that an answer is due."""

    type: Literal["dk.cmm.stafet.referral.reminded.v1"] = "dk.cmm.stafet.referral.reminded.v1"
    data: ReferralSilentData


class ReferralEscalated(ReferralEvent):
    """Nobody answered in time: the coordinator has it."""

    type: Literal["dk.cmm.stafet.referral.escalated.v1"] = "dk.cmm.stafet.referral.escalated.v1"
    data: ReferralSilentData


class ReferralExpired(ReferralEvent):
    """It ended without an answer."""

    type: Literal["dk.cmm.stafet.referral.expired.v1"] = "dk.cmm.stafet.referral.expired.v1"
    data: ReferralSilentData


class ReferralRerouteProposed(ReferralEvent):
    """The coordinator is shown who else could take it."""

    type: Literal["dk.cmm.stafet.referral.reroute_proposed.v1"] = "dk.cmm.stafet.referral.reroute_proposed.v1"
    data: ReferralProposedData


class ReferralRedirected(ReferralEvent):
    """Another referral goes on in its place."""

    type: Literal["dk.cmm.stafet.referral.redirected.v1"] = "dk.cmm.stafet.referral.redirected.v1"
    data: ReferralRedirectedData


class ReferralHandoverProposed(ReferralEvent):
    """The receiver is to become the owner of the case."""

    type: Literal["dk.cmm.stafet.referral.handover_proposed.v1"] = (
        "dk.cmm.stafet.referral.handover_proposed.v1"
    )
    data: ReferralOwnerData


class ReferralHandoverAccepted(ReferralEvent):
    """The receiver is the owner of the case."""

    type: Literal["dk.cmm.stafet.referral.handover_accepted.v1"] = (
        "dk.cmm.stafet.referral.handover_accepted.v1"
    )
    data: ReferralOwnerData
