"""What dispatch's handlers need from outside: where items are queued, and where outcomes are written down."""

from collections.abc import Sequence
from typing import Protocol

from stafet.dispatch.domain import Head, Item, Outcome, Referral
from stafet_runtime.cause import Cause


class Intake(Protocol):
    """What the events of one transaction leave behind; written together at its end."""

    def remember(self, referral: Referral) -> None:
        """Keep where a referral's values are."""
        ...

    def accept(self, referral: str) -> None:
        """Note that the receiver has accepted."""
        ...

    def queue(self, item: Item, cause: Cause) -> None:
        """Put an item into its lane, at the end or as a recall at the front.

        One with the same `delivery` is already there.
        """
        ...

    def blocked(self, case: str, recipients: Sequence[str], purposes: Sequence[str]) -> Sequence[Item]:
        """Return, once, the newest content of each referral that was blocked for want of a consent."""
        ...

    def forget(self, case: str) -> None:
        """Try at once all that stands still or waits for its time in the lanes of a case."""
        ...


class Book(Protocol):
    """Where the outcome of an attempt is written down."""

    async def settle(self, head: Head, outcome: Outcome) -> None:
        """Close the attempt, move its lane on and tell the hub, in one transaction.

        An attempt that has been closed by somebody else in the meantime changes nothing.
        """
        ...
