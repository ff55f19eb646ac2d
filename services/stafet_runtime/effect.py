"""What a decision lets others know: a value that what decides may hold, and a handler emits."""

from dataclasses import dataclass

from stafet_schemas.event import Event, EventData


@dataclass(frozen=True, slots=True)
class Effect:
    """A fact that others must learn."""

    kind: type[Event]
    data: EventData
