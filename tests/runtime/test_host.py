import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from io import StringIO
from pathlib import Path

import httpx
import pytest

from stafet_runtime.broker import create_topics
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.database import Database
from stafet_runtime.embedded import KafkaServer
from stafet_runtime.host import HEALTH, Listener, hosting
from stafet_runtime.logging import configure_logging
from stafet_runtime.settings import HubSettings
from stafet_runtime.unit import transaction
from stafet_schemas.topics import topics
from tests.runtime.echo import TOPIC, Echo, received

LOCAL = Listener("127.0.0.1", 0)
LISTENERS = {"gateway": LOCAL, HEALTH: LOCAL}


@pytest.fixture
async def database(database_for: Callable[[str], Awaitable[Database]]) -> Database:
    return await database_for("gateway")


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        yield client


async def until_ready(client: httpx.AsyncClient, port: int) -> dict[str, object]:
    while True:
        answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
        if answer.status_code == 200:
            report: dict[str, object] = answer.json()
            return report
        await asyncio.sleep(0.05)


async def emit(database: Database, *messages: str) -> None:
    async with transaction(database, SystemClock(), SystemIds()) as unit:
        for each in messages:
            unit.outbox.emit(*received(each))


async def until_seen(echo: Echo, count: int) -> None:
    while len(echo.seen) < count:
        echo.changed.clear()
        await echo.changed.wait()


class TestHosting:
    async def test_serves_publishes_and_consumes(
        self, database: Database, kafka: str, topic_prefix: str, client: httpx.AsyncClient
    ) -> None:
        await create_topics(kafka, [topics()[TOPIC]], prefix=topic_prefix)
        settings = HubSettings(kafka=kafka, topic_prefix=topic_prefix)
        echo = Echo()
        async with hosting(
            [echo.service(database)], settings, LISTENERS, SystemClock(), SystemIds()
        ) as ports:
            await emit(database, "one", "two")
            await until_seen(echo, 2)
            seen = await client.get(
                f"http://127.0.0.1:{ports['gateway']}/seen", headers={"authorization": "me"}
            )
            report = await until_ready(client, ports[HEALTH])

        assert seen.json() == echo.seen
        assert report["ready"] is True
        assert await database.pool.fetchval("select count(*) from outbox") == 0

    async def test_serves_while_kafka_is_away_and_catches_up(
        self, database: Database, tmp_path: Path, client: httpx.AsyncClient
    ) -> None:
        async with KafkaServer(tmp_path) as server:
            bootstrap = server.bootstrap
            await create_topics(bootstrap, [topics()[TOPIC]])
        echo = Echo()
        async with hosting(
            [echo.service(database)], HubSettings(kafka=bootstrap), LISTENERS, SystemClock(), SystemIds()
        ) as ports:
            await emit(database, "one")
            health = f"http://127.0.0.1:{ports[HEALTH]}/health"
            live, ready = await client.get(f"{health}/live"), await client.get(f"{health}/ready")
            assert (live.status_code, ready.status_code) == (200, 503)
            assert ready.json()["services"]["gateway"]["outbox"] == 1

            async with KafkaServer(tmp_path):
                await until_seen(echo, 1)
                await until_ready(client, ports[HEALTH])

        assert len(echo.seen) == 1

    async def test_begins_a_task_again_that_a_bug_has_ended_and_logs_no_text_of_it(
        self, database: Database, kafka: str, topic_prefix: str
    ) -> None:
        await create_topics(kafka, [topics()[TOPIC]], prefix=topic_prefix)
        settings = HubSettings(kafka=kafka, topic_prefix=topic_prefix)
        echo, log = Echo(fail=True), StringIO()
        configure_logging(stream=log)
        async with hosting([echo.service(database)], settings, LISTENERS, SystemClock(), SystemIds()):
            while echo.runs < 2:
                echo.changed.clear()
                await echo.changed.wait()

        entries = [json.loads(line) for line in log.getvalue().splitlines()]
        ended = [each for each in entries if each["event"] == "task_ended"]
        assert [each["exception_type"] for each in ended] == ["LookupError"]
        assert "somebody" not in log.getvalue()

    async def test_publishes_what_is_in_the_outbox_before_it_stops(
        self, database: Database, kafka: str, topic_prefix: str, client: httpx.AsyncClient
    ) -> None:
        await create_topics(kafka, [topics()[TOPIC]], prefix=topic_prefix)
        settings = HubSettings(kafka=kafka, topic_prefix=topic_prefix)
        async with hosting(
            [Echo().service(database)], settings, LISTENERS, SystemClock(), SystemIds()
        ) as ports:
            await until_ready(client, ports[HEALTH])
            await emit(database, *map(str, range(50)))

        assert await database.pool.fetchval("select count(*) from outbox") == 0

    async def test_asks_at_the_door_of_a_service_but_not_for_its_health(
        self, database: Database, kafka: str, topic_prefix: str, client: httpx.AsyncClient
    ) -> None:
        await create_topics(kafka, [topics()[TOPIC]], prefix=topic_prefix)
        settings = HubSettings(kafka=kafka, topic_prefix=topic_prefix)
        async with hosting(
            [Echo().service(database)], settings, LISTENERS, SystemClock(), SystemIds()
        ) as ports:
            closed = await client.get(f"http://127.0.0.1:{ports['gateway']}/seen")
            open_to_all = await client.get(f"http://127.0.0.1:{ports[HEALTH]}/health/live")

        assert (closed.status_code, open_to_all.status_code) == (401, 200)
