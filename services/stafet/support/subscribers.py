"""Which event leads to which handler."""

from collections.abc import Awaitable
from functools import partial
from typing import Final, Protocol, TypeVar, cast

from stafet.support import handlers
from stafet.support.adapters import PostgresSupport
from stafet.support.domain.rules import Rules
from stafet.support.ports import Support
from stafet_runtime.consumer import UNHURRIED_MS, Handler, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.case import CaseErased, CaseEvent
from stafet_schemas.consent import ConsentExpired, ConsentGiven, ConsentNarrowed, ConsentWithdrawn
from stafet_schemas.course import ReferralCancelled, ReferralEnteredInError, ReferralFailed
from stafet_schemas.event import Event
from stafet_schemas.likeness import CaseMerged, CaseSplit
from stafet_schemas.referral import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralEvent,
    ReferralStarted,
    ReferralSubmitted,
)
from stafet_schemas.step import StepEvent, StepReported
from stafet_schemas.support import CapacityEvent, CapacityQueried, SupportCapacityReported

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)

TOPICS: Final = (StepEvent.topic, CapacityEvent.topic, ReferralEvent.topic, CaseEvent.topic)


class OnSupport(Protocol[E_contra]):
    """A handler of ours: an event, and the ports of its transaction."""

    def __call__(self, event: E_contra, /, *, support: Support, outbox: Outbox) -> Awaitable[None]:
        """Handle the event."""
        ...


def subscription(rules: Rules) -> Subscription:
    """Return what the service listens to; steps are taken by `rules`."""
    ended = _routed(partial(handlers.on_referral_ended, rules=rules))
    cut = _routed(handlers.on_consent_cut)
    return Subscription(
        service="support",
        patience_ms=UNHURRIED_MS,
        topics=TOPICS,
        open=lambda unit: PostgresSupport(unit.connection),
        routes={
            StepReported: _routed(partial(handlers.on_step_reported, rules=rules)),
            ReferralSubmitted: _routed(partial(handlers.on_referral_submitted, rules=rules)),
            ReferralAccepted: _routed(partial(handlers.on_referral_accepted, rules=rules)),
            ReferralStarted: _routed(partial(handlers.on_referral_started, rules=rules)),
            ReferralCompleted: _routed(partial(handlers.on_referral_completed, rules=rules)),
            ReferralCancelled: ended,
            ReferralFailed: ended,
            ReferralEnteredInError: ended,
            ConsentGiven: _routed(handlers.on_consent_given),
            ConsentNarrowed: cut,
            ConsentWithdrawn: cut,
            ConsentExpired: cut,
            SupportCapacityReported: _routed(handlers.on_support_capacity_reported),
            CapacityQueried: _routed(partial(handlers.on_capacity_queried, rules=rules)),
            CaseMerged: _routed(handlers.on_case_merged),
            CaseSplit: _routed(handlers.on_case_split),
            CaseErased: _routed(handlers.on_case_erased),
        },
    )


def _routed(handler: OnSupport[E_contra]) -> Handler:
    async def run(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime hands in the class of the route and what `open` made; only this module knows both.
        await handler(cast("E_contra", event), support=cast("Support", work), outbox=outbox)

    return run
