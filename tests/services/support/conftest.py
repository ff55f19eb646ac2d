"""Support on a real database."""

from collections.abc import Awaitable, Callable

import pytest

from stafet.support.app import build
from stafet.support.settings import SupportSettings
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.support.samples import NOON, Desk


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The service's own empty schema."""
    return await database_for("support")


@pytest.fixture
def processor(database: Database) -> Processor:
    """What takes records through inbox, handlers and outbox."""
    subscription = build(database, SupportSettings()).subscription
    assert subscription is not None
    return Processor(subscription, database, FakeClock(NOON), FakeIds())


@pytest.fixture
def desk(processor: Processor, database: Database) -> Desk:
    """The composed service, as the runtime runs it."""
    return Desk(processor, database)
