import signal
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from tests.cli.hub_process import Hub, hub_up

pytestmark = pytest.mark.timeout(120)
HUB_MIB = 350
BROKER_MIB = 250
STOP_S = 15
"""On a busy machine; on a quiet one it takes two."""


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncGenerator[Hub]:
    async with hub_up(tmp_path) as hub:
        yield hub


class TestUp:
    async def test_says_where_it_is_lets_the_operator_in_and_stops_when_asked(self, hub: Hub) -> None:
        console = f"http://127.0.0.1:{hub.ports['CONSOLE']}/"
        gateway = f"https://127.0.0.1:{hub.ports['GATEWAY']}/agencies"
        assert console in hub.said
        assert f"{gateway}/police/inbox" in hub.said
        assert f"{gateway}/redcross/inbox" in hub.said
        assert f"http://127.0.0.1:{hub.ports['HEALTH']}/health/ready" in hub.said

        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            assert (await client.get(console, auth=hub.credentials)).status_code == 200
            assert (await client.get(console)).status_code == 401
            assert (await client.get(console, auth=(hub.credentials[0], "wrong"))).status_code == 401

        broker = hub.broker()
        resident = hub.resident_mib(), broker.memory_info().rss // (1024 * 1024)
        print(f"resident: hub {resident[0]} MiB, broker {resident[1]} MiB")  # noqa: T201 - measured, to be seen with -s
        assert resident[0] <= HUB_MIB
        assert resident[1] <= BROKER_MIB

        begin = time.monotonic()
        hub.process.send_signal(signal.SIGTERM)
        assert await hub.process.wait() == 0
        assert time.monotonic() - begin < STOP_S
        assert not broker.is_running()
