"""At most so many calls a second."""

from stafet_sdk.pace import Pace


class Watch:
    """A clock that stands until it is told to go on, in seconds."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        """Say the time."""
        return self.seconds


class TestPace:
    def test_spreads_a_burst_evenly(self) -> None:
        pace = Pace(4, Watch())
        assert [pace.turn() for _ in range(4)] == [0, 0.25, 0.5, 0.75]

    def test_lets_through_at_once_who_comes_late_enough_and_saves_nothing_up(self) -> None:
        watch = Watch()
        pace = Pace(2, watch)
        pace.turn()
        watch.seconds += 10
        assert [pace.turn() for _ in range(3)] == [0, 0.5, 1]

    def test_without_a_rate_nobody_waits(self) -> None:
        pace = Pace(None, Watch())
        assert [pace.turn() for _ in range(3)] == [0, 0, 0]
