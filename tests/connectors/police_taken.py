"""What the police's connector takes a message for, where a test is sure of its kind."""

from datetime import datetime

from stafet_connectors.police import connector
from stafet_connectors.police.samples import partner
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Answered, Envelope, Request
from stafet_sdk.draft import AnswerDraft, ReferralDraft


def accepted(request: Request, now: datetime = NOW) -> Envelope:
    """Have a message accepted."""
    envelope = connector.accept(request, partner(), now)
    assert isinstance(envelope, Envelope)
    return envelope


def answered(request: Request, now: datetime = NOW) -> Answered:
    """Have a question answered."""
    answer = connector.accept(request, partner(), now)
    assert isinstance(answer, Answered)
    return answer


def referral(body: bytes) -> ReferralDraft:
    """Have a referral translated."""
    draft = connector.to_hub(body, partner())
    assert isinstance(draft, ReferralDraft)
    return draft


def answer(body: bytes) -> AnswerDraft:
    """Have a receipt translated."""
    draft = connector.to_hub(body, partner())
    assert isinstance(draft, AnswerDraft)
    return draft
