"""What the handlers need from outside: the referrals of one transaction."""

from typing import Protocol

from stafet.referrals.domain.state import Referral


class Referrals(Protocol):
    """The referrals that a transaction is about: fetched and locked first, written together at the end."""

    def get(self, referral: str) -> Referral | None:
        """Return a referral as this transaction knows it, or None."""
        ...

    def put(self, referral: Referral) -> None:
        """Keep a referral's new state for the commit."""
        ...
