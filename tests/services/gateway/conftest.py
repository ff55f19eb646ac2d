"""A gateway on its own empty database, with the real connectors and a vault in memory."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from stafet_runtime.database import Database
from stafet_sdk.certification.samples import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.services.gateway.servers import Server
from tests.services.gateway.serving import Gateway


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    """The gateway's own empty schema."""
    return await database_for("gateway")


@pytest.fixture
def gateway(database: Database) -> Gateway:
    """The composed service, not yet served; its clock stands when the samples were signed."""
    return Gateway(database, FakeClock(NOW), FakeIds(), FakeVault())


@pytest.fixture
async def inbox(gateway: Gateway) -> AsyncGenerator[Gateway]:
    """The gateway behind a real socket."""
    async with gateway.serving():
        yield gateway


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    """A database server of the test's own, in a folder that its account may enter."""
    with TemporaryDirectory(prefix="stafet-") as folder:
        async with Server(Path(folder)) as own:
            yield own
