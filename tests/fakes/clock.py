"""A clock that stands until it is told to go on."""

from datetime import datetime, timedelta


class FakeClock:
    """`stafet_runtime.clock.Clock` on a time of the test's choosing."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time it stands at."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Go on by some seconds; a negative number is a clock that was set back."""
        self._now += timedelta(seconds=seconds)
