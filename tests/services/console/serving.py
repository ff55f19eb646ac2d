"""The console behind a real socket, with its task; and a way to record events as the runtime does."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from fastapi import APIRouter, FastAPI

from stafet.console.domain.capacity import Capacity
from stafet.console.domain.steps import Step
from stafet.console.ports import Attention, CaseSummary, Overview, Page, Reporting, StoreUnavailableError
from stafet.console.settings import ConsoleSettings
from stafet_runtime.clock import Clock
from stafet_runtime.service import Service
from stafet_runtime.unit import transaction
from stafet_schemas.event import Event
from tests.fakes.ids import FakeIds

SETTINGS = ConsoleSettings.model_validate(
    {"password": "correct horse battery", "heartbeat_s": 0.2, "page": 3}
)
AUTH = (SETTINGS.operator, SETTINGS.password.get_secret_value())


Record = Callable[[Sequence[Event]], Awaitable[None]]


def recorder(service: Service, clock: Clock) -> Record:
    """Return what takes events through the subscription, all in one transaction."""
    subscription = service.subscription
    assert subscription is not None

    async def record(events: Sequence[Event]) -> None:
        async with transaction(service.database, clock, FakeIds()) as unit:
            work = subscription.open(unit)
            await work.load(events)
            for event in events:
                await subscription.routes[type(event)](event, work, unit.outbox)
            await work.save()

    return record


class EmptyTraces:
    """A hub to which nothing has happened yet."""

    async def newest(self, page: Page) -> Overview:
        del page
        return Overview((), more=False, total=0, stopped=0, waiting=0, parked=0)

    async def case(self, case: str) -> CaseSummary | None:
        del case
        return None

    async def steps(self, case: str, limit: int) -> list[Step]:
        del case, limit
        return []

    async def capacities(self) -> list[Capacity]:
        return []

    async def attention(self, limit: int) -> Attention:
        del limit
        return Attention((), 0)

    async def resolve(self, reference: str) -> str | None:
        del reference
        return None


class Closed(AbstractAsyncContextManager[Reporting]):
    """A transaction that cannot be opened."""

    async def __aenter__(self) -> Reporting:
        raise StoreUnavailableError

    async def __aexit__(self, *raised: object) -> None:
        del raised


class EndedFeed:
    """A hub that stops."""

    async def changes(self, case: str | None, heartbeat_s: float) -> AsyncGenerator[bool]:
        del case, heartbeat_s
        yield True


def app_of(router: APIRouter | None) -> FastAPI:
    assert router is not None
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    return app


@asynccontextmanager
async def serve(service: Service) -> AsyncGenerator[str]:
    """Yield the address; on leaving the task is cancelled first, which must end every live stream."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app_of(service.router), log_config=None, lifespan="off", timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    tasks = [asyncio.ensure_future(each()) for each in service.tasks]
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.should_exit = True
        await running
        listener.close()
