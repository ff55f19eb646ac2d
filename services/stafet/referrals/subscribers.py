"""Which event leads to which handler."""

from collections.abc import Awaitable
from functools import partial
from typing import Final, Protocol, TypeVar, cast

from stafet.referrals.adapters.desk import PostgresDesk
from stafet.referrals.domain.routing import Rules
from stafet.referrals.handlers import endings, kinships, routing, silence, steps
from stafet.referrals.ports import Referrals
from stafet_runtime.consumer import Handler, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.case import CaseErased, CaseEvent
from stafet_schemas.consent import ConsentWithdrawn
from stafet_schemas.deadline import DeadlineBreached, DeadlineEvent, DeadlineWarned
from stafet_schemas.delivery import (
    DeliveryAccepted,
    DeliveryCompleted,
    DeliveryDelivered,
    DeliveryEvent,
    DeliveryInProgress,
    DeliveryRejected,
)
from stafet_schemas.event import Event
from stafet_schemas.likeness import CaseClosed, CaseMerged, CaseSplit
from stafet_schemas.operation import OperationAnnounced
from stafet_schemas.referral import ReferralEvent, ReferralSubmitted
from stafet_schemas.step import StepEvent, StepReported
from stafet_schemas.support import SupportCapacityReported, SupportEvent

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)

TOPICS: Final = (
    ReferralEvent.topic,
    DeliveryEvent.topic,
    SupportEvent.topic,
    StepEvent.topic,
    DeadlineEvent.topic,
    CaseEvent.topic,
)


class OnReferral(Protocol[E_contra]):
    """A handler of ours: an event, and the ports of its transaction."""

    def __call__(self, event: E_contra, /, *, referrals: Referrals, outbox: Outbox) -> Awaitable[None]:
        """Handle the event."""
        ...


def subscription(rules: Rules) -> Subscription:
    """Return what the service listens to; a submission is routed by `rules`."""
    return Subscription(
        service="referrals",
        topics=TOPICS,
        open=lambda unit: PostgresDesk(unit.connection),
        routes={
            ReferralSubmitted: _routed(partial(routing.on_referral_submitted, rules=rules)),
            OperationAnnounced: _routed(routing.on_operation_announced),
            SupportCapacityReported: _routed(routing.on_support_capacity_reported),
            DeliveryDelivered: _routed(routing.on_delivery_delivered),
            DeliveryAccepted: _routed(routing.on_delivery_accepted),
            DeliveryRejected: _routed(routing.on_delivery_rejected),
            DeliveryInProgress: _routed(routing.on_delivery_in_progress),
            DeliveryCompleted: _routed(routing.on_delivery_completed),
            StepReported: _routed(partial(steps.on_step_reported, rules=rules)),
            DeadlineWarned: _routed(silence.on_deadline_warned),
            DeadlineBreached: _routed(partial(silence.on_deadline_breached, rules=rules)),
            ConsentWithdrawn: _routed(endings.on_consent_withdrawn),
            CaseMerged: _routed(partial(kinships.on_case_merged, rules=rules)),
            CaseSplit: _routed(kinships.on_case_split),
            CaseClosed: _routed(endings.on_case_closed),
            CaseErased: _routed(endings.on_case_erased),
        },
    )


def _routed(handler: OnReferral[E_contra]) -> Handler:
    async def run(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime hands in the class of the route and what `open` made; only this module knows both.
        await handler(cast("E_contra", event), referrals=cast("Referrals", work), outbox=outbox)

    return run
