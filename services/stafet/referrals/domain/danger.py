"""An agency turns out to endanger the person: what it has not accepted yet is taken from it."""

from dataclasses import replace
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB, SAFETY_CONFLICT
from stafet.referrals.domain.course import moved
from stafet.referrals.domain.state import Answer, Decision, Referral, Refusal
from stafet.referrals.domain.telling import proposed
from stafet_runtime.effect import Effect
from stafet_schemas.codes import COORDINATOR
from stafet_schemas.safety import SafetyConflictData, SafetyConflictNoted
from stafet_schemas.step import StepReportedData

STEP: Final = "safety_conflict_noted"


def objection(data: StepReportedData, *, connected: bool) -> Refusal | None:
    """Say why it does not count; anybody may warn, and the coordinator for whoever is not connected."""
    if data.behalf is not None and (data.agency != COORDINATOR or connected):
        return Refusal("wrong_agency", "behalf")
    # Of itself the hub has nobody to send a person to, and it must be able to choose.
    return Refusal("impossible", "party") if data.party == HUB else None


def noted(data: StepReportedData, party: str) -> Effect:
    """Word that the person is not sent to an agency any more."""
    fact = SafetyConflictData(
        case=data.case,
        agency=data.behalf or data.agency,
        message=data.message,
        at=data.at,
        party=party,
        reason=data.reason,
    )
    return Effect(SafetyConflictNoted, fact)


def parted(known: Referral, by: str, message: str, others: tuple[str, ...]) -> Decision:
    """Withdraw a referral to the agency if it is unanswered, and propose others for it in any case.

    One that was accepted has been told to the agency: what becomes of it is for the coordinator to say.
    """
    said = Answer(known.case, known.referral, by, message, m.WITHDRAWN, SAFETY_CONFLICT)
    decision = moved(known, m.WITHDRAWN, said) or Decision(known)
    after = replace(decision.referral, taken=(*known.taken, message))
    return Decision(after, (*decision.effects, proposed(known, others)))
