"""Which event leads to which handler."""

from collections.abc import Awaitable
from functools import partial
from typing import Final, Protocol, TypeVar, cast

from stafet.referrals import handlers
from stafet.referrals.adapters.desk import PostgresDesk
from stafet.referrals.domain.routing import Rules
from stafet.referrals.ports import Referrals
from stafet_runtime.consumer import Handler, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.delivery import (
    DeliveryAccepted,
    DeliveryCompleted,
    DeliveryDelivered,
    DeliveryEvent,
    DeliveryInProgress,
    DeliveryRejected,
)
from stafet_schemas.event import Event
from stafet_schemas.operation import OperationAnnounced
from stafet_schemas.referral import ReferralEvent, ReferralSubmitted
from stafet_schemas.support import SupportCapacityReported, SupportEvent

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)

TOPICS: Final = (ReferralEvent.topic, DeliveryEvent.topic, SupportEvent.topic)


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
            ReferralSubmitted: _routed(partial(handlers.on_referral_submitted, rules=rules)),
            OperationAnnounced: _routed(handlers.on_operation_announced),
            SupportCapacityReported: _routed(handlers.on_support_capacity_reported),
            DeliveryDelivered: _routed(handlers.on_delivery_delivered),
            DeliveryAccepted: _routed(handlers.on_delivery_accepted),
            DeliveryRejected: _routed(handlers.on_delivery_rejected),
            DeliveryInProgress: _routed(handlers.on_delivery_in_progress),
            DeliveryCompleted: _routed(handlers.on_delivery_completed),
        },
    )


def _routed(handler: OnReferral[E_contra]) -> Handler:
    async def run(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime hands in the class of the route and what `open` made; only this module knows both.
        await handler(cast("E_contra", event), referrals=cast("Referrals", work), outbox=outbox)

    return run
