"""How far the log is read, as the test says."""

from datetime import datetime


class FakeReading:
    """`stafet.deadlines.ports.Reading`: all of the log is read, until `behind` says up to when only.

    `unknown`: nothing is known of it, as while the broker is away.
    """

    def __init__(self) -> None:
        self.behind: datetime | None = None
        self.unknown = False

    async def upto(self, now: datetime) -> datetime | None:
        """Return the time that the test has set, or now."""
        return None if self.unknown else self.behind or now
