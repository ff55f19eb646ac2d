"""The smallest service: it listens to the inbound topic, notes what it saw, and says so over HTTP."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, HTTPException

from stafet_runtime.consumer import Subscription, Work
from stafet_runtime.database import Database
from stafet_runtime.outbox import Outbox
from stafet_runtime.service import Service
from stafet_schemas.event import Event
from stafet_schemas.inbound import InboundEvent, MessageReceived, MessageReceivedData

TOPIC: Final = InboundEvent.topic
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Echo:
    """What it saw, in order; `runs` counts the starts of its task, `fail` makes the first one break."""

    seen: list[str] = field(default_factory=list[str])
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0
    fail: bool = False

    def service(self, database: Database) -> Service:
        """Compose it on a schema that has the runtime's tables."""
        subscription = Subscription(
            service=database.service,
            topics=(TOPIC,),
            open=lambda _: NoWork(),
            routes={MessageReceived: self._note},
        )
        router = APIRouter(dependencies=[Depends(_known)])
        router.add_api_route("/seen", self._answer, methods=["GET"])
        return Service(database.service, database, subscription, router, (self._task,))

    async def _note(self, event: Event, _work: Work, _outbox: Outbox) -> None:
        self.seen.append(event.id)
        self.changed.set()

    async def _answer(self) -> list[str]:
        return self.seen

    async def _task(self) -> None:
        self.runs += 1
        self.changed.set()
        if self.fail and self.runs == 1:
            raise LookupError("a bug that names somebody")
        await asyncio.Event().wait()


class NoWork:
    """Ports of a handler that needs none."""

    async def load(self, events: Sequence[Event]) -> None:
        """Fetch nothing."""
        del events

    async def save(self) -> None:
        """Write nothing."""


def received(message: str) -> tuple[type[Event], MessageReceivedData]:
    """Make what the outbox is given for a received message."""
    return MessageReceived, MessageReceivedData(agency="police", message=message, size=1)


async def _known(authorization: Annotated[str, Header()] = "") -> None:
    if authorization != "me":
        raise HTTPException(401)
