"""Which event leads to which handler."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast

from stafet.identification import handlers
from stafet.identification.domain.rules import Rules
from stafet.identification.domain.vocabulary import Vocabularies
from stafet.identification.handlers import Desk
from stafet_runtime.casebook import Casebook
from stafet_runtime.consumer import UNHURRIED_MS, Handler, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.case import CaseErased, CaseEvent
from stafet_schemas.deadline import DeadlineBreached, DeadlineEvent
from stafet_schemas.event import Event
from stafet_schemas.identification import (
    IdentificationDecided,
    IdentificationDecisionReversed,
    IdentificationEvent,
)
from stafet_schemas.likeness import CaseMerged, CaseSplit
from stafet_schemas.referral import ReferralEvent, ReferralSubmitted
from stafet_schemas.stay import (
    AccommodationCheckedIn,
    AccommodationLeft,
    ContactPersonAssigned,
    ContactPersonChanged,
)
from stafet_schemas.step import StepEvent, StepReported
from stafet_schemas.support import CareEvent

if TYPE_CHECKING:
    from stafet.identification.ports import Book

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)

TOPICS: Final = (
    StepEvent.topic,
    ReferralEvent.topic,
    IdentificationEvent.topic,
    CareEvent.topic,
    DeadlineEvent.topic,
    CaseEvent.topic,
)


class OnIdentification(Protocol[E_contra]):
    """A handler of ours: an event, and the desk of its transaction."""

    def __call__(self, event: E_contra, /, *, desk: Desk) -> Awaitable[None]:
        """Handle the event."""
        ...


def subscription(rules: Rules, vocabularies: Vocabularies) -> Subscription:
    """Return what the service listens to; it decides by `rules` and reads signs by `vocabularies`."""

    def routed(handler: OnIdentification[E_contra]) -> Handler:
        async def run(event: Event, work: Work, outbox: Outbox) -> None:
            # The runtime hands in the class of the route and what `open` made; only this module knows both.
            desk = Desk(cast("Book", work), outbox, rules, vocabularies)
            await handler(cast("E_contra", event), desk=desk)

        return run

    return Subscription(
        service="identification",
        patience_ms=UNHURRIED_MS,
        topics=TOPICS,
        open=lambda unit: Casebook(unit.connection, _matter),
        routes={
            StepReported: routed(handlers.on_step_reported),
            ReferralSubmitted: routed(handlers.on_referral_submitted),
            IdentificationDecided: routed(handlers.on_identification_decided),
            IdentificationDecisionReversed: routed(handlers.on_identification_decision_reversed),
            DeadlineBreached: routed(handlers.on_deadline_breached),
            ContactPersonAssigned: routed(handlers.on_contact_person_assigned),
            ContactPersonChanged: routed(handlers.on_contact_person_changed),
            AccommodationCheckedIn: routed(handlers.on_accommodation_checked_in),
            AccommodationLeft: routed(handlers.on_accommodation_left),
            CaseMerged: routed(handlers.on_case_merged),
            CaseSplit: routed(handlers.on_case_split),
            CaseErased: routed(handlers.on_case_erased),
        },
    )


def _matter(event: Event) -> str | None:
    data = event.data
    case: str | None = getattr(data, "case", None) or getattr(data, "matter", None)
    return case
