"""What each step adds to what is known of its thing, and the name of the fact that it is."""

from collections.abc import Mapping
from typing import Any, Final

from stafet.support.domain.rules import Rules
from stafet.support.domain.said import Said
from stafet_runtime.thing import Thing
from stafet_schemas import child, homeward, stay
from stafet_schemas.codes import PLACES
from stafet_schemas.event import Event

EVENTS: Final[Mapping[str, type[Event]]] = {
    "need_assessed": stay.NeedAssessed,
    "accommodation_requested": stay.AccommodationRequested,
    "accommodation_reserved": stay.AccommodationReserved,
    "accommodation_declined": stay.AccommodationDeclined,
    "accommodation_checked_in": stay.AccommodationCheckedIn,
    "accommodation_left": stay.AccommodationLeft,
    "accommodation_missing": stay.AccommodationMissing,
    "accommodation_found": stay.AccommodationFound,
    "service_requested": stay.ServiceRequested,
    "service_started": stay.ServiceStarted,
    "service_ended": stay.ServiceEnded,
    "contact_person_assigned": stay.ContactPersonAssigned,
    "plan_agreed": stay.PlanAgreed,
    "child_suspected": child.ChildSuspected,
    "child_notification_sent": child.ChildNotificationSent,
    "child_notification_acknowledged": child.ChildNotificationAcknowledged,
    "child_acute_assessed": child.ChildAcuteAssessed,
    "child_reported_missing": child.ChildReportedMissing,
    "child_found": child.ChildFound,
    "representative_requested": child.RepresentativeRequested,
    "representative_appointed": child.RepresentativeAppointed,
    "return_offered": homeward.ReturnOffered,
    "return_accepted": homeward.ReturnAccepted,
    "return_plan_drafted": homeward.ReturnPlanDrafted,
    "return_travel_booked": homeward.ReturnTravelBooked,
    "return_fell_back": homeward.ReturnFellBack,
    "return_departed": homeward.ReturnDeparted,
    "return_ended": homeward.ReturnEnded,
    "reintegration_started": homeward.ReintegrationStarted,
    "reintegration_payment_due": homeward.ReintegrationPaymentDue,
    "reintegration_ended": homeward.ReintegrationEnded,
}
PARTY: Final[Mapping[str, str]] = {
    "stay": "provider",
    "episode": "provider",
    "notification": "receiver",
    "representation": "authority",
    "return": "partner",
}
"""The fact that names the agency which a thing is with."""
ONCE: Final = frozenset({"child", "contact_person"})
"""Kinds of which a case has one."""
GIVEN: Final[Mapping[str, str]] = {
    "accommodation_requested": "accommodation",
    "contact_person_assigned": "contact_person",
    "child_notification_sent": "child_protection",
    "representative_requested": "representation",
    "return_offered": "prepared_return",
    "return_plan_drafted": "prepared_return",
    "reintegration_started": "prepared_return",
}
"""The service that the party of a step must give."""
LONE: Final = frozenset({"return_offered", "return_plan_drafted", "reintegration_started"})
"""Steps that need not name a party."""


def event_of(step: str, before: Thing) -> type[Event]:
    """Return the fact that a step is, for a thing as it was before."""
    if step == "contact_person_assigned" and before.state:
        return stay.ContactPersonChanged
    return EVENTS[step]


def party_service(said: Said, rules: Rules) -> tuple[str, str] | None:
    """Say which agency must give which service for a step to stand; None where nobody must."""
    data = said.data
    service = data.service if data.step == "service_requested" else GIVEN.get(data.step)
    party = _party(said, rules)
    return None if service is None or (party is None and data.step in LONE) else (party or "", service)


def facts(said: Said, thing: Thing, rules: Rules) -> dict[str, Any]:
    """Say what a step adds to the facts of its thing."""
    data, told = said.data, dict[str, Any]()
    party, place = _party(said, rules), PARTY.get(thing.kind, "")
    if party is not None and (place not in thing.facts or data.step in GIVEN):
        told[{"contact_person": "provider", "absence": "finder"}.get(thing.kind, place)] = party
    if law := data.law or rules.law(data.step, said.day):
        told["law"] = law
    if data.service is not None:
        told["service"] = data.service
    if data.step == "child_acute_assessed":
        told["outcome"] = data.reason
    if data.step == "need_assessed":
        told |= {name: [each for each in data.codes if (each in PLACES.codes) is placing]
                 for name, placing in (("accepts", True), ("services", False))}  # fmt: skip
    return told | {name: each.isoformat() for name in ("starts", "until") if (each := getattr(data, name))}


def _party(said: Said, rules: Rules) -> str | None:
    data = said.data
    if data.step == "representative_requested":
        return data.party or rules.giver("representation", said.day)
    return data.party or (said.speaker if data.step in {"contact_person_assigned", "child_found"} else None)
