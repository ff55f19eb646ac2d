"""How what became of a referral is worded: facts for the hub, and what each side of it is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.state import Answer, Referral
from stafet_runtime.effect import Effect
from stafet_schemas import course
from stafet_schemas.codes import COORDINATOR, UNKNOWN
from stafet_schemas.course import (
    ReferralAskedData,
    ReferralChosenData,
    ReferralLoggedData,
    ReferralProposedData,
    ReferralReasonData,
    ReferralSilentData,
)
from stafet_schemas.event import Event
from stafet_schemas.referral import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralDelivered,
    ReferralLoopClosed,
    ReferralLoopClosedData,
    ReferralRefused,
    ReferralRefusedData,
    ReferralRejected,
    ReferralRejectedData,
    ReferralRouted,
    ReferralRoutedData,
    ReferralStarted,
    ReferralStateData,
)

NOTICE: Final = "notice"
CONTENT: Final = "content"
STATUS: Final = "status"
REMINDER: Final = "reminder"
REVOCATION: Final = "revocation"
ALERT: Final = "alert"
PURPOSES: Final[Mapping[str, str]] = {
    NOTICE: "referral_notice",
    REMINDER: "referral_notice",
    STATUS: "referral_status",
    REVOCATION: "referral_status",
    ALERT: "alert",
}
"""Each part leaves for one purpose only; the content's is its rule's. The vault holds both to it."""

TOLD: Final[Mapping[str, str]] = {
    m.DELIVERED: m.DELIVERED,
    m.HANDED_OVER: m.DELIVERED,
    m.INFO_REQUESTED: m.INFO_REQUESTED,
    m.ACCEPTED: m.ACCEPTED,
    m.REJECTED: m.REJECTED,
    m.IN_PROGRESS: m.IN_PROGRESS,
    m.HELD: m.ON_HOLD,
    m.RESUMED: m.IN_PROGRESS,
    m.COMPLETED: m.COMPLETED,
    m.FAILED: m.FAILED,
    m.WITHDRAWN: m.WITHDRAWN,
    m.CANCELLED: m.CANCELLED,
    m.CONSENT_WITHDRAWN: m.CANCELLED,
    m.CASE_CLOSED: m.CANCELLED,
    m.EXPIRED: m.EXPIRED,
    m.REDIRECTED: m.REDIRECTED,
    m.ENTERED_IN_ERROR: m.ENTERED_IN_ERROR,
}
"""Steps that the sender is told of, and the rung it is told; of an erased case nobody is told any more."""
REVOKES: Final[Mapping[str, str]] = {
    m.WITHDRAWN: m.WITHDRAWN,
    m.CANCELLED: m.CANCELLED,
    m.CONSENT_WITHDRAWN: m.CANCELLED,
    m.CASE_CLOSED: m.CANCELLED,
    m.EXPIRED: m.EXPIRED,
    m.REDIRECTED: m.REDIRECTED,
    m.ENTERED_IN_ERROR: m.ENTERED_IN_ERROR,
}
"""Steps by which the receiver loses the referral, and the rung it is told, unless it took the step itself."""

STATED: Final[Mapping[str, type[Event]]] = {
    m.DELIVERED: ReferralDelivered,
    m.ACCEPTED: ReferralAccepted,
    m.IN_PROGRESS: ReferralStarted,
    m.COMPLETED: ReferralCompleted,
}
REASONED: Final[Mapping[str, type[Event]]] = {
    m.HELD: course.ReferralHeld,
    m.RESUMED: course.ReferralResumed,
    m.FAILED: course.ReferralFailed,
    m.WITHDRAWN: course.ReferralWithdrawn,
    m.CANCELLED: course.ReferralCancelled,
    m.CONSENT_WITHDRAWN: course.ReferralCancelled,
    m.CASE_CLOSED: course.ReferralCancelled,
    m.CASE_ERASED: course.ReferralCancelled,
    m.ENTERED_IN_ERROR: course.ReferralEnteredInError,
}
ASKING: Final[Mapping[str, type[Event]]] = {
    m.INFO_REQUESTED: course.ReferralInfoRequested,
    m.INFO_SUPPLIED: course.ReferralInfoSupplied,
}
"""What each step is called as a fact, by what the fact says beside the referral itself."""


def names(known: Referral) -> dict[str, str]:
    """Give the fields that every event about a referral has."""
    return {
        "case": known.case,
        "referral": known.referral,
        "sender": known.sender,
        "placer": known.placer,
    }


def fact(known: Referral, step: str, said: Answer) -> Effect:
    """Word a step as the fact that it is; a redirection and silence have words of their own."""
    stated = {**names(known), "receiver": known.receiver}
    if step == m.REJECTED:
        return Effect(ReferralRejected, ReferralRejectedData(**stated, reason=said.reason))
    if step in STATED:
        return Effect(STATED[step], ReferralStateData(**stated))
    if step in ASKING:
        return Effect(ASKING[step], ReferralAskedData(**stated, wanted=said.codes))
    if step == m.HANDED_OVER:
        channel = said.channel or known.channel
        return Effect(course.ReferralHandedOver, ReferralLoggedData(**stated, channel=channel, at=said.at))
    if step == m.EXPIRED:
        return silent(known, course.ReferralExpired, known.deadline or UNKNOWN)
    return Effect(REASONED[step], ReferralReasonData(**stated, reason=said.reason, by=said.by))


def logged(known: Referral, at: datetime | None = None) -> Effect:
    """Word that the coordinator is to hand a referral over."""
    data = ReferralLoggedData(**names(known), receiver=known.receiver, channel=known.channel, at=at)
    return Effect(course.ReferralLogged, data)


def chosen(known: Referral, reason: str) -> Effect:
    """Word that the hub chose the receiver, and why."""
    data = ReferralChosenData(**names(known), receiver=known.receiver, reason=reason, rule=known.rule)
    return Effect(course.ReferralChosen, data)


def proposed(known: Referral, others: tuple[str, ...]) -> Effect:
    """Word for the coordinator who else could take it, the best first."""
    data = ReferralProposedData(**names(known), receiver=known.receiver, candidates=others, rule=known.rule)
    return Effect(course.ReferralRerouteProposed, data)


def silent(known: Referral, kind: type[Event], deadline: str, to: tuple[str, ...] = (COORDINATOR,)) -> Effect:
    """Word that no answer came, and who has been told."""
    return Effect(kind, ReferralSilentData(**names(known), receiver=known.receiver, deadline=deadline, to=to))


def told(known: Referral, step: str, said: Answer) -> tuple[Effect, ...]:
    """Word what the two sides must learn of a step, as far as the hub reaches their systems."""
    effects: list[Effect] = []
    if known.channel == HUB:
        if step == m.ACCEPTED:
            effects.append(routed(known, known.receiver, CONTENT))
        if step == m.INFO_SUPPLIED:
            effects.append(routed(known, known.receiver, REMINDER))
        if step in REVOKES and said.by != known.receiver:
            effects.append(routed(known, known.receiver, REVOCATION, REVOKES[step]))
    if step in TOLD:
        effects += status(known, TOLD[step], _reason(step, said), _wanted(step, said))
    return tuple(effects)


def status(
    known: Referral, rung: str, reason: str | None = None, wanted: tuple[str, ...] = ()
) -> tuple[Effect, ...]:
    """Word a rung for the sender, if the hub reaches it; one that is told status only never learns why."""
    if known.reached != HUB:
        return ()
    if known.status_only:
        reason, wanted = None, ()
    return (routed(known, known.sender, STATUS, rung, reason=reason, wanted=wanted),)


def routed(
    known: Referral,
    recipient: str,
    part: str,
    rung: str | None = None,
    *,
    reason: str | None = None,
    wanted: tuple[str, ...] = (),
) -> Effect:
    """Word one thing that one recipient must learn."""
    data = ReferralRoutedData(
        **names(known),
        recipient=recipient,
        part=part,
        purpose=known.purpose if part == CONTENT else PURPOSES[part],
        rule=known.rule,
        rung=rung,
        reason=reason,
        wanted=wanted,
    )
    return Effect(ReferralRouted, data)


def refused(known: Referral, agency: str, reason: str, message: str | None = None) -> Effect:
    """Word that an agency's submission or answer could not be used."""
    data = ReferralRefusedData(**names(known), agency=agency, reason=reason, message=message)
    return Effect(ReferralRefused, data)


def unknown(answer: Answer) -> Effect:
    """Refuse an answer about a referral that was never submitted; nobody knows its sender."""
    return Effect(
        ReferralRefused,
        ReferralRefusedData(
            case=answer.case,
            referral=answer.referral,
            sender=UNKNOWN,
            placer=UNKNOWN,
            agency=answer.agency,
            reason="unknown_referral",
            message=answer.message,
        ),
    )


def loop_closed(known: Referral, outcome: str) -> Effect:
    """Word that the sender knows the end."""
    data = ReferralLoopClosedData(**names(known), receiver=known.receiver, outcome=outcome)
    return Effect(ReferralLoopClosed, data)


def _reason(step: str, said: Answer) -> str | None:
    given = step == m.REJECTED or (step in REASONED and said.reason != UNKNOWN)
    return said.reason if given else None


def _wanted(step: str, said: Answer) -> tuple[str, ...]:
    return said.codes if step == m.INFO_REQUESTED else ()
