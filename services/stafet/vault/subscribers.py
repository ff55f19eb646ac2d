"""`step.reported` leads to what humans say of cases; all else of the vault is asked by its port."""

from collections.abc import Sequence
from typing import Final, cast

from stafet.vault.adapters.kinships import PostgresKinships
from stafet.vault.handlers.filing import on_step_reported
from stafet_runtime.consumer import Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.event import Event
from stafet_schemas.step import StepEvent, StepReported

TOPICS: Final = (StepEvent.topic,)


class _Filing(PostgresKinships):
    """The store as the runtime wants it: each step reads and writes for itself, they are few."""

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch nothing ahead."""

    async def save(self) -> None:
        """Write nothing more."""


def subscription() -> Subscription:
    """Return what the vault listens to."""

    async def reported(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime routes by class and hands back what `open` made; only this module knows both.
        await on_step_reported(cast("StepReported", event), kinships=cast("_Filing", work), outbox=outbox)

    return Subscription(
        service="vault",
        topics=TOPICS,
        open=lambda unit: _Filing(unit.connection),
        routes={StepReported: reported},
    )
