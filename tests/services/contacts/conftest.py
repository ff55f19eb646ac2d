"""Contacts on a real database."""

from collections.abc import Awaitable, Callable

import pytest

from stafet.contacts.app import build
from stafet.contacts.settings import ContactsSettings
from stafet_runtime.consumer import Processor
from stafet_runtime.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.services.contacts.samples import MONDAY_NOON, Desk


@pytest.fixture
async def desk(database_for: Callable[[str], Awaitable[Database]]) -> Desk:
    """The composed service, as the runtime runs it."""
    database = await database_for("contacts")
    subscription = build(database, ContactsSettings()).subscription
    assert subscription is not None
    return Desk(Processor(subscription, database, FakeClock(MONDAY_NOON), FakeIds()), database)
