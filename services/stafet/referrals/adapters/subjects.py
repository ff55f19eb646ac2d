"""Which referrals and cases an event is about: so much is read before it is handled."""

from collections.abc import Iterable

from stafet.referrals.domain import danger
from stafet_schemas.deadline import DeadlineEvent
from stafet_schemas.delivery import DeliveryEvent
from stafet_schemas.event import Event
from stafet_schemas.likeness import CaseMerged, KinshipData
from stafet_schemas.referral import ReferralSubmitted
from stafet_schemas.step import StepReported


def referrals_of(events: Iterable[Event]) -> set[str]:
    """Return the referrals that the events name."""
    named: set[str | None] = set()
    for each in events:
        if isinstance(each, StepReported | DeadlineEvent):
            named.add(getattr(each.data, "subject", None))
        named.add(getattr(each.data, "referral", None))
    return {each for each in named if each is not None}


def cases_of(events: Iterable[Event]) -> set[str]:
    """Return the cases of which one referral may change another: not those of deliveries and deadlines."""
    deciding = [each for each in events if not isinstance(each, DeliveryEvent | DeadlineEvent)]
    cases: set[str | None] = {getattr(each.data, "case", None) for each in deciding}
    cases |= {each.data.other for each in deciding if isinstance(each.data, KinshipData)}
    return {each for each in cases if each is not None}


def opening_of(events: Iterable[Event]) -> set[str]:
    """Return the cases that get referrals, or may have some taken back for an agency that is barred."""
    return cases_of(
        each
        for each in events
        if isinstance(each, ReferralSubmitted | CaseMerged)
        or (isinstance(each, StepReported) and each.data.step == danger.STEP)
    )


def matters_of(events: Iterable[Event]) -> set[str]:
    """Return the cases whose deadlines the events are about."""
    return {each.data.matter for each in events if isinstance(each, DeadlineEvent)}


def matter_of(event: Event) -> str | None:
    """Return the case whose person an event decides about; a delivery decides where nobody goes."""
    if isinstance(event, DeliveryEvent):
        return None
    name = "matter" if isinstance(event, DeadlineEvent) else "case"
    matter: str | None = getattr(event.data, name, None)
    return matter
