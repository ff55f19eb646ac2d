"""Identification in memory, and on a real database."""

from collections.abc import Awaitable, Callable

import pytest

from stafet.identification.app import build
from stafet.identification.settings import IdentificationSettings
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.identification.samples import NOON, File, Hub


@pytest.fixture
def file() -> File:
    """A case that nothing is known of, with the service's own rules."""
    return File()


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The service's own empty schema."""
    return await database_for("identification")


@pytest.fixture
def hub(database: Database) -> Hub:
    """The composed service, as the runtime runs it."""
    subscription = build(database, IdentificationSettings()).subscription
    assert subscription is not None
    return Hub(Processor(subscription, database, FakeClock(NOON), FakeIds()), database)
