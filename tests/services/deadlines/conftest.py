"""Deadlines on a real database, with a clock and a log of the test's own."""

from collections.abc import Awaitable, Callable

import pytest

from stafet.deadlines.adapters.ticker import Ticker
from stafet.deadlines.app import build
from stafet.deadlines.settings import DeadlinesSettings
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.reading import FakeReading
from tests.services.deadlines.samples import NOON, Desk


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The service's own empty schema."""
    return await database_for("deadlines")


@pytest.fixture
def clock() -> FakeClock:
    """The time by which the ticker acts."""
    return FakeClock(NOON)


@pytest.fixture
def reading() -> FakeReading:
    """How far the log is read: all of it."""
    return FakeReading()


@pytest.fixture
def open_desk(database: Database, clock: FakeClock, reading: FakeReading) -> Callable[[], Desk]:
    """Compose the service, as another process would after a restart."""

    def opened() -> Desk:
        ids = FakeIds()
        service = build(database, clock, ids, DeadlinesSettings(), reading=lambda _: reading)
        assert service.subscription is not None
        processor = Processor(service.subscription, database, clock, ids)
        return Desk(processor, Ticker(database, clock, ids, reading), database, clock)

    return opened


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    """The composed service, as the runtime runs it."""
    return open_desk()
