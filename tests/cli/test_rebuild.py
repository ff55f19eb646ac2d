"""State made anew from the log is the state that the running hub made, to the last row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console

from stafet_cli.rebuild import KEPT_ELSEWHERE, SUBSCRIPTIONS, rebuild_command
from stafet_cli.story.phrases import play_on
from stafet_cli.story.show import START, stories
from stafet_cli.story.text import read
from stafet_cli.story.world import Place
from stafet_runtime.broker import create_topics
from stafet_runtime.rebuilder import RebuildError
from stafet_runtime.settings import HubSettings
from stafet_schemas.topics import topics

NOT_OF_THE_LOG = {"inbox", "outbox", "alembic_version", "reports"}
"""`inbox` is compared by its ids; `reports` is what an operator typed."""

State = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Hub:
    """A hub that played a story and was stopped: its log, its database, and the state that it made."""

    settings: HubSettings
    state: State

    async def rebuild(self, *names: str) -> str:
        said = StringIO()
        await rebuild_command(self.settings, names, Console(file=said, width=500))
        return said.getvalue()

    async def drop(self, *names: str) -> None:
        connection = await asyncpg.connect(self.settings.postgres)
        for name in names or tuple(SUBSCRIPTIONS):
            await connection.execute(f"drop schema {name} cascade")
        await connection.close()

    async def now(self) -> State:
        return await state_of(self.settings.postgres)


async def state_of(dsn: str) -> State:
    connection = await asyncpg.connect(dsn)
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        for service in SUBSCRIPTIONS:
            tables = await connection.fetch("select tablename from pg_tables where schemaname = $1", service)
            for name in sorted(row["tablename"] for row in tables if row["tablename"] not in NOT_OF_THE_LOG):
                rows = await connection.fetch(
                    f"select to_jsonb(t) - 'id' as row, t::text from {service}.{name} t order by 2"
                )  # noqa: E501, S608
                found[f"{service}.{name}"] = [json.loads(row["row"]) for row in rows]
            seen = await connection.fetch(f"select event_id::text from {service}.inbox order by 1")  # noqa: S608
            found[f"{service}.inbox"] = [dict(row) for row in seen]
    finally:
        await connection.close()
    return found


@pytest.fixture(params=sorted(stories()))
async def hub(request: pytest.FixtureRequest, kafka: str, dsn: str, topic_prefix: str, tmp_path: Path) -> Hub:
    await create_topics(kafka, topics().values(), prefix=topic_prefix)
    story = read(stories()[request.param])
    async with play_on(Place(kafka, dsn, topic_prefix, tmp_path / "home"), START, story):
        pass
    settings = HubSettings(kafka=kafka, postgres=dsn, topic_prefix=topic_prefix, home=tmp_path)
    return Hub(settings, await state_of(dsn))


async def test_emptied_services_are_as_they_were(hub: Hub) -> None:
    await hub.drop()

    await hub.rebuild()

    now = await hub.now()
    for table, rows in hub.state.items():
        assert now[table] == rows, table
