"""What ends referrals from outside: a consent that is withdrawn, a case that is closed or erased."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from stafet.referrals.domain import machines as m
from stafet.referrals.domain.choosing import HUB
from stafet.referrals.domain.course import moved
from stafet.referrals.domain.state import Answer, Decision, Referral

CONSENT: Final = "consent"
"""The basis that the person gives, and takes back: a duty or a ground ends no referral."""


def unconsented(known: Referral, event: str, named: Collection[str], purposes: Collection[str]) -> Decision:
    """End a referral to an agency that the consent named, for a purpose of it; not what the law asks for."""
    if known.duty or known.receiver not in named or (purposes and known.purpose not in purposes):
        return Decision(known)
    return _ended(known, m.CONSENT_WITHDRAWN, event)


def case_closed(known: Referral, event: str) -> Decision:
    """End it with its case."""
    return _ended(known, m.CASE_CLOSED, event)


def case_erased(known: Referral, event: str) -> Decision:
    """End it, and keep nothing of what was asked; the agencies are told of the erasure itself."""
    ended = _ended(known, m.CASE_ERASED, event)
    return Decision(replace(ended.referral, facts={}), ended.effects)


def _ended(known: Referral, step: str, event: str) -> Decision:
    said = Answer(known.case, known.referral, HUB, event, step, reason=step)
    return moved(known, step, said) or Decision(known)
