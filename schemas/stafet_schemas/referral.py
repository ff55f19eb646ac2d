"""Subject `referral`: the life of one referral, from submission until the sender knows how it ended."""

from typing import Annotated, ClassVar, Literal

from stafet_schemas.event import CaseData, Event
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class ReferralData(CaseData):
    """`referral` is the hub's id, `placer` the receipt that the hub gave the sender for its request."""

    referral: Annotated[str, ROUTING]
    sender: Annotated[str, AGENCY]
    placer: Annotated[str, ROUTING]


class ReferralSubmittedData(ReferralData):
    """What services decide on: where the values are (record, version, groups, keyed digest), coded facts.

    `receiver` may be `hub`: the hub is to choose by its rules. `operation` is the joint action it belongs to.
    """

    receiver: Annotated[str, AGENCY]
    record: Annotated[str, ROUTING]
    version: Annotated[int, ROUTING]
    groups: Annotated[tuple[str, ...], ROUTING]
    digest: Annotated[str, ROUTING]
    service: Annotated[str, mark(Group.ROUTING, codelist="service")]
    priority: Annotated[str, mark(Group.ROUTING, codelist="priority")]
    age_group: Annotated[str, mark(Group.ROUTING, codelist="age_group")]
    sex: Annotated[str, mark(Group.ROUTING, codelist="sex")]
    language: Annotated[str, ROUTING] = "unknown"
    interpreter: Annotated[bool, ROUTING] = False
    risk: Annotated[bool, ROUTING] = False
    safe_contact: Annotated[bool, ROUTING] = False
    residence: Annotated[str, mark(Group.RESIDENCE, codelist="residence")] = "unknown"
    exploitation: Annotated[tuple[str, ...], mark(Group.EXPLOITATION, codelist="exploitation")] = ()
    operation: Annotated[str | None, ROUTING] = None


class ReferralRoutedData(ReferralData):
    """One thing one recipient must learn: dispatch asks the vault for a release and delivers it.

    `part` is notice (routing facts), content (after accepting) or status (the sender's loop); a status names
    the `rung` reached and, where there is one, the `reason`, or what is `wanted` of the sender. A reminder is
    a notice that waits for its answer; a revocation says by its `rung` why there is nothing to answer any
    more, an alert what is proposed to the receiver. `rule` is the version of the rules.
    """

    recipient: Annotated[str, AGENCY]
    part: Annotated[str, mark(Group.ROUTING, codelist="part")]
    purpose: Annotated[str, mark(Group.ROUTING, codelist="purpose")]
    rule: Annotated[str, ROUTING]
    rung: Annotated[str | None, mark(Group.ROUTING, codelist="rung")] = None
    reason: Annotated[str | None, mark(Group.ROUTING, codelist="rejection")] = None
    wanted: Annotated[tuple[str, ...], ROUTING] = ()


class ReferralStateData(ReferralData):
    """A state the referral reached with `receiver`."""

    receiver: Annotated[str, AGENCY]


class ReferralRejectedData(ReferralStateData):
    """Declined by the receiver, with its reason as a code."""

    reason: Annotated[str, mark(Group.ROUTING, codelist="rejection")]


class ReferralRefusedData(ReferralData):
    """The hub could not act on a submission or an answer; `agency` is whose.

    `message` is the receipt that the agency got for its answer, so that it can be told which one. An answer
    about a referral that is not known has `unknown` for sender and placer.
    """

    agency: Annotated[str, AGENCY]
    reason: Annotated[str, mark(Group.ROUTING, codelist="refusal")]
    message: Annotated[str | None, ROUTING] = None


class ReferralLoopClosedData(ReferralStateData):
    """The sender has been told the end: `outcome` is the last rung."""

    outcome: Annotated[str, mark(Group.ROUTING, codelist="rung")]


class ReferralEvent(Event):
    """An event of the referral topic; its key is the case."""

    topic: ClassVar[str] = "stafet-referral-v1"
    key_field: ClassVar[str] = "case"
    correlation_field: ClassVar[str] = "case"


class ReferralSubmitted(ReferralEvent):
    """An agency refers a person to another; the values are in the vault."""

    type: Literal["dk.cmm.stafet.referral.submitted.v1"] = "dk.cmm.stafet.referral.submitted.v1"
    data: ReferralSubmittedData


class ReferralRouted(ReferralEvent):
    """A recipient is to be told something."""

    type: Literal["dk.cmm.stafet.referral.routed.v1"] = "dk.cmm.stafet.referral.routed.v1"
    data: ReferralRoutedData


class ReferralDelivered(ReferralEvent):
    """The receiver's system has the notice."""

    type: Literal["dk.cmm.stafet.referral.delivered.v1"] = "dk.cmm.stafet.referral.delivered.v1"
    data: ReferralStateData


class ReferralAccepted(ReferralEvent):
    """The receiver took the referral; content may be released to it."""

    type: Literal["dk.cmm.stafet.referral.accepted.v1"] = "dk.cmm.stafet.referral.accepted.v1"
    data: ReferralStateData


class ReferralRejected(ReferralEvent):
    """The receiver declined."""

    type: Literal["dk.cmm.stafet.referral.rejected.v1"] = "dk.cmm.stafet.referral.rejected.v1"
    data: ReferralRejectedData


class ReferralStarted(ReferralEvent):
    """The receiver began the service."""

    type: Literal["dk.cmm.stafet.referral.started.v1"] = "dk.cmm.stafet.referral.started.v1"
    data: ReferralStateData


class ReferralCompleted(ReferralEvent):
    """The receiver ended the service."""

    type: Literal["dk.cmm.stafet.referral.completed.v1"] = "dk.cmm.stafet.referral.completed.v1"
    data: ReferralStateData


class ReferralRefused(ReferralEvent):
    """The hub refused a submission or an answer, with a reason."""

    type: Literal["dk.cmm.stafet.referral.refused.v1"] = "dk.cmm.stafet.referral.refused.v1"
    data: ReferralRefusedData


class ReferralLoopClosed(ReferralEvent):
    """The sender's system has the final receipt: the loop is closed."""

    type: Literal["dk.cmm.stafet.referral.loop_closed.v1"] = "dk.cmm.stafet.referral.loop_closed.v1"
    data: ReferralLoopClosedData
