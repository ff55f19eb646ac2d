"""Dispatch's own empty schema, a clock that stands, a vault in memory, and a way to open it all."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.partner_server import Script
from tests.fakes.vault import FakeVault
from tests.services.dispatch.hub import FETCHING, POLICE_TAKE, TAKES, Hub, Opener, Partners, make_hub, serving
from tests.services.dispatch.samples import NOON


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at noon."""
    return FakeClock(NOON)


@pytest.fixture
def ids() -> FakeIds:
    """Ids in sequence."""
    return FakeIds()


@pytest.fixture
def vault() -> FakeVault:
    """An open vault."""
    return FakeVault()


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The service's own empty schema."""
    return await database_for("dispatch")


@pytest.fixture
def opened(database: Database, clock: FakeClock, ids: FakeIds, vault: FakeVault) -> Opener:
    """Open a hub whose partners behave as scripted."""

    @asynccontextmanager
    async def open_one(
        redcross_does: Script = TAKES, police_do: Script = POLICE_TAKE, *, deadline_s: float = 30.0
    ) -> AsyncGenerator[tuple[Hub, Partners]]:
        async with serving(redcross_does, police_do, deadline_s=deadline_s) as partners:
            yield make_hub(database, clock, ids, vault, partners), partners

    return open_one


@pytest.fixture
def fetching(database: Database, clock: FakeClock, ids: FakeIds, vault: FakeVault) -> Opener:
    """Open a hub from which the Red Cross fetches."""

    @asynccontextmanager
    async def open_one(
        redcross_does: Script = TAKES, police_do: Script = POLICE_TAKE, *, deadline_s: float = 30.0
    ) -> AsyncGenerator[tuple[Hub, Partners]]:
        async with serving(redcross_does, police_do, deadline_s=deadline_s) as partners:
            yield make_hub(database, clock, ids, vault, partners, connectors=FETCHING), partners

    return open_one
