"""`message.received` is to be translated, `case.erased` to be heeded, and who is shown which referral."""

from collections.abc import Mapping
from typing import Final, cast

from stafet.gateway.adapters import PostgresDesk
from stafet.gateway.handlers import forget, nobody, recognise, translate
from stafet.gateway.ports import Sender
from stafet_runtime.clock import Ids
from stafet_runtime.consumer import Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import Vault
from stafet_schemas.case import CaseErased, CaseEvent
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived
from stafet_schemas.referral import ReferralEvent, ReferralRefused, ReferralRouted

TOPIC: Final = MessageReceived.topic


def subscription(vault: Vault, senders: Mapping[str, Sender], ids: Ids) -> Subscription:
    """Return what the gateway listens to."""

    async def message_received(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime routes by class and hands back what `open` made; only this module knows both.
        received, desk = cast("MessageReceived", event), cast("PostgresDesk", work)
        await translate(received, desk=desk, vault=vault, senders=senders, outbox=outbox, ids=ids)

    async def case_erased(event: Event, work: Work, outbox: Outbox) -> None:
        del outbox
        await forget(cast("CaseErased", event), desk=cast("PostgresDesk", work))

    async def referral_routed(event: Event, work: Work, outbox: Outbox) -> None:
        del outbox
        await recognise(cast("ReferralRouted", event), desk=cast("PostgresDesk", work))

    async def referral_refused(event: Event, work: Work, outbox: Outbox) -> None:
        del outbox
        await nobody(cast("ReferralRefused", event), desk=cast("PostgresDesk", work))

    return Subscription(
        service="gateway",
        topics=(TOPIC, CaseEvent.topic, ReferralEvent.topic),
        open=PostgresDesk,
        routes={
            MessageReceived: message_received,
            CaseErased: case_erased,
            ReferralRouted: referral_routed,
            ReferralRefused: referral_refused,
        },
        # An agency's messages mean what they mean each by itself: a bug about one must not hold the others.
        independent=frozenset({TOPIC}),
    )
