"""Which events lead to which handler."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, cast

from stafet.dispatch import handlers
from stafet.dispatch.adapters.intake import PostgresIntake
from stafet_runtime.consumer import Handler, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.case import CaseDocumentReceived, CaseErased, CaseEvent
from stafet_schemas.consent import ConsentGiven, ConsentNarrowed, ConsentWithdrawn
from stafet_schemas.deadline import DeadlineBreached, DeadlineEvent, DeadlineWarned
from stafet_schemas.event import Event
from stafet_schemas.inbound import InboundEvent, MessageRejected
from stafet_schemas.referral import (
    ReferralAccepted,
    ReferralEvent,
    ReferralRefused,
    ReferralRouted,
    ReferralSubmitted,
)
from stafet_schemas.step import StepEvent, StepRefused

if TYPE_CHECKING:
    from stafet.dispatch.ports import Intake

TOPICS: Final = (
    ReferralEvent.topic, InboundEvent.topic, CaseEvent.topic, StepEvent.topic, DeadlineEvent.topic
)  # fmt: skip


def subscription() -> Subscription:
    """Return what dispatch listens to."""
    return Subscription(
        service="dispatch",
        topics=TOPICS,
        open=PostgresIntake,
        routes={
            ReferralSubmitted: _keeping(handlers.on_referral_submitted),
            ReferralAccepted: _keeping(handlers.on_referral_accepted),
            ReferralRouted: _queueing(handlers.on_referral_routed),
            ReferralRefused: _queueing(handlers.on_referral_refused),
            CaseDocumentReceived: _queueing(handlers.on_document_received),
            StepRefused: _queueing(handlers.on_step_refused),
            DeadlineWarned: _queueing(handlers.on_deadline_told),
            DeadlineBreached: _queueing(handlers.on_deadline_told),
            MessageRejected: _queueing(handlers.on_message_rejected),
            ConsentGiven: _queueing(handlers.on_consent_given),
            ConsentNarrowed: _queueing(handlers.on_consent_cut),
            ConsentWithdrawn: _queueing(handlers.on_consent_cut),
            CaseErased: _queueing(handlers.on_case_erased),
        },
    )


# The runtime hands back what `open` made; only this module knows that it is an Intake.
def _keeping(handler: Callable[..., Awaitable[None]]) -> Handler:
    async def handle(event: Event, work: Work, _outbox: Outbox) -> None:
        await handler(event, intake=cast("Intake", work))

    return handle


def _queueing(handler: Callable[..., Awaitable[None]]) -> Handler:
    async def handle(event: Event, work: Work, outbox: Outbox) -> None:
        await handler(event, intake=cast("Intake", work), outbox=outbox)

    return handle
