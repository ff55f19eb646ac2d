"""What follows from a report about a contact: a state and a report in, the next state and the event out."""

from dataclasses import dataclass
from typing import Any, Final

from stafet.contacts.domain.hours import Hours
from stafet.contacts.domain.machines import CONTACT
from stafet_runtime.thing import Thing
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.contact import (
    ContactAnonymousReported,
    ContactClosedData,
    ContactClosedNoAction,
    ContactCountedData,
    ContactData,
    ContactEvent,
    ContactReceived,
    ContactReceivedData,
    ContactReferred,
    ContactReferredData,
    ContactRefused,
    ContactRefusedData,
    ContactReportedData,
    ContactTriaged,
    ContactTriagedData,
)

NEEDS: Final = {
    "received": ("venue",),
    "triaged": ("priority",),
    "referred": ("referral",),
    "closed": ("reason",),
}
CHILD: Final = "child"
MOST_PERSONS: Final = 1000

Effect = tuple[type[ContactEvent], ContactData]


@dataclass(frozen=True, slots=True)
class Decision:
    """The contact as it is now, and what to tell; nothing where a report came twice."""

    thing: Thing
    effect: Effect | None


def decide(known: Thing, said: ContactReportedData, hours: Hours) -> Decision:
    """Take a report in. What cannot stand is refused with a reason; the contact stays as it was."""
    if said.message in known.facts.get("messages", ()):
        return Decision(known, None)
    wrong = _wrong(known, said)
    if wrong is not None:
        return Decision(known, _refused(said, *wrong))
    step = "counted" if said.step == "closed" and _is_counted(said) else said.step
    state = CONTACT.after(known.state, step)
    if state is None:
        return Decision(known, _refused(said, "out_of_order", None))
    effect = _effect(step, known, said, hours)
    messages = [*known.facts.get("messages", ()), said.message]
    facts = {
        "messages": messages,
        "venue": said.venue or known.facts.get("venue"),
        "persons": said.persons if said.step == "received" else known.facts.get("persons"),
        "exploitation": list(said.exploitation) or known.facts.get("exploitation"),
        "age_group": said.age_group or known.facts.get("age_group"),
    }
    return Decision(known.moved(state, **facts), effect)


def _wrong(known: Thing, said: ContactReportedData) -> tuple[str, str | None] | None:
    if said.step not in NEEDS:
        return "unknown_step", "step"
    missing = [each for each in NEEDS[said.step] if getattr(said, each) is None]
    if missing:
        return "missing", missing[0]
    if not 1 <= said.persons <= MOST_PERSONS:
        return "impossible", "persons"
    child = CHILD in {said.age_group, known.facts.get("age_group")}
    if said.step == "closed" and child and _is_counted(said):
        # A child's no ends nothing: the duty to notify stands (Barnets lov § 133).
        return "child", "consents"
    return None


def _is_counted(said: ContactReportedData) -> bool:
    return said.consents is False


def _effect(step: str, known: Thing, said: ContactReportedData, hours: Hours) -> Effect:
    base: dict[str, Any] = {name: getattr(said, name) for name in ("contact", "agency", "message", "at")}
    exploitation = said.exploitation or tuple(known.facts.get("exploitation", ()))
    match step:
        case "received":
            turn = hours.turn(said.venue or UNKNOWN, said.at)
            data = ContactReceivedData(
                **base,
                venue=said.venue or UNKNOWN,
                source=said.source,
                persons=said.persons,
                open=turn.open,
                route=turn.agency,
                rule=hours.version,
            )
            return ContactReceived, data
        case "triaged":
            group = said.age_group or known.facts.get("age_group", UNKNOWN)
            priority = said.priority or UNKNOWN
            return ContactTriaged, ContactTriagedData(
                **base, priority=priority, exploitation=exploitation, age_group=group
            )
        case "referred":
            return ContactReferred, ContactReferredData(**base, referral=said.referral or UNKNOWN)
        case "counted":
            return ContactAnonymousReported, ContactCountedData(
                **base,
                venue=known.facts["venue"],
                exploitation=exploitation,
                persons=known.facts["persons"],
            )
        case _:
            return ContactClosedNoAction, ContactClosedData(**base, reason=said.reason or UNKNOWN)


def _refused(said: ContactReportedData, reason: str, field: str | None) -> Effect:
    data = ContactRefusedData(
        contact=said.contact,
        agency=said.agency,
        message=said.message,
        at=said.at,
        step=said.step,
        reason=reason,
        field=field,
    )
    return ContactRefused, data
