"""The clock and the ids of a story: the same in every run."""

from datetime import datetime
from uuid import UUID

from stafet_cli.story.errors import StoryError


class StoryClock:
    """`stafet_runtime.clock.Clock` that goes on when the story says so, never back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the story's time, aware, in UTC."""
        return self._now

    def go_to(self, time: datetime) -> None:
        """Go on to a time.

        Raises:
            StoryError: it has been already.
        """
        if time < self._now:
            raise StoryError(
                f"the story is at {self._now:%Y-%m-%d %H:%M} UTC: it cannot go back to {time:%Y-%m-%d %H:%M}"
            )
        self._now = time


class StoryIds:
    """UUIDv7 (RFC 9562) of the story's time, counted instead of drawn."""

    def __init__(self, clock: StoryClock) -> None:
        self._clock = clock
        self._count = 0

    def new(self) -> str:
        """Return the next id as text; they are ordered as they were made."""
        self._count += 1
        millis = int(self._clock.now().timestamp() * 1000)
        return str(UUID(int=millis << 80 | 7 << 76 | 2 << 62 | self._count))


class StoryReading:
    """`stafet.deadlines.ports.Reading`: time goes on only when every service has read all there is."""

    async def upto(self, now: datetime) -> datetime | None:
        """Return now."""
        return now
