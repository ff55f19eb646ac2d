"""Time and ids as ports, so that the whole hub can run on a seeded clock."""

from datetime import UTC, datetime
from typing import Protocol

import uuid_utils


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...


class Ids(Protocol):
    """Makes ids."""

    def new(self) -> str:
        """Return a new UUIDv7 (RFC 9562) as text: unique, and ordered by time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, aware, in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """Real UUIDv7."""

    def new(self) -> str:
        """Return a new UUIDv7 as text."""
        return str(uuid_utils.uuid7())
