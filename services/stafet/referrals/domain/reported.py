"""The steps that are reported of referrals, as the machine knows them, and what cannot be one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.course import answered
from stafet.referrals.domain.handover import handed_over
from stafet.referrals.domain.onward import redirected
from stafet.referrals.domain.state import Answer, Decision, Referral, Refusal
from stafet_schemas.step import StepReportedData
from stafet_schemas.steps import lacking

STEPS: Final[Mapping[str, str]] = {
    "referral_handed_over": m.HANDED_OVER,
    "referral_accepted": m.ACCEPTED,
    "referral_rejected": m.REJECTED,
    "referral_started": m.IN_PROGRESS,
    "referral_completed": m.COMPLETED,
    "referral_info_requested": m.INFO_REQUESTED,
    "referral_info_supplied": m.INFO_SUPPLIED,
    "referral_held": m.HELD,
    "referral_resumed": m.RESUMED,
    "referral_withdrawn": m.WITHDRAWN,
    "referral_cancelled": m.CANCELLED,
    "referral_failed": m.FAILED,
    "referral_entered_in_error": m.ENTERED_IN_ERROR,
    "referral_redirected": m.REDIRECTED,
    "referral_expired": m.EXPIRED,
    "handover_proposed": m.PROPOSED,
    "handover_accepted": m.TAKEN_OVER,
}
SKEW: Final = timedelta(minutes=5)
"""So far an agency's clock may be ahead of ours; nothing is reported that has not happened yet."""
WRONG: Final[Mapping[str, str]] = {"missing": "missing"}


def unfit(data: StepReportedData, now: datetime) -> Refusal | None:
    """Say which field of a step cannot stand; None if all can."""
    said = {name: value for name, value in data.model_dump().items() if value not in (None, ())}
    for field, problem in lacking(said):
        return Refusal(WRONG.get(problem, "impossible"), field)
    return Refusal("impossible", "at") if data.at > now + SKEW else None


def reported(
    known: Referral, said: Answer, barred: str | None, others: Sequence[Referral]
) -> Decision | Refusal:
    """Take in a step; see `onward.redirected` for what else is to be known. A case is owned, not a person."""
    if said.rung in m.HANDOVER.moves:
        return handed_over(known, said, [each for each in others if each.case == known.case])
    if said.rung == m.REDIRECTED:
        return redirected(known, said, barred, others)
    return answered(known, said)
