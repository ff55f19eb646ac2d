"""The referrals in memory, with what they are routed by."""

from functools import partial

from stafet.referrals.domain.board import Board, Routing, Unit
from stafet.referrals.domain.operations import Operation
from stafet.referrals.domain.state import Referral
from stafet_runtime.kin import kin
from tests.fakes.book import FakeBook


class FakeRoutings:
    """`stafet.referrals.ports.Routings` without a database."""

    def __init__(self, cases: FakeBook) -> None:
        self.board = Board(kin=partial(kin, cases))
        self.known: dict[str, Routing] = {}

    def get(self, referral: str) -> Routing | None:
        """Return where a referral was sent, or None."""
        return self.known.get(referral)

    def of_case(self, case: str) -> list[Routing]:
        """Return where a case was sent."""
        return [each for each in self.known.values() if each.ask.case == case]

    def put(self, routing: Routing) -> None:
        """Keep it, and count it on the board."""
        before = self.known.get(routing.referral)
        self.board.count(routing, before.standing if before else "")
        self.known[routing.referral] = routing

    def report(self, unit: Unit) -> None:
        """Keep what a unit reported."""
        self.board.report(unit)

    def endanger(self, case: str, agency: str) -> None:
        """Keep that the person must not be sent to an agency."""
        self.board.dangers.add((case, agency))


class FakeOperations:
    """`stafet.referrals.ports.Operations` without a database."""

    def __init__(self) -> None:
        self.known: dict[str, Operation] = {}

    def get(self, operation: str) -> Operation:
        """Return one; it need not be announced."""
        return self.known.get(operation) or Operation(operation)

    def put(self, operation: Operation) -> None:
        """Keep it."""
        self.known[operation.operation] = operation


class FakeReferrals:
    """`stafet.referrals.ports.Referrals` without a database."""

    def __init__(self) -> None:
        self.cases = FakeBook()
        self.routings = FakeRoutings(self.cases)
        self.operations = FakeOperations()
        self.known: dict[str, Referral] = {}

    def get(self, referral: str) -> Referral | None:
        """Return a referral, or None."""
        return self.known.get(referral)

    def of_case(self, case: str) -> list[Referral]:
        """Return those of a case."""
        return [each for _, each in sorted(self.known.items()) if each.case == case]

    def of_person(self, case: str) -> list[Referral]:
        """Return those of a case and of all that are merged with it."""
        return [each for other in kin(self.cases, case) for each in self.of_case(other)]

    def put(self, referral: Referral) -> None:
        """Keep a referral."""
        self.known[referral.referral] = referral
