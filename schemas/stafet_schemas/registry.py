"""Every event class there is, found by type and by topic."""

from typing import Final

from stafet_schemas import (
    assessment,
    case,
    child,
    consent,
    contact,
    course,
    deadline,
    delivery,
    homeward,
    identification,
    inbound,
    interview,
    likeness,
    operation,
    period,
    referral,
    reveal,
    safety,
    stay,
    step,
    support,
)
from stafet_schemas.event import Event


def _concrete(base: type[Event]) -> list[type[Event]]:
    found = [sub for child in base.__subclasses__() for sub in _concrete(child)]
    return found if "type" not in base.__annotations__ or base is Event else [base, *found]


SUBJECTS: Final = (
    inbound, case, likeness, consent, reveal, contact, operation, referral, course, step,
    identification, interview, assessment, period, delivery, support, stay, child, homeward, deadline, safety,
)  # fmt: skip
EVENTS: Final[dict[str, type[Event]]] = {each.type_name(): each for each in _concrete(Event)}


def events_of(topic: str) -> tuple[type[Event], ...]:
    """List the event classes of one topic."""
    return tuple(each for each in EVENTS.values() if each.topic == topic)
