"""A console on its own empty database, and a way to record events as the runtime does."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from stafet.console.adapters.traces import PostgresTraces
from stafet.console.app import build
from stafet.console.http import Recording, console_router
from stafet.console.http.consents import ConsentViews
from stafet.console.http.reports import ReportViews
from stafet_runtime.database import Database
from stafet_runtime.service import Service
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.services.console.serving import (
    AUTH,
    SETTINGS,
    Closed,
    EmptyTraces,
    EndedFeed,
    Record,
    app_of,
    recorder,
)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands an hour after the stories begin."""
    return FakeClock(datetime(2026, 11, 24, 10, tzinfo=UTC))


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The console's own empty schema."""
    return await database_for("console")


@pytest.fixture
def vault() -> FakeVault:
    """The vault, as far as the console may use it."""
    return FakeVault()


@pytest.fixture
def console(database: Database, clock: FakeClock, vault: FakeVault) -> Service:
    """The composed service."""
    return build(database, clock, FakeIds(), SETTINGS, desk=vault)


@pytest.fixture
def traces(database: Database) -> PostgresTraces:
    """What the pages read."""
    return PostgresTraces(database.pool)


@pytest.fixture
def record(console: Service, clock: FakeClock) -> Record:
    """Take events through the subscription in one transaction, as the runtime does."""
    return recorder(console, clock)


@pytest.fixture
async def client(console: Service) -> AsyncGenerator[httpx.AsyncClient]:
    """An operator's browser, without a socket."""
    transport = httpx.ASGITransport(app_of(console.router))
    async with httpx.AsyncClient(transport=transport, base_url="http://console", auth=AUTH) as browser:
        yield browser


@pytest.fixture
async def stranger(clock: FakeClock) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody's browser at an empty console; nobody is signed in."""
    traces = EmptyTraces()
    reports = ReportViews(traces, Closed, clock, FakeIds(), "cmm")
    recording = Recording(ConsentViews(None, FakeIds()), reports)
    router = console_router(traces, EndedFeed(), clock, SETTINGS, recording)
    transport = httpx.ASGITransport(app_of(router))
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as browser:
        yield browser


@pytest.fixture
def visitor(stranger: httpx.AsyncClient) -> httpx.AsyncClient:
    """An operator's browser at an empty console."""
    stranger.auth = AUTH
    return stranger
