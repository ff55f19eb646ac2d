"""Which event leads to which handler: the clocks' file says what matters to a clock."""

from collections.abc import Awaitable
from functools import partial
from typing import Protocol, TypeVar, cast

from stafet.deadlines import handlers
from stafet.deadlines.adapters.book import PostgresBook
from stafet.deadlines.domain.watching import Plan
from stafet.deadlines.ports import Book
from stafet_runtime.consumer import UNHURRIED_MS, Anew, Handler, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.deadline import DeadlineBreached, DeadlineWarned
from stafet_schemas.delivery import DeliveryDeferred, DeliveryDelivered, DeliveryFailed
from stafet_schemas.event import Event

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)


class OnEvent(Protocol[E_contra]):
    """A handler of ours: an event, and the ports of its transaction."""

    def __call__(self, event: E_contra, /, *, book: Book, outbox: Outbox) -> Awaitable[None]:
        """Handle the event."""
        ...


def subscription(plan: Plan) -> Subscription:
    """Return what the service listens to."""
    routes: dict[type[Event], Handler] = {
        kind: _routed(partial(handlers.on_fact, plan=plan)) for kind in plan.clocks.triggers
    }
    routes |= {
        DeliveryDelivered: _routed(partial(handlers.on_delivery_delivered, plan=plan)),
        DeliveryDeferred: _routed(partial(handlers.on_delivery_deferred, plan=plan)),
        DeliveryFailed: _routed(partial(handlers.on_delivery_failed, plan=plan)),
    }
    return Subscription(
        service="deadlines",
        patience_ms=UNHURRIED_MS,
        topics=tuple(sorted({kind.topic for kind in routes})),
        open=lambda unit: PostgresBook(unit.connection),
        routes=routes,
        anew=Anew(own=dict.fromkeys((DeadlineWarned, DeadlineBreached), _routed(handlers.on_told))),
    )


def _routed(handler: OnEvent[E_contra]) -> Handler:
    async def run(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime hands in the class of the route and what `open` made; only this module knows both.
        await handler(cast("E_contra", event), book=cast("Book", work), outbox=outbox)

    return run
