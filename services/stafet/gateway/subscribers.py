"""Only `message.received` matters here; the gateway's own rejections on the same topic are passed over."""

from collections.abc import Mapping
from typing import Final, cast

from stafet.gateway.adapters import PostgresDesk
from stafet.gateway.handlers import translate
from stafet.gateway.ports import Sender
from stafet_runtime.clock import Ids
from stafet_runtime.consumer import Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_runtime.vaultport import Vault
from stafet_schemas.event import Event
from stafet_schemas.inbound import MessageReceived

TOPIC: Final = MessageReceived.topic


def subscription(vault: Vault, senders: Mapping[str, Sender], ids: Ids) -> Subscription:
    """Return what the gateway listens to."""

    async def message_received(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime routes by class and hands back what `open` made; only this module knows both.
        received, desk = cast("MessageReceived", event), cast("PostgresDesk", work)
        await translate(received, desk=desk, vault=vault, senders=senders, outbox=outbox, ids=ids)

    return Subscription(
        service="gateway",
        topics=(TOPIC,),
        open=PostgresDesk,
        routes={MessageReceived: message_received},
        # An agency's messages mean what they mean each by itself: a bug about one must not hold the others.
        independent=frozenset({TOPIC}),
    )
