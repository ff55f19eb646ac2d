"""Whatever is reported, sent and answered in whatever order: no place is given to two."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stafet.referrals.domain.board import OPEN, RELEASED, TAKEN, Board, Routing, Unit
from stafet.referrals.domain.choosing import HUB, choose
from tests.services.referrals.choices import asked, rules
from tests.services.referrals.choices import rule as allowed
from tests.services.referrals.samples import NOON

RULES = rules(
    allowed("shelter", report_hours=24),
    allowed("refuge", report_hours=24),
    allowed("cmm", channel="phone", chosen=False),
    coordinator="cmm",
)
AGENCIES = st.sampled_from(["shelter", "refuge"])
UNITS = st.sampled_from(["north", "south"])


@dataclass
class Sent:
    """A referral as a person would follow it on paper: where it went, when, and what became of it."""

    routing: Routing
    minute: int
    answer: str = ""


class Places(RuleBasedStateMachine):
    """Keeps a list on paper beside the board, and counts on it."""

    def __init__(self) -> None:
        super().__init__()
        self.board = Board()
        self.minute = 0
        self.sent: list[Sent] = []
        self.reports: dict[tuple[str, str], tuple[int, int]] = {}

    def later(self) -> None:
        """Let a minute pass, so that the times on paper are all different."""
        self.minute += 1

    def now(self) -> datetime:
        """Say which time it is."""
        return NOON + timedelta(minutes=self.minute)

    def spoken_for(self, place: tuple[str, str]) -> int:
        """Count on paper who is on the way to a place, or came since its agency counted."""
        reported = self.reports[place][0]
        there = [each for each in self.sent if (each.routing.agency, each.routing.unit) == place]
        waiting = sum(not each.answer for each in there)
        return waiting + sum(
            each.answer in {TAKEN, "no_capacity"} and each.minute > reported for each in there
        )

    @rule(agency=AGENCIES, unit=UNITS, free=st.integers(0, 3), late=st.integers(0, 5))
    def report(self, agency: str, unit: str, free: int, late: int) -> None:
        """Take a report in, which may be some minutes old."""
        self.later()
        minute = self.minute - late
        told = Unit(agency, unit, "capacity", NOON + timedelta(minutes=minute), free)
        self.board.report(told)
        if self.reports.get((agency, unit), (-100, 0))[0] <= minute:
            self.reports[agency, unit] = minute, free

    @rule()
    def send(self) -> None:
        """Have the hub choose for one more person."""
        self.later()
        ask = asked(case=f"case-{self.minute}", at=self.now())
        choice = choose(HUB, ask, RULES, self.board)
        room = [place for place, (_, free) in self.reports.items() if self.spoken_for(place) < free]
        if room:
            assert choice.reason == "free_places"
            assert (choice.receiver, choice.unit) in room
        else:
            assert (choice.receiver, choice.reason) == ("cmm", "no_capacity")
        routing = Routing(f"r-{self.minute}", choice.receiver, choice.unit, ask, ask.at)
        self.board.count(routing, "")
        self.sent.append(Sent(routing, self.minute))

    @precondition(lambda self: any(not each.answer for each in self.sent))
    @rule(data=st.data(), answer=st.sampled_from([TAKEN, RELEASED, "no_capacity"]))
    def answered(self, data: st.DataObject, answer: str) -> None:
        """Have one of them accepted, declined, or declined for want of a place."""
        self.later()
        one = data.draw(st.sampled_from([each for each in self.sent if not each.answer]))
        standing = RELEASED if answer == RELEASED else TAKEN
        self.board.count(replace(one.routing, standing=standing, at=self.now()), OPEN)
        one.answer, one.minute = answer, self.minute

    @invariant()
    def agree(self) -> None:
        """The board says what the paper says, of places and of queues."""
        for place in self.reports:
            assert self.board.units[place].spoken_for == self.spoken_for(place)
        for agency in ("shelter", "refuge", "cmm"):
            waiting = [each for each in self.sent if each.routing.agency == agency and not each.answer]
            assert self.board.queues.get(agency, 0) == len(waiting)


TestPlaces = Places.TestCase
