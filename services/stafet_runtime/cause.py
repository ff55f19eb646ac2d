"""What led to an event, where the event itself is not at hand any more."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """The id of the event that causes the next one, and the trace they belong to (W3C traceparent)."""

    id: str
    traceparent: str | None = None
