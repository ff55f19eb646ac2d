"""A desk: a service on its own empty database, and the runtime around it."""

from collections.abc import Awaitable, Callable

import pytest

from stafet_runtime.clock import SystemIds
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.runtime.desk import BEGUN, SERVICE, TOPIC, Desk


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands."""
    return FakeClock(BEGUN)


@pytest.fixture
async def desk(database_for: Callable[[str], Awaitable[Database]]) -> Desk:
    """A service that writes down what it handled."""
    desk = Desk(await database_for(SERVICE))
    await desk.prepare()
    return desk


@pytest.fixture
def processor(desk: Desk, clock: FakeClock) -> Processor:
    """The runtime around it."""
    return Processor(desk.subscription(), desk.database, clock, SystemIds())


@pytest.fixture
def independent(desk: Desk, clock: FakeClock) -> Processor:
    """The runtime around it, where the records of a key are independent of one another."""
    return Processor(desk.subscription(frozenset({TOPIC})), desk.database, clock, SystemIds())
