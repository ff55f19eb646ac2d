"""What the runtime's outbox needs of an event that is not at hand any more."""

from typing import Any

from stafet.dispatch.domain import Cause
from stafet_schemas.event import Event


def event_of(cause: Cause) -> Event:
    """Stand in for the event of a cause: the outbox reads its id and its trace, and nothing else."""
    known: dict[str, Any] = {"id": cause.event, "traceparent": cause.traceparent}
    return Event.model_construct(**known)
