"""What becomes of a referral, without I/O: a state and a fact in, the next state and what follows out.

    routed -> delivered -> accepted -> in_progress -> completed      (no rule allows it: refused)
                  |            `--------------------------^
                  `-> rejected

An answer that overtakes the news that the notice was delivered is that news. A rung that was reached is not
reached again. What does not fit is refused to whom it came from, and changes nothing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stafet_schemas.codes import SERVICES, UNKNOWN
from stafet_schemas.event import Event, EventData
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

ROUTED: Final = "routed"
REFUSED: Final = "refused"
DELIVERED: Final = "delivered"
ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
IN_PROGRESS: Final = "in_progress"
COMPLETED: Final = "completed"

AFTER: Final[Mapping[str, frozenset[str]]] = {
    DELIVERED: frozenset({ROUTED}),
    ACCEPTED: frozenset({DELIVERED}),
    REJECTED: frozenset({DELIVERED}),
    IN_PROGRESS: frozenset({ACCEPTED}),
    COMPLETED: frozenset({ACCEPTED, IN_PROGRESS}),
}
"""Each rung, and the rungs it may come after."""

TOLD: Final = frozenset({DELIVERED, ACCEPTED, REJECTED, COMPLETED})
"""Rungs the sender is told. Not in_progress: SF2900 has no word for it."""

OUTCOMES: Final[Mapping[str, str]] = {REJECTED: REJECTED, REFUSED: REJECTED, COMPLETED: COMPLETED}
"""Where a referral ends, and the rung the sender is told then."""

STATES: Final[Mapping[str, type[Event]]] = {
    DELIVERED: ReferralDelivered,
    ACCEPTED: ReferralAccepted,
    IN_PROGRESS: ReferralStarted,
    COMPLETED: ReferralCompleted,
}

PURPOSES: Final[Mapping[str, str]] = {"notice": "referral_notice", "status": "referral_status"}
"""Each part leaves for one purpose only; the content's is its rule's. The vault holds both to it."""


CONTENT_PURPOSES: Final = frozenset({"support", "formal_assessment", "investigation"})


class RulesError(ValueError):
    """A rules file that is none; the text says what is wrong with it."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Strict):
    """A receiver may be sent referrals for some services, from a day to the day before another, and why.

    The receiver need not be on the list of agencies: that of a private connector is not. `purpose` is what
    the content leaves for once the referral is accepted.
    """

    receiver: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    services: frozenset[str] = Field(min_length=1)
    purpose: str = "support"
    valid_from: date
    valid_to: date | None = None
    citation: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_what_is_known(self) -> Self:
        unknown = sorted({self.receiver} & {UNKNOWN}) + sorted(self.services - SERVICES.codes)
        unknown += sorted({self.purpose} - CONTENT_PURPOSES)
        if unknown:
            raise ValueError(f"no such code: {', '.join(unknown)}")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to is not after valid_from")
        return self

    def holds(self, on: date) -> bool:
        """Say whether the rule is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Rules(_Strict):
    """The routing rules of one version; what no rule allows is refused."""

    version: str = Field(min_length=1)
    rules: tuple[Rule, ...]

    def purpose(self, receiver: str, service: str, on: date) -> str | None:
        """Say what a referral's content may leave for; None if the agency may be sent no such referral."""
        for rule in self.rules:
            if rule.receiver == receiver and service in rule.services and rule.holds(on):
                return rule.purpose
        return None


@dataclass(frozen=True, slots=True)
class Submission:
    """A sender asks `receiver` for a service; `on` is the day it did."""

    case: str
    referral: str
    sender: str
    placer: str
    receiver: str
    service: str
    on: date


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recipient's system took a part; `lane` is the case, or the receipt of a message it is about."""

    lane: str
    recipient: str
    part: str
    rung: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An agency says that it reached a rung: accepted, rejected (with a reason), in_progress or completed."""

    case: str
    referral: str
    agency: str
    message: str
    rung: str
    reason: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Referral:
    """The state of one referral. `rungs` are those it reached, the newest last; it starts routed or refused.

    `rule` is the version of the rules it was decided by, `purpose` what its content leaves for; `closed` says
    that the sender was told the end.
    """

    case: str
    referral: str
    sender: str
    placer: str
    receiver: str
    rule: str
    rungs: tuple[str, ...]
    purpose: str = "support"
    closed: bool = False

    @property
    def outcome(self) -> str | None:
        """The rung the sender is told at the end; None before."""
        return OUTCOMES.get(self.rungs[-1])


@dataclass(frozen=True, slots=True)
class Effect:
    """A fact that others must learn."""

    kind: type[Event]
    data: EventData


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state (the same one if nothing changed), and what to emit, in order."""

    referral: Referral
    effects: tuple[Effect, ...] = ()


def decide(known: Referral | None, submission: Submission, rules: Rules) -> Decision:
    """Route a submission by the rules in force on its day, or refuse it to its sender; once only."""
    if known is not None:
        return Decision(known)
    purpose = rules.purpose(submission.receiver, submission.service, submission.on)
    referral = Referral(
        case=submission.case,
        referral=submission.referral,
        sender=submission.sender,
        placer=submission.placer,
        receiver=submission.receiver,
        rule=rules.version,
        rungs=(ROUTED if purpose else REFUSED,),
        purpose=purpose or UNKNOWN,
    )
    if purpose:
        return Decision(referral, (_routed(referral, referral.receiver, "notice"),))
    return Decision(
        referral,
        (
            _refused(referral, referral.sender, "no_recipient"),
            _routed(referral, referral.sender, "status", REJECTED, "not_reachable"),
        ),
    )


def advance(known: Referral, fact: Delivery | Answer) -> Decision:
    """Take a fact in: climb, close the loop, refuse an answer to its agency, or change nothing."""
    if isinstance(fact, Answer):
        return _answered(known, fact)
    # A status about a message of the recipient's own (lane: that message) says nothing of the referral.
    return _delivered(known, fact) if fact.lane == known.case else Decision(known)


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


def parse_rules(name: str, text: str) -> Rules:
    """Read and check the text of a rules file; `name` is for the error.

    Raises:
        RulesError: it is not TOML, or does not say what rules must say.
    """
    try:
        return Rules.model_validate(tomllib.loads(text))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RulesError(f"{name} holds no routing rules: {wrong}") from None
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{name} is no TOML: {error}") from None


def _delivered(known: Referral, fact: Delivery) -> Decision:
    if (fact.part, fact.recipient) == ("notice", known.receiver) and known.rungs[-1] == ROUTED:
        return _climb(known, DELIVERED)
    last = ("status", known.sender, known.outcome)
    if known.closed or known.outcome is None or (fact.part, fact.recipient, fact.rung) != last:
        return Decision(known)
    data = ReferralLoopClosedData(**_names(known), receiver=known.receiver, outcome=known.outcome)
    return Decision(replace(known, closed=True), (Effect(ReferralLoopClosed, data),))


def _answered(known: Referral, answer: Answer) -> Decision:
    if answer.agency != known.receiver:
        return Decision(known, (_refused(known, answer.agency, "wrong_agency", answer.message),))
    if answer.rung in known.rungs:
        return Decision(known)
    before = _climb(known, DELIVERED) if known.rungs[-1] == ROUTED else Decision(known)
    if before.referral.rungs[-1] not in AFTER[answer.rung]:
        return Decision(known, (_refused(known, answer.agency, "out_of_order", answer.message),))
    after = _climb(before.referral, answer.rung, answer.reason)
    return Decision(after.referral, before.effects + after.effects)


def _climb(known: Referral, rung: str, reason: str | None = None) -> Decision:
    names, receiver = _names(known), known.receiver
    effects = [
        Effect(ReferralRejected, ReferralRejectedData(**names, receiver=receiver, reason=reason or UNKNOWN))
        if rung == REJECTED
        else Effect(STATES[rung], ReferralStateData(**names, receiver=receiver))
    ]
    if rung == ACCEPTED:
        effects.append(_routed(known, receiver, "content"))
    if rung in TOLD:
        effects.append(_routed(known, known.sender, "status", rung, reason if rung == REJECTED else None))
    return Decision(replace(known, rungs=(*known.rungs, rung)), tuple(effects))


def _routed(
    known: Referral, recipient: str, part: str, rung: str | None = None, reason: str | None = None
) -> Effect:
    data = ReferralRoutedData(
        **_names(known),
        recipient=recipient,
        part=part,
        purpose=known.purpose if part == "content" else PURPOSES[part],
        rule=known.rule,
        rung=rung,
        reason=reason,
    )
    return Effect(ReferralRouted, data)


def _refused(known: Referral, agency: str, reason: str, message: str | None = None) -> Effect:
    data = ReferralRefusedData(**_names(known), agency=agency, reason=reason, message=message)
    return Effect(ReferralRefused, data)


def _names(known: Referral) -> dict[str, str]:
    return {
        "case": known.case,
        "referral": known.referral,
        "sender": known.sender,
        "placer": known.placer,
    }
