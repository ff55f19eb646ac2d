"""What dispatch's handlers need from outside: where items are queued, and where outcomes are written down."""

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
        """Put an item at the end of its lane; one with the same `delivery` is already there."""
        ...


class Book(Protocol):
    """Where the outcome of an attempt is written down."""

    async def settle(self, head: Head, outcome: Outcome) -> None:
        """Close the attempt, move its lane on and tell the hub, in one transaction.

        An attempt that has been closed by somebody else in the meantime changes nothing.
        """
        ...
