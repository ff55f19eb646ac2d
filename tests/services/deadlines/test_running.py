"""A running clock under any order of time and events: nothing twice, nothing after the end, nothing lost."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stafet.deadlines.domain.running import (
    BREACHED,
    Effects,
    Running,
    Told,
    begin,
    end,
    fire,
    threaten,
)
from stafet_schemas.deadline import DeadlineMet, DeadlineMetData
from tests.services.deadlines.samples import NOON

MINUTES = st.integers(min_value=-3000, max_value=6000)


def clock(*, final: bool = False) -> Running:
    """Give a clock of 24 hours that warns after 12 and 20."""
    return Running(
        deadline="0b0f1c5e-2f0e-5d0c-8a4e-0f6d6f0c2a11", clock="c", rule="r", matter="m", subject="s",
        owner="o", notify=(), cause="e", starts=NOON, due=NOON + timedelta(hours=24), final=final,
        stages=(("half", NOON + timedelta(hours=12)), ("near", NOON + timedelta(hours=20))),
    )  # fmt: skip


class Clocked(RuleBasedStateMachine):
    """Time that goes on and back, stops, threats and repetitions, as they come."""

    final = False

    def __init__(self) -> None:
        super().__init__()
        self.known, said = begin(clock(final=self.final))
        self.said: list[str] = [each.id for each in said]
        self.kinds: list[str] = [each.kind.short_name() for each in said]
        self.latest = NOON

    def take(self, told: Told) -> None:
        """Keep what was decided."""
        ended = self.known.ended
        self.known, effects = told
        assert not (ended and effects)
        self.said += [each.id for each in effects]
        self.kinds += [each.kind.short_name() for each in effects]

    @rule(minutes=MINUTES)
    def time_is(self, minutes: int) -> None:
        """Look at the clock at some time, which may be before the last one."""
        now = NOON + timedelta(minutes=minutes)
        self.latest = max(self.latest, now)
        self.take(fire(self.known, now))

    @rule(minutes=MINUTES, cause=st.sampled_from(["lane_held", "partner_silent"]))
    def threatens(self, minutes: int, cause: str) -> None:
        """Say that something stands in the way."""
        del minutes
        self.take(threaten(self.known, cause))

    @precondition(lambda self: not self.known.ended)
    @rule(minutes=MINUTES)
    def stops(self, minutes: int) -> None:
        """End it at some time."""
        self.latest = max(self.latest, NOON + timedelta(minutes=minutes))
        self.take(end(self.known, "by", NOON + timedelta(minutes=minutes)))
        assert self.known.ended

    @invariant()
    def nothing_is_told_twice(self) -> None:
        """No id comes a second time."""
        assert max(Counter(self.said).values()) == 1

    @invariant()
    def nothing_is_lost(self) -> None:
        """What came due while it ran was told; a breach is told once, and before it is met late."""
        assert self.kinds[0] == "deadline.set"
        if not self.known.ended and self.latest >= self.known.due:
            assert {"half", "near", BREACHED} <= set(self.known.told)
        assert self.known.ended == (self.kinds[-1] == "deadline.met" or self._over())
        assert self.known.next_at is None or not self.known.ended

    def _over(self) -> bool:
        return self.final and BREACHED in self.known.told


class FinalClocked(Clocked):
    """A clock whose breach is its end."""

    final = True


TestClocked = Clocked.TestCase
TestFinalClocked = FinalClocked.TestCase


class TestOrder:
    @given(st.lists(MINUTES, min_size=1, max_size=6))
    def test_looking_often_or_once_tells_the_same(self, minutes: list[int]) -> None:
        times = sorted(NOON + timedelta(minutes=each) for each in minutes)
        often, said = clock(), Effects()
        for each in times:
            often, more = fire(often, each)
            said += more

        assert (often, said) == fire(clock(), times[-1])

    @given(MINUTES, MINUTES)
    def test_the_end_is_the_same_whether_or_not_anybody_looked_before(self, look: int, stop: int) -> None:
        at = NOON + timedelta(minutes=stop)
        seen, _ = fire(clock(), min(NOON + timedelta(minutes=look), at))

        met = [
            [each for each in end(known, "by", at)[1] if each.kind is DeadlineMet]
            for known in (seen, clock())
        ]

        assert met[0] == met[1]
        (effect,) = met[0]
        assert isinstance(effect.data, DeadlineMetData)
        assert effect.data.late == (at >= clock().due)
