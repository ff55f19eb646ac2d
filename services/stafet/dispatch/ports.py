"""What dispatch's handlers need from outside: where items are queued, and where outcomes are written down."""

from collections.abc import Sequence
from typing import Protocol

from stafet.dispatch.domain import Delivered, Failed, Head, Item, Offer, Outcome, Referral
from stafet_runtime.cause import Cause
from stafet_sdk.contract import Fetch


class Intake(Protocol):
    """What the events of one transaction leave behind; written together at its end."""

    def remember(self, referral: Referral) -> None:
        """Keep where a referral's values are."""
        ...

    def accept(self, referral: str, receiver: str) -> None:
        """Note that the receiver has accepted."""
        ...

    def revoke(self, item: Item) -> None:
        """Send nothing more of its referral to its recipient, and wait for nothing of it."""
        ...

    def queue(self, item: Item, cause: Cause) -> None:
        """Put an item into its lane, at the end or as a recall at the front.

        One with the same `delivery` is already there.
        """
        ...

    def blocked(self, case: str, recipients: Sequence[str], purposes: Sequence[str]) -> Sequence[Item]:
        """Return, once, the newest content of each referral that was blocked for want of a consent."""
        ...

    def served(self, case: str, agencies: Sequence[str]) -> Sequence[str]:
        """Return those of some agencies that have a lane of the case, each once."""
        ...

    def referral(self, subject: str) -> str | None:
        """Return what a time limit is about if it is a referral; None if it is something else."""
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


class Shelf(Protocol):
    """What waits for its recipient to fetch it."""

    async def find(self, agency: str, fetch: Fetch) -> Offer:
        """Use up the nonce of a request, and find what it asks for.

        Raises:
            InboundRefused: the nonce was used, nothing of this id waits for the agency, or it is gone.
            ShelfUnavailableError: the database is out of reach.
        """
        ...

    async def settle(self, head: Head, outcome: Delivered | Failed) -> None:
        """Write down that it was fetched or must not be, move its lane on and tell the hub.

        What is settled already stays as it is.

        Raises:
            ShelfUnavailableError: the database is out of reach.
        """
        ...


class ShelfUnavailableError(Exception):
    """The database is out of reach: nothing is handed over, the agency asks again."""
