"""How fast the hub may call a partner: a leaky bucket."""

from collections.abc import Callable


class Pace:
    """One partner's calls: `per_s` at most, evenly spread; None is as fast as they come. `now` in seconds."""

    def __init__(self, per_s: float | None, now: Callable[[], float]) -> None:
        self._gap_s = 1 / per_s if per_s else 0.0
        self._now = now
        self._next = float("-inf")

    def turn(self) -> float:
        """Take the next place in the row; return the seconds until it comes."""
        now = self._now()
        at = max(now, self._next)
        self._next = at + self._gap_s
        return at - now
