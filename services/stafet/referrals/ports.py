"""What the handlers need from outside: the referrals of one transaction, and what they are routed by."""

from typing import Protocol

from stafet.referrals.domain.board import Board, Routing, Unit
from stafet.referrals.domain.operations import Operation
from stafet.referrals.domain.state import Referral
from stafet_runtime.kin import Things
from stafet_runtime.thing import Thing


class Routings(Protocol):
    """Where referrals were sent, and what speaks for and against each agency."""

    @property
    def board(self) -> Board:
        """What there is to choose by; empty where the transaction decides nothing."""
        ...

    def get(self, referral: str) -> Routing | None:
        """Return where a referral was sent, or None."""
        ...

    def of_case(self, case: str) -> list[Routing]:
        """Return where a case was sent, in the order of the referrals' ids."""
        ...

    def put(self, routing: Routing) -> None:
        """Keep it for the commit, and count it on the board."""
        ...

    def report(self, unit: Unit) -> None:
        """Keep what a unit reported of its places, unless a newer report is known."""
        ...

    def endanger(self, case: str, agency: str) -> None:
        """Keep that the person of a case must not be sent to an agency."""
        ...


class Operations(Protocol):
    """The joint actions that a transaction is about."""

    def get(self, operation: str) -> Operation:
        """Return one as this transaction knows it; it need not be announced."""
        ...

    def put(self, operation: Operation) -> None:
        """Keep it for the commit."""
        ...


class Cases(Things, Protocol):
    """Which cases are of one person, and which were erased."""

    def put(self, thing: Thing) -> None:
        """Keep it for the commit."""
        ...


class Referrals(Protocol):
    """The referrals that a transaction is about: fetched and locked first, written together at the end."""

    @property
    def routings(self) -> Routings:
        """Where they were sent."""
        ...

    @property
    def cases(self) -> Cases:
        """What is known of their cases."""
        ...

    @property
    def operations(self) -> Operations:
        """The joint actions they belong to."""
        ...

    def get(self, referral: str) -> Referral | None:
        """Return a referral as this transaction knows it, or None."""
        ...

    def of_case(self, case: str) -> list[Referral]:
        """Return those of a case, in the order of their ids; of a delivery's or deadline's only its own."""
        ...

    def of_person(self, case: str) -> list[Referral]:
        """Return those of a case and of all that are merged with it, as `of_case` does."""
        ...

    def put(self, referral: Referral) -> None:
        """Keep a referral's new state for the commit."""
        ...
