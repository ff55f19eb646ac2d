"""One handler: whatever happened, write it down."""

from stafet.console.domain.steps import step_of
from stafet.console.ports import Trail
from stafet_schemas.event import Event


async def on_event(event: Event, *, trail: Trail) -> None:
    """Record any event as a step of its case."""
    trail.add(step_of(event))
