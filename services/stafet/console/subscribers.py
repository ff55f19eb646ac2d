"""Every topic and every event class lead to the one handler."""

from typing import TYPE_CHECKING, Final, cast

from stafet.console.adapters.anew import PostgresSteps, finish
from stafet.console.adapters.trail import PostgresTrail
from stafet.console.handlers import on_event
from stafet_runtime.consumer import UNHURRIED_MS, Anew, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.event import Event
from stafet_schemas.registry import EVENTS

if TYPE_CHECKING:
    from stafet.console.ports import Trail

TOPICS: Final = tuple(sorted({each.topic for each in EVENTS.values()}))


def subscription() -> Subscription:
    """Return what the console listens to: everything."""
    return Subscription(
        service="console",
        patience_ms=UNHURRIED_MS,
        topics=TOPICS,
        open=lambda unit: PostgresTrail(unit.connection),
        routes=dict.fromkeys(EVENTS.values(), _event),
        anew=Anew(open=lambda unit: PostgresSteps(unit.connection), finish=finish),
    )


async def _event(event: Event, work: Work, _outbox: Outbox) -> None:
    # The runtime hands back what `open` made; only this module knows that it is a Trail.
    await on_event(event, trail=cast("Trail", work))
