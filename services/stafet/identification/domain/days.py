"""Days as things keep them."""

from datetime import date


def day_of(told: str | None) -> date | None:
    """Read a day that a thing keeps as ISO text."""
    return date.fromisoformat(told) if told else None
